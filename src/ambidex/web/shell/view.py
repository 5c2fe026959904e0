"""What the frame around a page needs to know; the edge builds it from the signed-in actor."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request

from ambidex.kernel.values import dataclass
from ambidex.web.parts.clocks import words as clock_words
from ambidex.web.words import translate as _

THEMES = frozenset({"light", "dark"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """One entry of the rail and the bottom bar. `look`: scan (raised, in the middle), wide (rail only) or nothing.

    `key` is a letter: barcodes end in digits, and a slow scanner must not walk through the pages.
    """

    path: str
    icon: str
    label: str
    count: int = 0
    look: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The top of a task page on a phone: back, what, for whom. The bottom bar gives way to block bottom_action."""

    title: str
    back: str
    back_label: str
    sub: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The frame of a page for a signed-in person. `path` is the current address; `now` the clock of the system,
    `pace` how fast it runs (1, unless a demo hurries).
    """

    person: str
    role_label: str
    place: str
    local_time: str
    nav: tuple[NavItem, ...]
    path: str
    csrf: str
    live_position: int
    now: datetime
    theme: str = "system"
    density: str = "desk"
    place_icon: str = "store"
    place_href: str = "/"
    lock_after_seconds: int = 180
    pace: float = 1.0
    task: Task | None = None

    def is_here(self, item: NavItem) -> bool:
        """True for the entry whose address is the longest beginning of the current one."""
        fitting = [each.path for each in self.nav if _begins(self.path, each.path)]
        return bool(fitting) and item.path == max(fitting, key=len)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The frame of a customer's page: the shop, never us."""

    name: str
    home: str
    now: datetime
    help_href: str = "#help"
    languages: tuple[tuple[str, str, str], ...] = ()
    note: str = ""


def theme_of(request: Request) -> str:
    """The scheme this browser chose: light, dark or system."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else "system"


def script_words() -> dict[str, str]:
    """Sentences the scripts of the page say, in the language of the page."""
    return {
        **{str(mean): text for mean, text in clock_words().items()},
        "under": _("under 1 min"),
        "min": _("{n} min"),
        "h": _("{h} h {m}"),
        "day": _("1 day"),
        "days": _("{n} days"),
        "in": _("in {span}"),
        "ago": _("{span} ago"),
        "undo": _("Undo"),
        "close": _("Close"),
        "away": _("Live updates are away since {time}."),
        "failed": _("That did not arrive. Check the network and try again."),
        "unknown": _("Nothing here answers to {code}."),
        "no-camera": _("The camera cannot be used. Type the code instead."),
        "newer": _("Something new arrived here. Show it"),
    }


def _begins(path: str, start: str) -> bool:
    return path == start or (start != "/" and path.startswith(start.rstrip("/") + "/"))
