"""Units of an order that lost their place, and what the engine says about them over the stock as it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ambidex.domains import availability, catalogue, channels, fulfillment, inventory, routing
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.locations import Location
from ambidex.domains.orders import LineState, NewLine, Order
from ambidex.flows.kits import KitPart
from ambidex.flows.loose import Loose
from ambidex.flows.order_words import sending_words
from ambidex.flows.placing import Part, Routed, Words
from ambidex.flows.sending import Asked, Buyer, asked_of, choose, out_of, shelves
from ambidex.flows.serving import destination
from ambidex.flows.shelf import Shelf
from ambidex.flows.snapshots import Goods
from ambidex.kernel.values import dataclass
from ambidex.reads.availability import stock_to_take
from ambidex.reads.confidence import doubts
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again
from ambidex.runtime.stopwatch import Stopwatch

# all that was dropped of these left for one reason, which is theirs
_GONE_WHOLE = frozenset({WorkState.REFUSED, WorkState.LAPSED, WorkState.TAKEN_BACK, WorkState.CANCELED})
SAID_NO = {WorkState.REFUSED: "refused this order", WorkState.LAPSED: "did not answer in time"}


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one decision about units of one method is made from."""

    asked: Asked
    parts: Sequence[Part]
    words: Words
    stand: Shelf

    @property
    def snapshot(self) -> routing.Snapshot:
        """For who decides about several orders together."""
        return self.asked.snapshot

    def decided(self) -> Routed:
        """What the engine says of it alone."""
        watch = Stopwatch()
        routed = choose(self.asked)
        return routed.measured(watch.microseconds)


async def case_of(tx: Tx, loose: Loose) -> Case:
    """What is known now about units of one method. Nothing is changed; on a second try the stock is locked first."""
    [case] = await cases_of(tx, [loose])
    return case


async def cases_of(tx: Tx, asked: Sequence[Loose]) -> list[Case]:
    """The same of several orders, over one look at everything that they ask about."""
    words = await sending_words(tx)
    works = await fulfillment.works_of(tx, *(one.order.order_id for one in asked))
    items = await catalogue.by_ids(tx, {line.item_id for one in asked for line in one.lines})
    ids = sorted({one.order.source_id for one in asked})
    codes = {source_id: (await channels.source_by_id(tx, source_id)).code for source_id in ids}
    parts = [
        _parts(
            one,
            words,
            {line.line_no: items[line.item_id] for line in one.lines},
            source=codes[one.order.source_id],
        )
        for one in asked
    ]
    stand = await _stand(tx, [part for of_one in parts for part in of_one], words)
    return [
        _case(one, mine, words, stand, [work for work in works if work.order_id == one.order.order_id])
        for one, mine in zip(asked, parts, strict=True)
    ]


def _case(loose: Loose, parts: Sequence[Part], words: Words, stand: Shelf, works: Sequence[Work]) -> Case:
    terms, address = loose.order.terms, loose.order.address or {}
    buyer = Buyer(
        loose.order.order_id, address, str(terms.get("brand") or ""), loose.promised_by, cause=loose.cause
    )
    said_no = {code: (why,) for code, why in {**_said_no(works, words), **loose.not_from}.items()}

    def chance(at: inventory.Place, free: int) -> int:
        return stand.chance(at, free, now=stand_at)

    assert words.rules is not None, "the rules were looked up"
    assert words.sending is not None, "and whoever sends"
    stand_at = words.sending.now
    shelf = _where_it_can_be_had(
        loose.order, works, shelves(parts, stand.room, chance, prices=words.rules.prices)
    )
    out = {**out_of(words, parts[0].ask), **said_no} if parts else {}
    return Case(asked_of(buyer, parts, words, shelf=shelf, out=out), parts, words, stand)


async def claim(tx: Tx, case: Case, routed: Routed) -> None:
    """Reserve what was decided. Raises Again when somebody was quicker: then the stock is locked first."""
    by_no = {part.line_no: part for part in case.parts}
    places = {place.code: place for place in case.words.senders}
    taken = [
        by_no[line_no].sent_from(places[planned.site], units)
        for planned in routed.decided.plan.parts
        for line_no, units in planned.lines.items()
    ]
    order_id = case.asked.buyer.order_id
    claims = [inventory.Claim(*part.position, order_id, part.line_no, part.wanted) for part in taken]
    kept = {part.position: case.stand.kept_from(part) for part in taken}
    if await inventory.will_reserve(tx, claims, kept=kept)():
        raise Again


def _parts(loose: Loose, words: Words, items: Mapping[int, catalogue.Item], *, source: str) -> list[Part]:
    """The units as parts whose place nobody chose; the first that sends stands in."""
    order = loose.order
    country, postcode = destination(order.address or {})
    assert words.sending is not None, "whoever sends was looked up"
    now = words.sending.now
    return [
        Part(
            line.line_no,
            items[line.line_no],
            words.senders[0],
            NewLine(line.sku, line.quantity, line.unit_price, line.method, discount=line.discount),
            availability.Ask(now, order.channel, source, line.method.value, country, postcode),
            asked=0,
            wanted=loose.units[line.line_no],
            routed=True,
            kit=KitPart(line.kit_sku, line.kit_title, line.kit_no, line.kit_quantity)
            if line.kit_no
            else None,
        )
        for line in loose.lines
    ]


async def _stand(tx: Tx, parts: Sequence[Part], words: Words) -> Shelf:
    positions = {(part.item.item_id, place.location_id) for part in parts for place in words.senders}
    if tx.attempt:
        await inventory.lock_stock(tx, positions)
    stock = await stock_to_take(tx, positions)
    there = [at for at, one in stock.items() if one.free > 0]
    return Shelf(words.book, stock, doubts=await doubts(tx, there))


def _said_no(works: Sequence[Work], words: Words) -> dict[str, str]:
    """Places that refused this order, or did not answer: they are not asked again."""
    codes = {place.location_id: place.code for place in words.senders}
    return {
        codes[work.location_id]: SAID_NO[work.state]
        for work in works
        if work.state in SAID_NO and work.location_id in codes
    }


def _where_it_can_be_had(
    order: Order, works: Sequence[Work], shelf: Callable[[Goods, Location], routing.Shelf]
) -> Callable[[Goods, Location], routing.Shelf]:
    """Nothing of a line from a place that could not find it before, or said no to a part of it."""
    canceled = {line.line_no: line.units(LineState.CANCELED) for line in order.lines}
    missed = {
        (work.location_id, line.line_no)
        for work in works
        for line in work.lines
        if line.short or (work.state not in _GONE_WHOLE and line.dropped > canceled.get(line.line_no, 0))
    }

    def found(goods: Goods, place: Location) -> routing.Shelf:
        return routing.Shelf(0) if (place.location_id, goods.line_no) in missed else shelf(goods, place)

    return found
