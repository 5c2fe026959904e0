"""Which pages each role sees first. Pages may hide, never decide: what somebody may do is the actor's."""

from __future__ import annotations

from collections.abc import Mapping

from ambidex.kernel.values import replace
from ambidex.web.shell.view import NavItem

SCAN = NavItem(path="/scan", icon="scan-barcode", label="Scan", key="s", look="scan")
WORK = NavItem(path="/work", icon="list-checks", label="My work", key="w")
FIND = NavItem(path="/find", icon="search", label="Find", key="f")
ARRIVALS = NavItem(path="/arrivals", icon="door-open", label="Arrivals", key="v")
WAVES = NavItem(path="/waves", icon="route", label="Waves", key="n", look="wide")
PACK = NavItem(path="/pack", icon="package-plus", label="Pack", key="x", look="wide")
DISPATCH = NavItem(path="/dispatch", icon="truck", label="Dispatch", key="q", look="wide")
MORE = NavItem(path="/more", icon="ellipsis", label="More", key="m")
BOARD = NavItem(path="/board", icon="layout-grid", label="Board", key="b", look="wide")
PARKED = NavItem(path="/parked", icon="inbox", label="Parked", key="p")
STOCK = NavItem(path="/stock", icon="boxes", label="Stock", key="o")
MESSAGES = NavItem(path="/messages", icon="mail", label="Messages", key="g", look="wide")
DRIFT = NavItem(path="/drift", icon="shuffle", label="Drift", key="d", look="wide")
FEEDS = NavItem(path="/feeds", icon="webhook", label="Feeds", key="e", look="wide")
ROUTING = NavItem(path="/routing", icon="route", label="Routing", key="u")
PARTS = NavItem(path="/parts", icon="boxes", label="Parts", key="t", look="wide")

STORE = (WORK, FIND, SCAN, ARRIVALS, MORE)
SENDING = (WAVES, PACK, DISPATCH)
DESK = (FIND, WORK, SCAN, PARKED, MORE)

NAV: dict[str, tuple[NavItem, ...]] = {
    "associate": (*STORE, *SENDING),
    "picker": (*STORE, *SENDING),
    "lead": (*STORE, *SENDING, BOARD),
    "supervisor": (*STORE, *SENDING, BOARD),
    "agent": DESK,
    "district": (FIND, WORK, SCAN, STOCK, ROUTING, MORE, BOARD),
    "experience": (FIND, WORK, STOCK, ROUTING, PARKED, DRIFT, FEEDS, MESSAGES, MORE),
    "reader": (FIND, STOCK, MORE),
    "partner": (WORK, FIND, SCAN, MORE),
    "admin": (FIND, WORK, STOCK, ROUTING, PARKED, DRIFT, FEEDS, MESSAGES, MORE, BOARD, PARTS),
}
TOUCH_ROLES = frozenset({"associate", "picker", "lead", "supervisor", "partner"})


def nav_for(role: str, counts: Mapping[str, int] | None = None) -> tuple[NavItem, ...]:
    """The entries of a role, with numbers by address ({"/work": 4})."""
    known = counts or {}
    return tuple(replace(item, count=known.get(item.path, 0)) for item in NAV.get(role, (FIND, MORE)))


def density_for(role: str) -> str:
    """Touch for people on their feet, desk for people at a desk."""
    return "touch" if role in TOUCH_ROLES else "desk"
