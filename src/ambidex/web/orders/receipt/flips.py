"""What would flip a decision: each smallest change in a sentence, with where it stands now and where it turns."""

from __future__ import annotations

from collections.abc import Callable

from ambidex.web.orders.receipt.known import Change, Flip, Known, Receipt, Snapshot, length
from ambidex.web.parts.plots import Turn
from ambidex.web.words import translate as _

PER_CENT = 10
EDGE = 3
ORDER = (Change.PROMISE, Change.QUEUE, Change.CHANCE, Change.STOCK_LESS, Change.STOCK_MORE)


def turns(receipt: Receipt, snapshot: Snapshot, known: Known) -> list[Turn]:
    """The smallest change of each kind first."""
    ordered = sorted(
        receipt.flips, key=lambda flip: (ORDER.index(flip.change), flip.by, flip.site, flip.line_no)
    )
    first = {flip.change: flip for flip in reversed(ordered)}
    smallest = [flip for flip in ordered if first[flip.change] is flip]
    rest = [flip for flip in ordered if first[flip.change] is not flip]
    return [_SAID[flip.change](flip, snapshot, known) for flip in (*smallest, *rest)]


def _then(flip: Flip, known: Known) -> str:
    """What the other plan is: more units sent or in time go before its price."""
    if not flip.sites:
        return _("then nobody sends it")
    places = known.places(flip.sites)
    if flip.fills > 0:
        return _("then %(places)s, and %(n)s more can be sent", places=places, n=_pieces(flip.fills))
    if flip.keeps > 0:
        return _("then %(places)s, and %(n)s more come in time", places=places, n=_pieces(flip.keeps))
    return _("then %(places)s, %(money)s", places=places, money=known.cheaper(flip.saves))


def _pieces(count: int) -> str:
    return _("1 piece") if count == 1 else _("%(n)s pieces", n=count)


def _promise(flip: Flip, _snapshot: Snapshot, known: Known) -> Turn:
    span = length(flip.by)
    title = _("The customer accepts it %(span)s later", span=span)
    return Turn(title=title, note=_then(flip, known), value=f"+ {span}", now=EDGE, then=66)


def _queue(flip: Flip, snapshot: Snapshot, known: Known) -> Turn:
    now = snapshot.network.sites[snapshot.network.index[flip.site]].load
    title = _("%(n)s more orders wait at %(place)s", n=flip.by, place=known.place(flip.site))
    return _moved(flip, known, title, (now, now + flip.by))


def _chance(flip: Flip, snapshot: Snapshot, known: Known) -> Turn:
    now = cell(snapshot, "chance", flip)
    facts = {"item": known.title(flip.line_no), "place": known.place(flip.site)}
    title = _("%(item)s at %(place)s is less sure to be found", **facts)
    percents = now // PER_CENT, max(0, (now - flip.by) // PER_CENT)
    value = f"{percents[0]} → {percents[1]} %"
    return Turn(
        title=title, note=_then(flip, known), value=value, now=_edged(percents[0]), then=_edged(percents[1])
    )


def _less(flip: Flip, snapshot: Snapshot, known: Known) -> Turn:
    facts = {"n": flip.by, "item": known.title(flip.line_no), "place": known.place(flip.site)}
    now = cell(snapshot, "free", flip)
    return _moved(
        flip, known, _("%(place)s has %(n)s fewer of %(item)s", **facts), (now, max(0, now - flip.by))
    )


def _more(flip: Flip, snapshot: Snapshot, known: Known) -> Turn:
    facts = {"n": flip.by, "item": known.title(flip.line_no), "place": known.place(flip.site)}
    now = cell(snapshot, "free", flip)
    return _moved(flip, known, _("%(place)s has %(n)s more of %(item)s", **facts), (now, now + flip.by))


def _moved(flip: Flip, known: Known, title: str, between: tuple[int, int]) -> Turn:
    now, then = between
    scale = max(now, then) * 1.5
    value = f"{now} → {then}"
    return Turn(
        title=title,
        note=_then(flip, known),
        value=value,
        now=_edged(100 * now / scale),
        then=_edged(100 * then / scale),
    )


def _edged(percent: float) -> float:
    return round(min(100 - EDGE, max(EDGE, percent)), 1)


def cell(snapshot: Snapshot, grid: str, at: Flip) -> int:
    """What stands in one of the grids for a line at a place."""
    row = next(n for n, line in enumerate(snapshot.demand.lines) if line.line_no == at.line_no)
    return int(getattr(snapshot, grid)[row][snapshot.network.index[at.site]])


_SAID: dict[Change, Callable[[Flip, Snapshot, Known], Turn]] = {
    Change.PROMISE: _promise,
    Change.QUEUE: _queue,
    Change.CHANCE: _chance,
    Change.STOCK_LESS: _less,
    Change.STOCK_MORE: _more,
}
