"""Whether it came true: what became of each parcel of a decision, in a sentence with its meaning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ambidex.kernel.values import dataclass
from ambidex.reads.receipt_page import Part
from ambidex.web.formats import local_when
from ambidex.web.orders.receipt.known import Known, PlannedPart, Receipt, Snapshot
from ambidex.web.parts.meanings import Mean
from ambidex.web.words import translate as _

CERTAIN = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """One parcel since then. `title` is the verdict, `text` what happened."""

    title: str
    text: str
    mean: Mean


TRUE, NOT, OPEN = _("It came true."), _("It did not come true."), _("Not known yet.")
DONE = frozenset({"delivered", "handed_over"})
ON_THE_WAY = frozenset({"dispatched"})
FAILED = {
    "refused": _("%(place)s refused it%(cause)s."),
    "lapsed": _("%(place)s did not answer in time."),
    "taken_back": _("It was taken back from %(place)s%(cause)s."),
    "canceled": _("The order was canceled%(cause)s."),
    "short": _("%(place)s could not find it%(cause)s.%(sure)s"),
    "delivery_failed": _("%(place)s sent it; it could not be delivered."),
    "returned_to_sender": _("%(place)s sent it; it came back."),
    "lost": _("%(place)s sent it; it was lost on the way."),
}
GOING = {
    "offered": _("%(place)s has it in the list and has not answered."),
    "accepted": _("%(place)s accepted it."),
    "picking": _("%(place)s is picking it."),
    "picked": _("%(place)s has picked it."),
    "packed": _("%(place)s has packed it."),
    "dispatched": _("%(place)s has sent it; it is on the way."),
}


def outcomes(receipt: Receipt, snapshot: Snapshot, parts: Iterable[Part], known: Known) -> list[Outcome]:
    """One sentence for each parcel of the decision."""
    found = list(parts)
    return [_outcome(planned, found, snapshot, known) for planned in receipt.chosen.parts]


def _outcome(planned: PlannedPart, parts: Sequence[Part], snapshot: Snapshot, known: Known) -> Outcome:
    part = next((one for one in parts if one.place == planned.site), None)
    place = known.place(planned.site)
    if part is None:
        return Outcome(_(OPEN), _("%(place)s has not been offered it.", place=place), Mean.NONE)
    facts = {
        "place": place,
        "cause": f": {part.cause}" if part.cause else "",
        "sure": _sure(planned, snapshot),
    }
    if part.state in DONE:
        return _delivered(part, place, known, planned.site)
    if part.state == "canceled":
        return Outcome(_(OPEN), _(FAILED["canceled"], **facts), Mean.NONE)
    if part.state in FAILED:
        return Outcome(_(NOT), _(FAILED[part.state], **facts), Mean.BROKEN)
    if part.short:
        return Outcome(_(NOT), _(FAILED["short"], **facts), Mean.BROKEN)
    return Outcome(_(OPEN), _(GOING.get(part.state, GOING["accepted"]), **facts), Mean.NONE)


def _delivered(part: Part, place: str, known: Known, code: str) -> Outcome:
    when = local_when(part.state_since, known.zones.get(code, "UTC"), known.now)
    late = part.promised_at is not None and part.state_since > part.promised_at
    if late:
        return Outcome(
            _(NOT), _("%(place)s sent it; delivered %(when)s, late.", place=place, when=when), Mean.BROKEN
        )
    return Outcome(
        _(TRUE), _("%(place)s sent it; delivered %(when)s.", place=place, when=when), Mean.ON_TRACK
    )


def _sure(planned: PlannedPart, snapshot: Snapshot) -> str:
    """How sure the decision was that the least sure of its lines is there."""
    rows = [n for n, line in enumerate(snapshot.demand.lines) if line.line_no in planned.lines]
    at = snapshot.network.index.get(planned.site)
    if at is None or not rows:
        return ""
    percent = min(int(snapshot.chance[row][at]) for row in rows) // CERTAIN
    return " " + _("It counted on %(n)s %% of such picks to succeed.", n=percent)
