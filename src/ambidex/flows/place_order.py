"""Placing orders, many at once: keys first, decide on an unlocked look, write what survived, take the stock last.

If the stock changed its mind meanwhile, everything is rolled back once and begun again with the stock locked first.
Alone, an order is a list of one. The order, its money, its reservations, the work offered, the promise with its
milestones, the watchdogs, the owner and the confirmation become true together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from ambidex.domains import fulfillment, inventory, messages, orders, payments, promises, routing, watch
from ambidex.domains.orders import Draft, NewOrder, Order, OrderState
from ambidex.flows import placing, quoted_orders, slots
from ambidex.flows.decide_orders import decide
from ambidex.flows.follow_up import FollowUp
from ambidex.flows.order_words import look_up
from ambidex.flows.placing import Decision, Words
from ambidex.flows.short_at_arrival import ask_customers
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import NotAllowed, Problem
from ambidex.kernel.values import dataclass, replace
from ambidex.reads.orders import OrderView, overviews
from ambidex.runtime import outbox
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again


class NotYourSource(Problem):
    """This source is a system that sends its own orders."""

    status, code = 403, "not-your-source"
    advice = "Name a source of your own, such as web:main; orders of a connected shop come from the shop."


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as it stands; `created` is False when the same content was placed before."""

    view: OrderView
    created: bool
    # what became of the quote that it named: id, kept, differences
    quote: Mapping[str, object] | None = None

    @property
    def order_id(self) -> OrderId:
        return self.view.order_id


async def place_order(tx: Tx, new: NewOrder, *, sold_elsewhere: bool = False) -> Placed:
    """Place one order; see `place_orders`. Raises its Problem."""
    [placed] = await place_orders(tx, [Asked(tx.actor, None, new)], sold_elsewhere=sold_elsewhere)
    if isinstance(placed, Problem):
        raise placed
    return placed


async def place_orders(
    tx: Tx, asked: Sequence[Asked[NewOrder]], *, sold_elsewhere: bool = False, take_last: bool = False
) -> list[Placed | Problem]:
    """Place a list; each is answered with the order or a refusal as a value.

    `take_last`: nothing else in this transaction asks for the stock, so it is taken right before the commit.

    `sold_elsewhere`: another system has sold these already, so they are kept even when stock lacks; what is
    short is owned and its customer asked. Raises Again when the stock changed between the look and the take.
    """
    known_quotes = {} if sold_elsewhere else await quoted_orders.look(tx, asked)
    if known_quotes:
        asked = [replace(one, command=quoted_orders.as_quoted(one.command, known_quotes)) for one in asked]
    words = await look_up(tx, [one.command for one in asked])
    drafts = [_draft(tx, one, words, sold_elsewhere=sold_elsewhere) for one in asked]
    sound = [draft for draft in drafts if isinstance(draft, Draft)]
    answers = await orders.claim_keys(tx, sound)
    fresh = [draft for draft in sound if draft.order_id not in answers]
    quoted = await quoted_orders.decide(tx, () if sold_elsewhere else fresh, words, known_quotes)
    open_ones = [draft for draft in fresh if not quoted.has_settled(draft)]
    decided, refused, shelf = await decide(tx, open_ones, words, sold_elsewhere=sold_elsewhere)
    decisions, refused = [*quoted.decisions.values(), *decided], {**refused, **quoted.refused}
    gone = [draft for draft in fresh if draft.order_id in refused]
    kept = {**quoted.kept, **shelf.kept()}
    follow, written, take = await _write(tx, decisions, words, refused=gone, quoted=quoted, kept=kept)
    if take_last:
        tx.at_last(take)
    else:
        await take()
    await ask_customers(tx, [one for one in decisions if not quoted.is_sent_to_store(one)], written)
    await quoted.send_to_stores(tx, decisions, written)
    answers = {**answers, **refused}
    known = [known for known in answers.values() if not isinstance(known, Problem)]
    unseen = [order_id for order_id in (*known, *written) if order_id not in follow.views]
    views = {**follow.views, **await overviews(tx, unseen)}
    told = {one.draft.order_id: quoted.told(one) for one in decisions}
    return [_answer(draft, answers, views, told) for draft in drafts]


def _draft(tx: Tx, asked: Asked[NewOrder], words: Words, *, sold_elsewhere: bool) -> Draft | Problem:
    """What is asked with an id of its own, or why it is not even looked at."""
    if not asked.actor.may(Permission.ORDERS_PLACE):
        return NotAllowed(f"{asked.actor.name} may not place orders")
    source = words.sources[asked.command.source]
    if isinstance(source, Problem):
        return source
    if not (source.is_our_api or sold_elsewhere):
        return NotYourSource(source=source.code)
    return Draft(tx.new_id(), source.source_id, asked.command, asked.actor)


def _answer(
    draft: Draft | Problem,
    answers: Mapping[OrderId, OrderId | Problem],
    views: Mapping[OrderId, OrderView],
    told: Mapping[OrderId, Mapping[str, object] | None],
) -> Placed | Problem:
    if isinstance(draft, Problem):
        return draft
    settled = answers.get(draft.order_id)
    if isinstance(settled, Problem):
        return settled
    quote = told.get(draft.order_id)
    return Placed(views[settled or draft.order_id], created=settled is None, quote=quote)


async def _write(
    tx: Tx,
    decisions: Sequence[Decision],
    words: Words,
    *,
    refused: Sequence[Draft],
    quoted: quoted_orders.Quoted,
    kept: Mapping[inventory.Place, int],
) -> tuple[FollowUp, dict[OrderId, Order], Callable[[], Awaitable[None]]]:
    """Write everything in one statement, and tell that the stock is claimed, which is taken with the last."""
    states = [OrderState.CONFIRMED if d.is_secured else OrderState.PLACED for d in decisions]
    agreed = [(d.draft, placing.lines_of(d), state) for d, state in zip(decisions, states, strict=True)]
    known = {decision.draft.order_id: decision for decision in decisions}
    follow = FollowUp(words, tx.now)
    written, rows = orders.begin(
        tx, agreed, with_it=lambda order: follow.add(order, known[order.order_id]), refused=refused
    )
    await slots.book(tx, words, decisions, follow.works)
    reserve = inventory.will_reserve(tx, follow.claims, kept=kept)
    await outbox.write(
        tx,
        *rows,
        *payments.begin(tx, follow.tenders),
        *fulfillment.begin(tx, follow.works),
        promises.begin(tx, follow.promises),
        *watch.begin(tx, follow.watchdogs, follow.owners),
        messages.begin(tx, follow.messages),
        *([routing.begin(follow.receipts)] if follow.receipts else ()),
    )
    await quoted.take(tx, decisions)
    return follow, {order.order_id: order for order in written}, partial(_take, reserve)


async def _take(reserve: Callable[[], Awaitable[set[inventory.Place]]]) -> None:
    """Take the stock with the last statement. Raises Again when it changed since it was looked at."""
    if await reserve():
        raise Again
