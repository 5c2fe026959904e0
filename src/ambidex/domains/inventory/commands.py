"""Changing stock. Called by flows, last of all that they lock; what was decided is proved by guarded statements.

Who may is asked by the flow, which knows the work; `count` stands for itself and asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ambidex.domains.inventory import queries, rules, store
from ambidex.domains.inventory.events import ShortCovered, StockCounted, StockMoved, UnitsHeld, WentShort
from ambidex.domains.inventory.model import (
    SHELF,
    Booked,
    Change,
    Claim,
    Counted,
    Hold,
    Move,
    Movement,
    Place,
    Position,
    Said,
    Settled,
    Shifted,
    Short,
    StockRow,
)
from ambidex.domains.inventory.problems import HoldIsGone, NotEnough, SomebodyMoved
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx

PLACES_IN_EVENT = 500
Shorts = tuple[tuple[Short, ...], tuple[Short, ...]]
Changes = dict[Place, Shorts]


async def reserve(tx: Tx, claims: Sequence[Claim], *, kept: Mapping[Place, int] | None = None) -> None:
    """Claim stock firmly for order lines, all or nothing. Raises SoldOut naming the lines and what is left.

    `kept` is what this buyer may not have of a position (safety, threshold, floor); unless said, its safety stock.
    """
    lacking = await will_reserve(tx, claims, kept=kept)()
    if lacking:
        await lock_stock(tx, lacking)
        wanted = rules.sums(claims)
        taken = await store.shift(tx, store.TAKE, {place: wanted[place] for place in lacking}, kept=kept)
        lacking -= {t.place for t in taken}
    if lacking:
        raise await queries.sold_out(tx, claims, lacking)


def will_reserve(
    tx: Tx, claims: Sequence[Claim], *, kept: Mapping[Place, int] | None = None
) -> Callable[[], Awaitable[set[Place]]]:
    """Announce that these are claimed. What is answered takes them, later in this transaction.

    It says which positions had too little: then nothing of this may be committed.
    """
    if claims:
        _moved(tx, rules.sums(claims), why="reserved")

    async def take() -> set[Place]:
        taken = await store.reserve_and_take(tx, claims, kept=kept) if claims else []
        return {claim.place for claim in claims} - {t.place for t in taken}

    return take


async def lock_stock(tx: Tx, places: Iterable[Place]) -> None:
    """Lock positions and let go of their expired holds, before a decision that must not change its mind."""
    await settle(tx, await store.lock_and_expire(tx, places), cause="hold expired")


async def move(
    tx: Tx,
    claims: Sequence[Claim],
    what: Move,
    *,
    evidence: Sequence[str] = (),
    cause: str = "",
    happened_at: datetime | None = None,
) -> None:
    """Units of claims go a step on (or back). Raises SomebodyMoved when somebody else moved them.

    What lies on the shelf changes by the fact, so a step that `happened_at` before the last count leaves it alone.
    """
    if not claims:
        return
    if what in (Move.ALLOCATE, Move.PICK, Move.DATE):
        await store.mark(tx, claims, what)
    elif what is Move.RELEASE:
        await _cut(tx, claims, what)
        shifted = await store.shift(tx, store.GIVE_BACK, rules.sums(claims))
        await settle(tx, shifted, cause=cause or what)
    else:
        said = Said(evidence=evidence)
        await _step(tx, claims, what, said=said, cause=cause or what, happened_at=happened_at)


async def _step(
    tx: Tx, claims: Sequence[Claim], what: Move, *, said: Said, cause: str, happened_at: datetime | None
) -> None:
    step = rules.STEPS[what]
    if step.claim < 0:
        await _cut(tx, claims, what)
    elif step.claim > 0:
        await store.add_reservations(tx, rules.merge(claims))
    merged, sides = rules.merge(claims), (step.origin, step.target)
    facts = [Movement(*c.place, *sides, c.quantity, c.order_id, happened_at) for c in merged]
    claimed = {place: step.claim * units for place, units in rules.sums(claims).items()}
    await _book(tx, facts, cause=cause, said=said, claimed=claimed)


async def move_claims(tx: Tx, claims: Sequence[Claim], *, to: LocationId) -> list[Claim]:
    """Claims on stock of some places become claims of the same promises at another. Raises SoldOut, SomebodyMoved."""
    there = [replace(c, location_id=to) for c in rules.merge(claims)]
    await lock_stock(tx, [c.place for c in (*claims, *there)])
    cut = await _cut(tx, claims, Move.RELEASE)
    await settle(tx, await store.shift(tx, store.GIVE_BACK, rules.sums(claims)), cause="claim moved")
    moved = [replace(c, location_id=to) for c in cut]
    await reserve(tx, moved)
    return moved


async def book(
    tx: Tx,
    movements: Sequence[Movement],
    *,
    cause: str,
    source: str = "",
    reference: str = "",
    evidence: Sequence[str] = (),
    note: str = "",
) -> list[Settled]:
    """Write physical facts: positions, ledger and the shorts that they open or close, one answer per position.

    Facts from before the last count of a position are absorbed: written where they belong, the shelf stays as
    counted. Who may is asked by the flow (`stock_facts.book_facts`), which also gives shorts their owners.
    """
    said = Said(source, reference, note, evidence)
    places = sorted({m.place for m in movements})
    await store.need_positions(tx, places, safety=[None] * len(places), spots=[None] * len(places))
    return await _book(tx, [m for m in movements if m.quantity > 0], cause=cause, said=said, claimed={})


async def _book(
    tx: Tx, movements: Sequence[Movement], *, cause: str, said: Said, claimed: Mapping[Place, int]
) -> list[Settled]:
    by_place: dict[Place, list[Movement]] = {}
    for movement in movements:
        by_place.setdefault(movement.place, []).append(movement)
    positions = await _look(tx, by_place)
    since = {
        place: min(*times, tx.now)
        for place, facts in by_place.items()
        if (times := [m.happened_at for m in facts if m.happened_at]) and positions[place].counted_at
    }
    counts = await queries.count_times(tx, since) if since else {}
    booked = {
        place: rules.book(positions[place], facts, cause=cause, now=tx.now, counts=counts.get(place, []))
        for place, facts in by_place.items()
    }
    changes = await _write(tx, positions, booked, said=said, cause=cause, claimed=claimed, counted_at={})
    return [
        Settled(*place, *changes.get(place, ((), ())), absorbed=tuple(b.absorbed), unknown=b.unknown)
        for place, b in booked.items()
    ]


async def _look(tx: Tx, places: Collection[Place]) -> dict[Place, Position]:
    """Lock positions that must be there, and let go of their expired holds."""
    positions = await store.look(tx, places)
    if len(positions) < len(places):
        raise SomebodyMoved(
            places=[[str(part) for part in place] for place in places if place not in positions]
        )
    held = [place for place, position in positions.items() if position.held]
    if held:
        await lock_stock(tx, held)
        positions |= await store.look(tx, held)
    return positions


async def _write(
    tx: Tx,
    positions: Mapping[Place, Position],
    booked: Mapping[Place, Booked],
    *,
    said: Said,
    cause: str,
    claimed: Mapping[Place, int],
    counted_at: Mapping[Place, datetime],
) -> Changes:
    """Write what was decided for locked positions, last of all their new row."""
    await store.write_ledger(tx, [e for b in booked.values() for e in b.entries], said)
    on_hand = {place: b.on_hand for place, b in booked.items()}
    again = {
        place: (sum(b.on_hand[c] for c in SHELF), counted_at.get(place, positions[place].counted_at))
        for place, b in booked.items()
        if b.look_again
    }
    unknown = await queries.unknown_units(tx, again) if again else {}
    restated = {
        place: rules.restate(positions[place], on_hand[place], unknown=units, at=positions[place].at)
        for place, units in unknown.items()
    }
    await store.write_ledger(tx, [e for b in restated.values() for e in b.entries], said)
    on_hand |= {place: b.on_hand for place, b in restated.items()}
    entries = {p: [*b.entries, *(restated[p].entries if p in restated else ())] for p, b in booked.items()}
    latest = {p: max((e.happened_at for e in written), default=None) for p, written in entries.items()}
    changes = [
        Change(positions[p], on_hand[p], claimed.get(p, 0), counted_at.get(p), latest[p])
        for p in sorted(booked)
    ]
    return await settle(tx, await store.apply(tx, changes), cause=cause)


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
    kept: Mapping[Place, int] | None = None,
) -> UUID:
    """Keep units for somebody until a time. `kept` as in `reserve`. Raises NotEnough."""
    wanted = [((item_id, location_id), line_no, quantity)]
    [hold_id] = await hold_all(
        tx, wanted, order_id=order_id, purpose=purpose, expires_at=expires_at, kept=kept
    )
    return hold_id


async def hold_all(
    tx: Tx,
    wanted: Sequence[tuple[Place, int | None, int]],
    *,
    order_id: OrderId | None,
    purpose: str,
    expires_at: datetime,
    kept: Mapping[Place, int] | None = None,
) -> list[UUID]:
    """The same for a list (position, line, units), all or nothing; the holds in its order."""
    holds = [Hold(tx.new_id(), *at, n, order_id, line, purpose, expires_at) for at, line, n in wanted]
    assert all(one.quantity > 0 and expires_at > tx.now for one in holds), "it holds something for a while"
    units = rules.sums(holds)
    lacking = units.keys() - {s.place for s in await store.shift(tx, store.HOLD, units, kept=kept)}
    if lacking:
        await lock_stock(tx, lacking)
        again = {place: units[place] for place in lacking}
        lacking -= {s.place for s in await store.shift(tx, store.HOLD, again, kept=kept)}
    if lacking:
        raise NotEnough(wanted=[[str(item), str(at), units[item, at]] for item, at in sorted(lacking)])
    await store.add_holds(tx, holds)
    for one in holds:
        told = UnitsHeld(one.item_id, one.hold_id, one.quantity, purpose, expires_at.isoformat())
        _tell(tx, one.place, told, order_id=order_id)
    _moved(tx, units, why="held")
    return [one.hold_id for one in holds]


async def hold_to_reservation(
    tx: Tx, *, item_id: ItemId, hold_id: UUID, order_id: OrderId, line_no: int, due_at: datetime | None = None
) -> Claim:
    """Make a live hold a firm claim of this order line. Raises HoldIsGone when it expired or was let go."""
    kept = next(iter(await store.end_holds(tx, {hold_id: item_id})), None)
    if kept is None or kept.expires_at <= tx.now:
        raise HoldIsGone(hold_id=str(hold_id))
    claim = Claim(item_id, kept.location_id, order_id, line_no, kept.quantity, due_at)
    await store.add_reservations(tx, [claim])
    await store.shift(tx, store.HOLD_TO_RESERVATION, {claim.place: claim.quantity})
    return claim


async def count_all(
    tx: Tx,
    rows: Sequence[StockRow],
    *,
    cause: str,
    happened_at: datetime | None = None,
    source: str = "",
    reference: str = "",
    evidence: Sequence[str] = (),
) -> list[Counted]:
    """Set what lies (or lay at `happened_at`) on the shelves: what was suspect is not any more, shorts cover the gap.

    A late count is compared with the book as of then; facts after it stand. One that is older than the last count
    corrects the book between the two and no shelf.
    """
    for location_id in {r.location_id for r in rows}:
        tx.actor.must(Permission.STOCK_COUNT, at=location_id)
    by_place = {r.place: replace(r, happened_at=r.happened_at or happened_at) for r in rows}
    ordered = [by_place[place] for place in sorted(by_place)]
    await store.need_positions(
        tx,
        [r.place for r in ordered],
        safety=[r.safety for r in ordered],
        spots=[r.spot for r in ordered],
    )
    said = Said(source, reference, evidence=evidence)
    shelves = await _count(tx, by_place, said=said, cause=cause)
    for place, (before, _) in shelves.items():
        _tell(tx, place, StockCounted(place[0], before, by_place[place].counted, cause))
    return [
        Counted(*place, before, by_place[place].counted, *changed)
        for place, (before, changed) in shelves.items()
    ]


async def _count(
    tx: Tx, rows: Mapping[Place, StockRow], *, said: Said, cause: str
) -> dict[Place, tuple[int, Shorts]]:
    """Write counts as of their moment; per place what the book said of then, and the shorts that changed."""
    positions = await _look(tx, rows)
    late = {p: row.happened_at for p, row in rows.items() if row.happened_at is not None}
    others = await queries.count_times(tx, late) if late else {}
    when = {
        p: rules.count_moment(positions[p], late.get(p), now=tx.now, others=others.get(p, [])) for p in rows
    }
    thens = {p: rules.shelf_now(position) for p, position in positions.items()}
    if late:
        thens |= await queries.shelves_then(tx, {p: when[p].at for p in late})
    booked = {
        p: rules.count(positions[p], rows[p].counted, cause=cause, when=when[p], then=thens[p]) for p in rows
    }
    await store.write_counts(tx, {p: (rows[p].counted, when[p].at) for p in rows})
    moments = {p: w.at for p, w in when.items() if w.next_count is None}
    changes = await _write(tx, positions, booked, said=said, cause=cause, claimed={}, counted_at=moments)
    return {p: (thens[p].units, changes.get(p, ((), ()))) for p in sorted(rows)}


async def settle(tx: Tx, shifted: Sequence[Shifted], *, cause: str) -> Changes:
    """Say which (locked) positions changed, and make their open shorts cover exactly their gaps: rarely any work."""
    _moved(tx, [s.place for s in shifted], why=cause)
    return {s.place: await _settle_one(tx, s, cause=cause) for s in shifted if s.gap or s.was_gap}


async def _settle_one(tx: Tx, s: Shifted, *, cause: str) -> Shorts:
    gap = await _break_holds(tx, s.place, s.gap)
    known = {short.short_id: short for short in await queries.open_shorts(tx, s.place)}
    plan = rules.settle(gap, await queries.bookings(tx, s.place), list(known.values()))
    opened = [Short(tx.new_id(), *s.place, b.order_id, b.line_no, b.quantity, b.due_at) for b in plan.open]
    closed = [known[short_id] for short_id in plan.close]
    await store.close_shorts(tx, s.item_id, plan.close)
    await store.add_shorts(tx, opened, cause=cause)
    _tell_shorts(tx, opened, WentShort)
    _tell_shorts(tx, closed, ShortCovered)
    return tuple(opened), tuple(closed)


async def _break_holds(tx: Tx, place: Place, gap: int) -> int:
    """Soft claims give way before firm ones do; what is left of the gap."""
    if gap <= 0:
        return gap
    holds = await queries.newest_holds(tx, place)
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


async def _cut(tx: Tx, claims: Sequence[Claim], what: Move) -> list[Claim]:
    merged = rules.merge(claims)
    cut = await store.cut_reservations(tx, merged, picked=what is Move.STAGE)
    if len(cut) < len(merged):
        raise SomebodyMoved(order_id=str(claims[0].order_id))
    return cut


def _moved(tx: Tx, changed: Iterable[Place], *, why: str) -> None:
    """One event for a list of changed positions."""
    places = [list(place) for place in sorted(set(changed))]
    for start in range(0, len(places), PLACES_IN_EVENT):
        tx.announce(Ref("stock", "moved"), StockMoved(places[start : start + PLACES_IN_EVENT], why))


def _tell(tx: Tx, place: Place, told: Event, **details: object) -> None:
    tx.announce(Ref("item", str(place[0])), told, location_id=place[1], **details)
