"""Drift in plain words: what differs, why, how sure, what repairing it would do."""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.domains.governance import DriftCause, DriftKind, DriftState, Fact
from ambidex.kernel.money import Money
from ambidex.reads.drift_page import DriftFigures, DriftView, PlaceRights, StreamView
from ambidex.web.formats import in_minutes, local_when, money, span
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Column, Consequence, Row, Stat, Tab
from ambidex.web.words import translate as _

CAUSES = {
    DriftCause.LOST_FILE: _("Lost file"),
    DriftCause.DOUBLED_DELTA: _("Doubled delta"),
    DriftCause.LATE_SALE: _("Late sale"),
    DriftCause.MISSED_MESSAGE: _("Missed message"),
    DriftCause.DOUBLE_RESTOCK: _("Double restock"),
    DriftCause.STUCK_CONNECTOR: _("Stuck connector"),
    DriftCause.NO_AUTHORITY: _("No authority"),
    DriftCause.UNKNOWN: _("Cause unknown"),
}
ICONS = {
    DriftCause.LOST_FILE: "file-text",
    DriftCause.DOUBLED_DELTA: "copy",
    DriftCause.LATE_SALE: "clock",
    DriftCause.MISSED_MESSAGE: "mail",
    DriftCause.DOUBLE_RESTOCK: "repeat",
    DriftCause.STUCK_CONNECTOR: "unplug",
    DriftCause.NO_AUTHORITY: "ban",
    DriftCause.UNKNOWN: "circle-help",
}
STATES = {
    DriftState.OPEN: _("Open"),
    DriftState.REPAIRED: _("Repaired"),
    DriftState.EXPLAINED: _("Explained"),
    DriftState.DISMISSED: _("Let go"),
}
FACTS = {
    Fact.SALES: _("Sales"),
    Fact.COUNTS: _("Counts"),
    Fact.RECEIPTS: _("Receipts"),
    Fact.RETURNS: _("Returns"),
    Fact.CLAIMS: _("Claims"),
}
HOLDERS = {
    "till": _("The till"),
    "warehouse": _("Warehouse system"),
    "third_party": _("The partner"),
    "ambidex": _("Ambidex"),
}
TABS = {"open": _("Open"), "past": _("History"), "rights": _("Who may say"), "streams": _("Connectors")}


def tabs(here: str, counts: dict[str, int]) -> list[Tab]:
    return [
        Tab(label=label, href=f"/drift?show={key}", count=counts.get(key), here="page" if key == here else "")
        for key, label in TABS.items()
    ]


def sentence(drifts: list[DriftView], now: datetime) -> str:
    if not drifts:
        return _("Our book agrees with everybody who may say what lies where.")
    oldest = span(now - min(view.drift.opened_at for view in drifts))
    if len(drifts) == 1:
        return _("One difference is open, worth %(value)s, since %(age)s.", value=worth(drifts), age=oldest)
    return _(
        "%(count)s differences are open, worth %(value)s; the oldest since %(age)s.",
        count=len(drifts),
        value=worth(drifts),
        age=oldest,
    )


def worth(drifts: list[DriftView]) -> str:
    """Both directions added up, one sum for each currency."""
    sums: dict[str, int] = {}
    for view in drifts:
        sums[view.drift.currency] = sums.get(view.drift.currency, 0) + abs(view.drift.value_minor)
    return " + ".join(money(Money(minor, currency)) for currency, minor in sorted(sums.items()))


def stats(figures: DriftFigures, drifts: list[DriftView]) -> list[Stat]:
    named = (
        _("%(share)s %%", share=round(100 * figures.named_today / figures.closed_today))
        if figures.closed_today
        else "–"
    )
    return [
        Stat(label=_("Open"), value=str(len(drifts)), mean=Mean.AT_RISK if drifts else Mean.ON_TRACK),
        Stat(
            label=_("Repaired, 24 h"),
            value=str(figures.repaired_today),
            note=_("%(count)s by itself", count=figures.by_itself_today),
            icon="check",
        ),
        Stat(label=_("With a cause, 24 h"), value=named, icon="search"),
        Stat(
            label=_("Silent"),
            value=str(figures.silent),
            mean=Mean.BROKEN if figures.silent else Mean.ON_TRACK,
            href="/drift?show=streams",
        ),
        Stat(
            label=_("Numbers missing"),
            value=str(figures.missing),
            mean=Mean.AT_RISK if figures.missing else Mean.ON_TRACK,
            href="/drift?show=streams",
        ),
    ]


def row(view: DriftView, now: datetime) -> Row:
    drift = view.drift
    when = drift.opened_at if drift.closed_at is None else drift.closed_at
    state = "" if drift.state is DriftState.OPEN else f"{STATES[drift.state]} · "
    return Row(
        title=_(
            "%(amount)s × %(item)s at %(place)s",
            amount=signed(drift.amount),
            item=view.title,
            place=view.place,
        ),
        note=f"{state}{CAUSES[drift.cause]} · {in_minutes(when, now)}. {drift.words}",
        end=money(Money(abs(drift.value_minor), drift.currency)),
        href=f"/drift/{drift.drift_id}",
        icon=ICONS[drift.cause],
    )


def chip(view: DriftView) -> Chip:
    drift = view.drift
    if drift.state is not DriftState.OPEN:
        mean = Mean.ON_TRACK if drift.state is not DriftState.DISMISSED else Mean.NONE
        return Chip(text=f"{STATES[drift.state]} · {CAUSES[drift.cause]}", mean=mean)
    return Chip(
        text=CAUSES[drift.cause], mean=Mean.BROKEN if drift.cause is DriftCause.UNKNOWN else Mean.AT_RISK
    )


def heading(view: DriftView) -> str:
    return _("%(amount)s × %(item)s", amount=signed(view.drift.amount), item=view.title)


COUNTS = {
    "open": _("asked for"),
    "counting": _("somebody is counting"),
    "recount": _("another person counts it again"),
    "to_approve": _("a lead decides"),
}


def facts(view: DriftView, now: datetime) -> list[tuple[str, str]]:
    drift = view.drift
    said = drift.kind is DriftKind.UNHEARD
    pairs = [
        (_("Place"), view.place),
        (
            _("Said to have changed by") if said else _("%(source)s says", source=view.source),
            _units(drift.said),
        ),
        (
            ""
            if said
            else _("May be sold there")
            if drift.kind is DriftKind.SHOWN
            else _("Our book of then"),
            _units(drift.book),
        ),
        (_("As of"), local_when(drift.as_of, view.zone, now)),
        (_("Worth"), money(Money(abs(drift.value_minor), drift.currency))),
        (_("Cause"), f"{CAUSES[drift.cause]} ({_('sure') if drift.certain else _('not sure')})"),
        (_("Evidence"), "; ".join(str(one) for one in drift.evidence)),
        (_("Count"), COUNTS.get(view.count, "")),
        (_("Owner"), f"@{drift.owner_role}"),
        (_("Seen"), local_when(drift.opened_at, view.zone, now)),
        (_("Named"), "" if drift.named_at is None else local_when(drift.named_at, view.zone, now)),
        (_("Ended"), "" if drift.closed_at is None else local_when(drift.closed_at, view.zone, now)),
        (_("Result"), drift.outcome),
    ]
    return [(name, value) for name, value in pairs if name and value]


def repair_words(view: DriftView, now: datetime) -> list[Consequence]:
    """What the button does, before it is pressed."""
    drift = view.drift
    if drift.kind is DriftKind.UNHEARD:
        return [
            Consequence(amount=signed(drift.amount), text=_("units in our book, each when it happened.")),
            Consequence(
                text=_("Only if %(source)s may say it by now: decide that first.", source=view.source)
            ),
        ]
    when = local_when(drift.as_of, view.zone, now)
    way = _("found") if drift.amount > 0 else _("written off")
    return [
        Consequence(
            amount=signed(drift.amount),
            text=_("units in our book as of %(when)s: one entry, %(way)s", when=when, way=way),
        ),
        Consequence(
            text=_("What happened since then stays; what arrives late from before changes nothing more.")
        ),
        Consequence(
            text=_("Promises that lose their unit become tasks, the most urgent first."), icon="users"
        ),
    ]


STREAM_COLUMNS = (
    Column(title=_("Who")),
    Column(title=_("Place")),
    Column(title=_("State")),
    Column(title=_("Last heard")),
    Column(title=_("Usually every")),
    Column(title=_("Numbers missing"), kind="n"),
)


def stream_row(view: StreamView, now: datetime) -> tuple[object, ...]:
    silent = view.silent_since is not None
    state = (
        Chip(text=_("Silent"), mean=Mean.BROKEN)
        if silent
        else Chip(text=_("Numbers missing"), mean=Mean.AT_RISK)
        if view.missing
        else Chip(text=_("Speaks"), mean=Mean.ON_TRACK)
    )
    usual = span(view.usual) if view.usual > timedelta() else "–"
    return (
        f"{view.source} · {view.stream}",
        view.place,
        state,
        in_minutes(view.heard_at, now),
        usual,
        view.missing,
    )


RIGHT_COLUMNS = (Column(title=_("Place")), *(Column(title=word) for word in FACTS.values()))


def right_row(one: PlaceRights) -> tuple[object, ...]:
    return (one.name, *(holder_word(one, fact) for fact in FACTS))


def holder_word(one: PlaceRights, fact: Fact) -> str:
    holder = one.holders[fact]
    word = HOLDERS.get(holder, holder)
    return _("%(holder)s (decided)", holder=word) if fact in one.given else word


def signed(amount: int) -> str:
    return f"+{amount}" if amount > 0 else f"\N{MINUS SIGN}{-amount}"


def _units(count: int) -> str:
    return _("%(count)s units", count=count)
