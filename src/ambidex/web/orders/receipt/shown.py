"""Everything a receipt shows, whoever stored it: the page shows a stored one, the gallery one of made-up facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ambidex.kernel.values import dataclass
from ambidex.reads.receipt_page import Around
from ambidex.web.formats import local_full, local_when
from ambidex.web.orders.receipt import flips, since, sketch, view, why
from ambidex.web.orders.receipt.causes import cause_words
from ambidex.web.orders.receipt.known import Known, Receipt, Snapshot, listed
from ambidex.web.parts.views import Column
from ambidex.web.words import translate as _

TURNS_MAX = 4


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a decision beside itself. `replayed`: made once more, the same or not; None: not tried.

    `until`: when the order was decided again. `examples`: of the rules, how many pass of how many. `night`: what differed in
    the nightly replay, "" when nothing did, None when there was none.
    """

    number: int
    cause: str
    arm: str
    rules: str
    decided_at: datetime
    took_us: int
    replayed: bool | None = None
    until: datetime | None = None
    examples: tuple[int, int] = (0, 0)
    night: str | None = None


def clock_of(receipt: Receipt, known: Known) -> str:
    """The zone of the first chosen place."""
    return known.zones.get(receipt.chosen.sites[0], "UTC") if receipt.chosen.sites else "UTC"


def context(
    receipt: Receipt, snapshot: Snapshot, stored: Stored, around: Around, known: Known
) -> dict[str, Any]:
    """The values of the templates."""
    turns = flips.turns(receipt, snapshot, known)
    left = view.left_out(receipt, snapshot, known)
    return {
        "receipt": receipt,
        "stored": stored,
        "headline": why.headline(receipt, known),
        "sentence": _sentence(receipt, snapshot, stored, known),
        "map": sketch.sketch(receipt, snapshot, known, customer=around.customer),
        "turns": turns[:TURNS_MAX],
        "turns_more": turns[TURNS_MAX:],
        "outcomes": since.outcomes(receipt, snapshot, _parts(around, stored), known),
        "scores": view.scores(receipt, known),
        "shades": view.shades(receipt),
        "table": view.score_table(receipt, known),
        "out_columns": (
            Column(title=_("Why")),
            Column(title=_("Nearest")),
            Column(title=_("Places"), kind="n"),
        ),
        "out_rows": [[one.why, one.nearest, one.count] for one in left],
        "out_count": len({code for codes in receipt.out.values() for code in codes}),
        "breaking": view.breaking(receipt, known),
        "scarce": view.scarce(receipt, known),
        "proof": _proof(receipt, snapshot, stored, known),
    }


def _parts(around: Around, stored: Stored) -> list[Any]:
    """Works that came from this decision: offered from then on, and before the next one."""
    return [
        part
        for part in around.parts
        if part.offered_at >= stored.decided_at and (stored.until is None or part.offered_at < stored.until)
    ]


def _sentence(receipt: Receipt, snapshot: Snapshot, stored: Stored, known: Known) -> str:
    """When, how fast, among how many, and what for."""
    when = local_when(stored.decided_at, clock_of(receipt, known), known.now)
    wanted = listed([f"{line.units} × {known.title(line.line_no)}" for line in snapshot.demand.lines])
    facts = {"cause": cause_words(stored.cause), "when": when, "took": view.took(stored.took_us)}
    places = _("%(n)s places", n=len(snapshot.network.sites))
    return _(
        "%(cause)s: decided %(when)s in %(took)s, among %(places)s. %(wanted)s.",
        places=places,
        wanted=wanted,
        **facts,
    )


def _proof(receipt: Receipt, snapshot: Snapshot, stored: Stored, known: Known) -> list[tuple[str, str]]:
    lines, places = len(snapshot.demand.lines), len(snapshot.network.sites)
    arm = _(", on trial") if stored.arm == "canary" else ""
    version = _("version %(n)s", n=receipt.version) if receipt.version else _("built in")
    pairs = [
        (_("Rules"), f"{version}, “{stored.rules}”{arm}"),
        (_("Decided"), local_full(stored.decided_at, clock_of(receipt, known))),
        (_("It took"), view.took(stored.took_us)),
        (_("Known then"), _("%(n)s figures of stock at %(places)s places", n=lines * places, places=places)),
        (_("Fingerprint"), view.marked(receipt.fingerprint)),
    ]  # fmt: skip
    if stored.examples[1]:
        pairs.insert(
            1, (_("Their examples"), _("%(n)s of %(all)s pass", n=stored.examples[0], all=stored.examples[1]))
        )
    if snapshot.price.any():
        scarce = _("prices were on, for %(n)s of these figures", n=int((snapshot.price > 0).sum()))
        pairs.append((_("Scarce stock"), scarce))
    if stored.night is not None:
        pairs.append((_("Decided again at night"), stored.night or _("the same to the bit")))
    if stored.replayed is not None:
        pairs.append((_("Decided again"), _("the same to the bit") if stored.replayed else _("differently")))
    if receipt.is_bounded:
        pairs.append((_("Compared"), _compared(receipt, known)))
    return pairs


def _compared(receipt: Receipt, known: Known) -> str:
    """Why not every way was, and what that can have cost."""
    if not receipt.unproved:
        return _("not every way: too many lines, or limits that lines share")
    return _(
        "not every way: too many lines. The search was stopped; another plan over the same places could be %(money)s cheaper at most",
        money=known.money(receipt.unproved),
    )
