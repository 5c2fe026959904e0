"""The headline of a receipt: the chosen places, and what decided against the next best plan."""

from __future__ import annotations

from collections.abc import Callable

from ambidex.web.orders.receipt.known import (
    DOUBT,
    FAR_METRES,
    GROUPS,
    LATENESS,
    SCARCE,
    SENDING,
    SPLIT,
    WORK,
    Cost,
    Group,
    Known,
    Plan,
    Receipt,
    distance,
    length,
    listed,
    spent,
)
from ambidex.web.words import translate as _

REASONS_MAX = 2
# what saves less than a twentieth of the largest saving decided nothing
WEIGHS = 20


def headline(receipt: Receipt, known: Known) -> str:
    """One sentence: who, and why."""
    if not receipt.chosen.parts:
        return _("Nobody can send it: %(why)s", why=_nobody(receipt, known))
    said = _(
        "%(places)s, because %(why)s", places=known.places(receipt.chosen.sites), why=because(receipt, known)
    )
    if not receipt.chosen.unfilled:
        return said
    waits = listed([f"{units} × {known.title(line)}" for line, units in receipt.chosen.unfilled.items()])
    return _("%(said)s; %(waits)s waits for stock", said=said, waits=waits)


def because(receipt: Receipt, known: Known) -> str:
    """What decided: at most two reasons, the weightier first."""
    if receipt.runner_up is None:
        if receipt.is_bounded:
            return _("it costs the least of the ways that were compared")
        return _("no other place can send it") if len(receipt.candidates) <= 1 else _("there is no other way")
    reasons = _reasons(receipt.chosen, receipt.runner_up, known)
    return listed(reasons) if reasons else _("it costs as little as any other way")


def _reasons(chosen: Plan, other: Plan, known: Known) -> list[str]:
    gains = {group: spent(other, group) - spent(chosen, group) for group in GROUPS}
    found = sorted(((gain, group.shade, group) for group, gain in gains.items() if gain > 0), key=_weight)
    counted = [group for gain, _shade, group in found if gain * WEIGHS >= found[0][0]]
    words = dict.fromkeys(_SAID[group.word](chosen, other, known, gains[group]) for group in counted)
    return [*_first_of_all(chosen, other), *words][:REASONS_MAX]


def _first_of_all(chosen: Plan, other: Plan) -> list[str]:
    """What goes before money: everything sent, and the promise kept."""
    if sum(other.unfilled.values()) > sum(chosen.unfilled.values()):
        return [_("it has all of it") if not chosen.unfilled else _("it has more of it")]
    mine, theirs = chosen.arrives_at, other.arrives_at
    if chosen.cost > other.cost and mine is not None and theirs is not None and mine < theirs:
        return [_("it arrives %(span)s sooner", span=length(theirs - mine))]
    return []


def _weight(one: tuple[int, int, Group]) -> tuple[int, int]:
    return -one[0], one[1]


def _nearer(chosen: Plan, other: Plan, known: Known, gain: int) -> str:
    if len(chosen.parts) < len(other.parts):
        return _in_fewer(chosen, other, known, gain)
    here, there = (max(part.metres for part in plan.parts) for plan in (chosen, other))
    if here < there and FAR_METRES not in (here, there):
        return _("it is %(here)s away, not %(there)s", here=distance(here), there=distance(there))
    return _("sending costs %(money)s less", money=known.money(gain))


def _in_fewer(chosen: Plan, other: Plan, _known: Known, _gain: int) -> str:
    if len(chosen.parts) == 1:
        return _("all of it comes in one parcel, not %(n)s", n=len(other.parts))
    return _("it comes in %(n)s parcels, not %(m)s", n=len(chosen.parts), m=len(other.parts))


def _sooner(chosen: Plan, other: Plan, _known: Known, _gain: int) -> str:
    mine, theirs = chosen.arrives_at, other.arrives_at
    if mine is not None and theirs is not None and mine < theirs:
        return _("it arrives %(span)s sooner", span=length(theirs - mine))
    return _("less of it comes late")


def _surer(_chosen: Plan, _other: Plan, _known: Known, _gain: int) -> str:
    return _("what it has is surer to be found")


def _work(_chosen: Plan, _other: Plan, known: Known, gain: int) -> str:
    return _("packing there costs %(money)s less", money=known.money(gain))


def _scarce(chosen: Plan, other: Plan, known: Known, gain: int) -> str:
    said = {
        Cost.RULES: _("the rules prefer it by %(money)s", money=known.money(gain)),
        Cost.SCARCITY: _(
            "what it has is scarce at %(places)s: worth %(money)s more to orders still to come",
            places=known.places(_scarcest(chosen, other)),
            money=known.money(gain),
        ),
        Cost.MARKDOWN: _("it need not be marked down there (%(money)s)", money=known.money(gain)),
    }
    most = max(said, key=lambda cost: _of(other, cost) - _of(chosen, cost))
    return said[most]


def _scarcest(chosen: Plan, other: Plan) -> list[str]:
    """The places of the other plan whose last units it would take."""
    return [part.site for part in other.parts if part.costs.get(Cost.SCARCITY, 0) > 0] or list(
        set(other.sites) - set(chosen.sites)
    )


def _of(plan: Plan, cost: Cost) -> int:
    return sum(part.costs.get(cost, 0) for part in plan.parts)


_SAID: dict[str, Callable[[Plan, Plan, Known, int], str]] = {
    SENDING.word: _nearer,
    WORK.word: _work,
    DOUBT.word: _surer,
    LATENESS.word: _sooner,
    SPLIT.word: _in_fewer,
    SCARCE.word: _scarce,
}


def _nobody(receipt: Receipt, known: Known) -> str:
    if not receipt.out:
        return _("there is no place that sends")
    why, codes = max(receipt.out.items(), key=lambda pair: (len(pair[1]), pair[0]))
    if len(codes) == 1:
        return f"{known.place(codes[0])}: {_(why)}"
    return _("%(n)s places: %(why)s", n=len(codes), why=_(why))
