"""Changing stock. Called by flows, last of all that they lock; what was decided is proved by guarded statements.

Who may is asked by the flow, which knows the work; `count` stands for itself and asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from ambidex.domains.inventory import queries, rules, store
from ambidex.domains.inventory.events import (
    CountOpened,
    ShortCovered,
    StockCounted,
    UnitsHeld,
    WentShort,
)
from ambidex.domains.inventory.model import Claim, Counted, Hold, Lack, Left, Place, Short, StockRow
from ambidex.domains.inventory.problems import HoldIsGone, NotEnough, SoldOut, StockMoved
from ambidex.domains.inventory.store import Entry, Shifted
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def reserve(tx: Tx, claims: Sequence[Claim]) -> None:
    """Claim stock firmly for order lines, all or nothing. Raises SoldOut naming the lines and what is left."""
    lacking = await try_reserve(tx, claims)
    if not lacking:
        return
    await store.lock_and_expire(tx, lacking)
    wanted = store.sums(claims)
    taken = await store.shift(tx, store.TAKE, {place: wanted[place] for place in lacking})
    lacking -= {t.place for t in taken}
    if lacking:
        raise await _sold_out(tx, claims, lacking)


async def try_reserve(tx: Tx, claims: Sequence[Claim]) -> set[Place]:
    """Claim stock firmly. The positions that had too little: then nothing of this may be committed."""
    if not claims:
        return set()
    taken = await store.reserve_and_take(tx, claims)
    return store.sums(claims).keys() - {t.place for t in taken}


async def lock_stock(tx: Tx, places: Iterable[Place]) -> None:
    """Lock positions and let go of their expired holds, before a decision that must not change its mind."""
    await store.lock_and_expire(tx, places)


def refuse(claims: Sequence[Claim], available: Mapping[Place, int]) -> SoldOut | None:
    """The refusal, naming lines and what is left where, when these claims together want more than there is."""
    wanted = store.sums(claims)
    lacking = {place for place, units in wanted.items() if available.get(place, 0) < units}
    if not lacking:
        return None
    items = {item_id for item_id, _ in lacking}
    return SoldOut(
        lines=[
            Lack(c.line_no, c.item_id, c.location_id, c.quantity, max(0, available.get(c.place, 0)))
            for c in claims
            if c.place in lacking
        ],
        left=[
            Left(*place, available=units)
            for place, units in sorted(available.items())
            if units > 0 and place[0] in items
        ],
    )


async def _sold_out(tx: Tx, claims: Sequence[Claim], lacking: set[Place]) -> SoldOut:
    """Say what is left, counting what this transaction itself has just taken as still there."""
    left = await queries.available(tx, {c.item_id for c in claims})
    own = store.sums(c for c in claims if c.place not in lacking)
    refusal = refuse(claims, {place: units + own.get(place, 0) for place, units in left.items()})
    assert refusal is not None, "the positions are locked, so what failed to be taken is lacking"
    return refusal


async def release(tx: Tx, claims: Sequence[Claim]) -> None:
    """Give reserved units back to everybody."""
    await _cut(tx, claims)
    await _settle(tx, await store.shift(tx, store.GIVE_BACK, store.sums(claims)), cause="released")


async def stage(tx: Tx, claims: Sequence[Claim], *, evidence: Sequence[str]) -> None:
    """Reserved units lie at a staging place now. A unit the counter did not know of counts as found."""
    await _cut(tx, claims)
    shifted = await store.shift(tx, store.STAGE, store.sums(claims))
    await _book_shelf(tx, claims, shifted, target="staged", evidence=evidence)
    await _settle(tx, shifted, cause="staged")


async def unstage(tx: Tx, claims: Sequence[Claim], *, cause: str) -> None:
    """Staged units are back on the shelf, still reserved for their order."""
    await store.add_reservations(tx, store.merge(claims))
    shifted = _all(await store.shift(tx, store.UNSTAGE, store.sums(claims)), claims)
    await store.book(tx, _entries(claims, "staged", "sellable"), cause=cause)
    await _settle(tx, shifted, cause=cause)


async def hand_over(tx: Tx, claims: Sequence[Claim], *, evidence: Sequence[str]) -> None:
    """Staged units leave with the customer."""
    _all(await store.shift(tx, store.HAND_OVER, store.sums(claims)), claims)
    await store.book(
        tx, _entries(claims, "staged", "customer"), cause="hand_over", evidence_json=_json(evidence)
    )


async def take_back(tx: Tx, claims: Sequence[Claim], *, evidence: Sequence[str], cause: str) -> None:
    """A hand-over is undone: the units lie at the staging place again."""
    _all(await store.shift(tx, store.TAKE_BACK, store.sums(claims)), claims)
    await store.book(tx, _entries(claims, "customer", "staged"), cause=cause, evidence_json=_json(evidence))


async def put_away(tx: Tx, claims: Sequence[Claim], *, evidence: Sequence[str]) -> None:
    """Staged units that nobody will collect are for sale again."""
    shifted = _all(await store.shift(tx, store.PUT_AWAY, store.sums(claims)), claims)
    await store.book(
        tx, _entries(claims, "staged", "sellable"), cause="put_away", evidence_json=_json(evidence)
    )
    await _settle(tx, shifted, cause="put_away")


async def make_suspect(tx: Tx, claims: Sequence[Claim], *, evidence: Sequence[str]) -> UUID:
    """Units could not be found: they are no longer for sale or claimed, and a count is opened. Its id."""
    assert len({c.place for c in claims}) == 1, "one item at one place is looked for at a time"
    await _cut(tx, claims)
    shifted = await store.shift(tx, store.SUSPECT, store.sums(claims))
    suspect = min(shifted[0].was_sellable, shifted[0].units)
    entry = Entry(*claims[0].place, "sellable", "suspect", suspect, claims[0].order_id)
    await store.book(tx, [entry], cause="cannot_find", evidence_json=_json(evidence))
    count_id = await store.need_count(tx, claims[0].place, cause="cannot_find")
    _tell(tx, claims[0].place, CountOpened(claims[0].item_id, count_id, suspect), evidence=tuple(evidence))
    await _settle(tx, shifted, cause="cannot_find")
    return count_id


async def hold(
    tx: Tx,
    *,
    item_id: ItemId,
    location_id: LocationId,
    quantity: int,
    order_id: OrderId | None,
    line_no: int | None,
    purpose: str,
    expires_at: datetime,
) -> UUID:
    """Keep units for somebody until a time. Raises NotEnough."""
    assert quantity > 0, "a hold holds something"
    assert expires_at > tx.now, "a hold lasts for a while"
    wanted = {(item_id, location_id): quantity}
    if not await store.shift(tx, store.HOLD, wanted):
        await store.lock_and_expire(tx, wanted)
        if not await store.shift(tx, store.HOLD, wanted):
            raise NotEnough(item_id=str(item_id), location_id=str(location_id), wanted=quantity)
    kept = Hold(tx.new_id(), item_id, location_id, quantity, order_id, line_no, purpose, expires_at)
    await store.add_hold(tx, kept)
    told = UnitsHeld(item_id, kept.hold_id, quantity, purpose, expires_at.isoformat())
    _tell(tx, (item_id, location_id), told, order_id=order_id)
    return kept.hold_id


async def release_hold(tx: Tx, item_id: ItemId, hold_id: UUID) -> bool:
    """Let go of a hold; False when it was let go before, which is no fault."""
    gone = await store.end_hold(tx, item_id, hold_id)
    if gone is None:
        return False
    place = (gone.item_id, gone.location_id)
    await _settle(tx, await store.shift(tx, store.UNHOLD, {place: gone.quantity}), cause="hold released")
    return True


async def hold_to_reservation(
    tx: Tx, *, item_id: ItemId, hold_id: UUID, order_id: OrderId, line_no: int
) -> Claim:
    """Make a live hold a firm claim of this order line. Raises HoldIsGone when it expired or was let go."""
    kept = await store.end_hold(tx, item_id, hold_id)
    if kept is None or kept.expires_at <= tx.now:
        raise HoldIsGone(hold_id=str(hold_id))
    claim = Claim(item_id, kept.location_id, order_id, line_no, kept.quantity)
    await store.add_reservations(tx, [claim])
    await store.shift(tx, store.HOLD_TO_RESERVATION, {claim.place: claim.quantity})
    return claim


async def count(tx: Tx, *, item_id: ItemId, location_id: LocationId, counted: int, cause: str) -> Counted:
    """An authoritative count of one item at one place; see `count_all`."""
    outcome = await count_all(tx, [StockRow(item_id, location_id, counted)], cause=cause)
    return outcome[0]


async def count_all(tx: Tx, rows: Sequence[StockRow], *, cause: str) -> list[Counted]:
    """Set what lies on the shelves: nothing is suspect any more, open counts are done, shorts cover the gap."""
    for location_id in {r.location_id for r in rows}:
        tx.actor.must(Permission.STOCK_COUNT, at=location_id)
    by_place = {r.place: r for r in rows}
    ordered = [by_place[place] for place in sorted(by_place)]
    await store.need_positions(
        tx,
        [r.place for r in ordered],
        safety=[r.safety for r in ordered],
        spots=[r.spot for r in ordered],
    )
    counted = {r.place: r.counted for r in ordered}
    shifted = await store.shift(tx, store.COUNT, counted)
    await store.book(tx, [e for s in shifted for e in _differences(s)], cause=cause)
    done = await store.close_counts(tx, counted)
    for s in shifted:
        told = StockCounted(s.item_id, s.was_sellable + s.was_suspect, s.units, cause)
        _tell(tx, s.place, told)
    changes = await _settle(tx, shifted, cause=cause)
    return [
        Counted(
            *s.place,
            before=s.was_sellable + s.was_suspect,
            counted=s.units,
            opened=tuple(changes[s.place][0]) if s.place in changes else (),
            closed=tuple(changes[s.place][1]) if s.place in changes else (),
            counts=tuple(done.get(s.place, ())),
        )
        for s in shifted
    ]


def _differences(s: Shifted) -> list[Entry]:
    """What was suspect is first sellable again, then the shelf is set to what was counted."""
    known = s.was_sellable + s.was_suspect
    return [
        Entry(*s.place, "suspect", "sellable", s.was_suspect),
        Entry(*s.place, "found", "sellable", s.units - known),
        Entry(*s.place, "sellable", "written_off", known - s.units),
    ]


Changes = dict[Place, tuple[list[Short], list[Short]]]


async def _settle(tx: Tx, shifted: Sequence[Shifted], *, cause: str) -> Changes:
    """Make the open shorts of these (locked) positions cover exactly their gaps. Rare: nothing to do without gap."""
    return {s.place: await _settle_one(tx, s, cause=cause) for s in shifted if s.gap or s.was_gap}


async def _settle_one(tx: Tx, s: Shifted, *, cause: str) -> tuple[list[Short], list[Short]]:
    gap = await _break_holds(tx, s.place, s.gap)
    known = {short.short_id: short for short in await store.open_shorts(tx, s.place)}
    plan = rules.settle(gap, await store.bookings(tx, s.place), list(known.values()))
    opened = [Short(tx.new_id(), *s.place, b.order_id, b.line_no, b.quantity) for b in plan.open]
    closed = [known[short_id] for short_id in plan.close]
    await store.close_shorts(tx, s.item_id, plan.close)
    await store.add_shorts(tx, opened, cause=cause)
    _tell_shorts(tx, opened, WentShort)
    _tell_shorts(tx, closed, ShortCovered)
    return opened, closed


async def _break_holds(tx: Tx, place: Place, gap: int) -> int:
    """Soft claims give way before firm ones do; what is left of the gap."""
    if gap <= 0:
        return gap
    holds = await store.newest_holds(tx, place)
    broken = rules.holds_to_break(gap, [quantity for _, quantity in holds])
    if not broken:
        return gap
    units = await store.break_holds(tx, place, [hold_id for hold_id, _ in holds[:broken]])
    after = await store.shift(tx, store.UNHOLD, {place: units})
    return after[0].gap


def _tell_shorts(tx: Tx, shorts: Sequence[Short], kind: Callable[..., WentShort | ShortCovered]) -> None:
    for s in shorts:
        told = kind(item_id=s.item_id, short_id=s.short_id, line_no=s.line_no, quantity=s.quantity)
        _tell(tx, (s.item_id, s.location_id), told, order_id=s.order_id)


async def _cut(tx: Tx, claims: Sequence[Claim]) -> None:
    if not await store.cut_reservations(tx, claims):
        raise StockMoved(order_id=str(claims[0].order_id))


def _all(shifted: list[Shifted], claims: Sequence[Claim]) -> list[Shifted]:
    if len(shifted) != len(store.sums(claims)):
        raise StockMoved(order_id=str(claims[0].order_id))
    return shifted


def _entries(claims: Sequence[Claim], origin: str, target: str) -> list[Entry]:
    return [Entry(*c.place, origin, target, c.quantity, c.order_id) for c in store.merge(claims)]


async def _book_shelf(
    tx: Tx, claims: Sequence[Claim], shifted: Sequence[Shifted], *, target: str, evidence: Sequence[str]
) -> None:
    """Units leave the shelf; those the counter did not know of come from `found`."""
    known = {s.place: s.was_sellable for s in shifted}
    entries = []
    for c in store.merge(claims):
        from_shelf = min(known[c.place], c.quantity)
        known[c.place] -= from_shelf
        entries.append(Entry(*c.place, "sellable", target, from_shelf, c.order_id))
        entries.append(Entry(*c.place, "found", target, c.quantity - from_shelf, c.order_id))
    await store.book(tx, entries, cause=target, evidence_json=_json(evidence))


def _tell(
    tx: Tx,
    place: Place,
    told: StockCounted | CountOpened | WentShort | ShortCovered | UnitsHeld,
    **details: object,
) -> None:
    tx.announce(Ref("item", str(place[0])), told, location_id=place[1], **details)


def _json(evidence: Sequence[str]) -> str:
    return orjson.dumps(list(evidence)).decode()
