"""The parts of a receipt as the page shows them: score bars with their table, places left out, proof, broken promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.kernel.values import dataclass
from ambidex.web.orders.receipt.known import (
    FAR_METRES,
    GROUPS,
    MILLS,
    Candidate,
    Cost,
    Known,
    Receipt,
    Snapshot,
    distance,
)
from ambidex.web.parts.plots import Piece, Score
from ambidex.web.parts.views import Chip, Column
from ambidex.web.words import translate as _

BARS_MAX = 6
TABLE_MAX = 60
OTHERS = _("Other parcels of that plan")
Table = tuple[tuple[Column, ...], list[list[object]]]


@dataclass(frozen=True, slots=True)
class Left:
    """Places left out for one reason, the nearest first."""

    why: str
    nearest: str
    count: int


def scores(receipt: Receipt, known: Known) -> list[Score]:
    """Bars of the chosen places and of the next best, on one scale."""
    shown = ranked(receipt)[:BARS_MAX]
    scale = max((sum(costs for _shade, _word, costs in _drawn(one)) for one in shown), default=1) or 1
    return [_score(rank, one, receipt, known, scale=scale) for rank, one in enumerate(shown, 1)]


def ranked(receipt: Receipt) -> list[Candidate]:
    """The chosen ones first, then by what their best plan costs."""
    chosen = set(receipt.chosen.sites)
    return sorted(receipt.candidates, key=lambda one: (one.site not in chosen, one.plan_cost, one.site))


def _score(rank: int, one: Candidate, receipt: Receipt, known: Known, *, scale: int) -> Score:
    win = one.site in receipt.chosen.sites
    return Score(
        rank=rank,
        name=known.place(one.site),
        note=_candidate_note(one, receipt, known),
        total=known.money(one.plan_cost),
        pieces=tuple(
            Piece(share=100 * cost / scale, shade=shade, words=f"{_(word)} {known.money(cost)}")
            for shade, word, cost in _drawn(one)
        ),
        chip=Chip(text=_("Chosen"), icon="check") if win else None,
        win="yes" if win else "",
    )


def _drawn(one: Candidate) -> list[tuple[int, str, int]]:
    """Shade, word and mills of each piece; what is saved is not drawn, the sum beside the bar has it."""
    pieces = [(group.shade, group.word, sum(one.costs.get(c, 0) for c in group.costs)) for group in GROUPS]
    rest = one.plan_cost - sum(one.costs.values())
    return [piece for piece in (*pieces, (0, OTHERS, rest)) if piece[2] >= MILLS]


def shades(receipt: Receipt) -> list[tuple[int, str]]:
    """The legend: only what is drawn."""
    seen = {(shade, word) for one in ranked(receipt)[:BARS_MAX] for shade, word, _cost in _drawn(one)}
    return [(shade, _(word)) for shade, word in sorted(seen, key=lambda pair: pair[0] or len(GROUPS) + 1)]


def _candidate_note(one: Candidate, receipt: Receipt, known: Known) -> str:
    lines = len({line for part in receipt.chosen.parts for line in part.lines} | set(receipt.chosen.unfilled))
    whole = max(lines, len(one.lines))
    has = _("%(n)s of %(all)s lines", n=len(one.lines), all=whole) if whole > 1 else ""
    there = _("arrives %(day)s", day=known.day(one.arrives_at, one.site))
    return " · ".join(word for word in (has, distance(one.metres), there) if word)


def score_table(receipt: Receipt, known: Known) -> Table:
    """The same as the bars, for every candidate and in figures."""
    groups = [
        group for group in GROUPS if any(one.costs.get(c) for one in receipt.candidates for c in group.costs)
    ]
    columns = [Column(title=_("Place")), Column(title=_("Distance"), kind="n")]
    columns += [Column(title=_(group.word), kind="n") for group in groups]
    columns += [Column(title=_("Other parcels"), kind="n"), Column(title=_("Whole plan"), kind="n")]
    rows: list[list[object]] = []
    for one in ranked(receipt)[:TABLE_MAX]:
        own = [known.money(sum(one.costs.get(cost, 0) for cost in group.costs)) for group in groups]
        rest = known.money(one.plan_cost - sum(one.costs.values()))
        row = [
            known.place(one.site),
            distance(one.metres) or _("not known"),
            *own,
            rest,
            known.money(one.plan_cost),
        ]
        rows.append(list(row))
    return tuple(columns), rows


def left_out(receipt: Receipt, snapshot: Snapshot, known: Known) -> list[Left]:
    """Reasons with the nearest place each left out and how many, the most frequent first."""
    found = [_left(why, codes, snapshot, known) for why, codes in receipt.out.items()]
    return sorted(found, key=lambda one: (-one.count, one.why))


def _left(why: str, codes: Sequence[str], snapshot: Snapshot, known: Known) -> Left:
    far: Mapping[str, int] = {code: metres_of(snapshot, code) for code in codes}
    nearest = min(codes, key=lambda code: (far[code], code))
    said = ", ".join(word for word in (known.place(nearest), distance(far[nearest])) if word)
    return Left(_(why).capitalize(), said, len(codes))


def metres_of(snapshot: Snapshot, code: str) -> int:
    """How far a place is from the customer."""
    at = snapshot.network.index.get(code)
    return FAR_METRES if at is None else int(snapshot.metres[at])


def breaking(receipt: Receipt, known: Known) -> str:
    """What a plan that breaks the promise would have saved; empty when nothing."""
    if receipt.breaking_saves < MILLS:
        return ""
    facts = {"money": known.money(receipt.breaking_saves), "places": known.places(receipt.breaking_sites)}
    return _("Breaking the promise would have saved %(money)s, from %(places)s. It was not done.", **facts)


def scarce(receipt: Receipt, known: Known) -> str:
    """The place that would have sent it were its last units worth no more to others; empty when there is none."""
    chosen = sum(part.cost - part.costs.get(Cost.SCARCITY, 0) for part in receipt.chosen.parts)
    cheaper = [
        (one.plan_cost - worth, worth, one.site)
        for one in receipt.candidates
        if (worth := one.costs.get(Cost.SCARCITY, 0)) and not one.late and not one.unfilled
        if one.plan_cost - worth <= chosen - MILLS
    ]
    if not cheaper or receipt.chosen.unfilled:
        return ""
    cost, worth, site = min(cheaper)
    facts = {"place": known.place(site), "money": known.money(chosen - cost), "worth": known.money(worth)}
    return _(
        "%(place)s would have cost %(money)s less now, but what it has left is scarce: worth %(worth)s to orders still to come.",
        **facts,
    )


def marked(fingerprint: str) -> str:
    """Four and four, so that two can be compared by eye."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, min(len(fingerprint), 16), 4))


def took(took_us: int) -> str:
    """How long it took, as people say it."""
    if took_us < MILLS:
        return _("under 1 ms")
    return _("%(n)s ms", n=round(took_us / MILLS))
