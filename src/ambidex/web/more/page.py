"""/more: every page this person may open, how light it is, which keys there are, and the way out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.values import dataclass
from ambidex.web.edge import Runs, Session, Who, frame, page
from ambidex.web.parts.views import Row
from ambidex.web.rendering import render
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """A page, and what it asks of whom."""

    path: str
    icon: str
    title: str
    note: str
    asks: Permission


OFFERS = (
    Offer("/work", "list-checks", "My work", "What to do now, the most urgent first", Permission.WORK_READ),
    Offer(
        "/count",
        "clipboard-list",
        "Count",
        "What to count next, and what protects most",
        Permission.STOCK_COUNT,
    ),
    Offer("/arrivals", "door-open", "Arrivals", "Who is here, who is on the way", Permission.WORK_READ),
    Offer("/waves", "route", "Waves", "One walk for many orders, a tote for each", Permission.WORK_READ),
    Offer("/pack", "package-plus", "Pack", "Boxes, weights and labels", Permission.WORK_READ),
    Offer("/dispatch", "truck", "Dispatch", "Hand packages to their carrier", Permission.WORK_READ),
    Offer(
        "/parcels",
        "package",
        "Parcels that did not arrive",
        "Choose what is done; scan in what is back",
        Permission.WORK_READ,
    ),
    Offer("/receive", "package-open", "Receive", "Scan in what arrived", Permission.STOCK_READ),
    Offer(
        "/transfers",
        "truck",
        "Transfer",
        "Send units to another place, or ask for some",
        Permission.STOCK_READ,
    ),
    Offer("/board", "layout-grid", "Board", "For the screen on the wall", Permission.WORK_READ),
    Offer("/find", "search", "Find", "Any order, by anything known of it", Permission.ORDERS_READ),
    Offer(
        "/promise",
        "calendar",
        "What would we promise?",
        "When and how somebody can have it",
        Permission.STOCK_READ,
    ),
    Offer(
        "/parking",
        "hourglass",
        "Parking queue",
        "Orders that nobody can send now, and who looks for a place",
        Permission.ORDERS_READ,
    ),
    Offer(
        "/parked", "inbox", "Parked", "Messages of other systems that wait for repair", Permission.INBOX_READ
    ),
    Offer("/stock", "boxes", "Stock", "What may be promised of each item, and why", Permission.STOCK_READ),
    Offer(
        "/routing", "route", "Routing", "Which rules choose who sends what, and why", Permission.ORDERS_READ
    ),
    Offer(
        "/capacity",
        "calendar",
        "Capacity",
        "How much work each place takes; pause one",
        Permission.PLACES_READ,
    ),
    Offer("/drift", "shuffle", "Drift", "Where our stock and others differ, and why", Permission.STOCK_READ),
    Offer("/feeds", "webhook", "Feeds", "What each channel is told about stock", Permission.STOCK_READ),
    Offer(
        "/messages", "mail", "Messages", "What customers are told, and how it looks", Permission.ORDERS_READ
    ),
    Offer("/mailbox", "mail-check", "Mailbox", "The letters of this demo", Permission.MAILBOX_READ),
    Offer("/parts", "boxes", "Parts", "The building blocks of these pages", Permission.ORDERS_READ),
)
KEYS = (
    ("/", "Search or command, also Ctrl K"),
    ("J", "Next in a list"),
    ("K", "The one before"),
    ("Enter", "Open it"),
    ("Esc", "Close, or one page up"),
)


@router.get("/more", dependencies=[page(Permission.ORDERS_READ)])
async def more(request: Request, who: Who, runs: Runs, session: Session) -> HTMLResponse:
    async with runs.reading() as read:
        shell = await frame(request, who, read)
    keys = [(key, _(what)) for key, what in KEYS]
    is_shared = session.device.shared
    return render(request, "more/more.html", shell=shell, rows=rows_for(who), keys=keys, is_shared=is_shared)


def rows_for(who: Actor) -> tuple[Row, ...]:
    """The pages this person may open; who belongs to no place counts nowhere."""
    return tuple(
        Row(title=_(each.title), note=_(each.note), icon=each.icon, href=each.path)
        for each in OFFERS
        if who.may(each.asks) and (who.at is not None or each.asks is not Permission.STOCK_COUNT)
    )
