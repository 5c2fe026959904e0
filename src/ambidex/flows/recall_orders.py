"""Orders of the past: written as they ended, with their own times, and nothing of them ever happens here.

History claims no stock, tells no customer and is watched by nobody. It is found, and stands on the customer's timeline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ambidex.domains import orders, payments
from ambidex.domains.catalogue import Item
from ambidex.domains.channels import Source
from ambidex.domains.locations import Location
from ambidex.domains.orders import Draft, Line, LineState, NewOrder, OrderState
from ambidex.domains.payments import NewTender, TenderState
from ambidex.flows import import_fields as read
from ambidex.flows.order_words import look_up
from ambidex.flows.placing import Words
from ambidex.kernel.ids import LocationId, OrderId, new_id
from ambidex.kernel.money import Money
from ambidex.kernel.problem import FieldError, Problem
from ambidex.kernel.values import dataclass, field
from ambidex.runtime import outbox
from ambidex.runtime.db import Tx

OPEN, CLOSED, CANCELED = "open", "closed", "canceled"
GIVEN_BACK = "refunded"


@dataclass(frozen=True, slots=True)
class Imported:
    """One order of a file. `returned` and `canceled` are units by line number; `money` the last word by tender."""

    new: NewOrder
    status: str = OPEN
    ended_at: datetime | None = None
    returned: Mapping[int, int] = field(default_factory=dict)
    canceled: Mapping[int, int] = field(default_factory=dict)
    money: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.status != OPEN


async def recall(tx: Tx, past: Sequence[Imported]) -> None:
    """Write these orders as they ended; those that are known already change nothing. Raises the first refusal."""
    words = await look_up(tx, [one.new for one in past])
    drafts = [_draft(tx, one.new, words) for one in past]
    settled = await orders.claim_keys(tx, drafts)
    refused = next((answer for answer in settled.values() if isinstance(answer, Problem)), None)
    if refused is not None:
        raise refused
    fresh = [(d, one) for d, one in zip(drafts, past, strict=True) if d.order_id not in settled]
    agreed = [(draft, _lines(one, words), _state(one)) for draft, one in fresh]
    ended = {draft.order_id: one.ended_at or draft.new.placed_at or tx.now for draft, one in fresh}
    _, rows = orders.begin(tx, agreed, ended=ended)
    tenders = [tender for draft, one in fresh for tender in _tenders(draft.order_id, one)]
    await outbox.write(tx, *rows, *payments.begin(tx, tenders))
    _ = [await _give_back(tx, draft.order_id, one, at=ended[draft.order_id]) for draft, one in fresh]


def _draft(tx: Tx, new: NewOrder, words: Words) -> Draft:
    source = words.sources[new.source]
    if not isinstance(source, Source):
        raise source
    assert new.placed_at is not None, "history without a time was refused"
    return Draft(OrderId(new_id(new.placed_at)), source.source_id, new, tx.actor)


def _lines(one: Imported, words: Words) -> tuple[Line, ...]:
    """The lines as they ended. Raises BadInput for items and places that nobody knows here."""
    errors: list[FieldError] = []
    found = []
    for number, line in enumerate(one.new.lines, start=1):
        item, place = words.items.get(line.sku), words.places.get(line.location or "")
        if item is None:
            errors.append({"field": f"lines[{number - 1}].item", "expected": "a known SKU"})
        if line.location and place is None:
            errors.append({"field": f"lines[{number - 1}].location", "expected": "a known place"})
        if item is not None:
            found.append(_line(one, number, item, place))
    if errors:
        raise read.refused(errors)
    return tuple(found)


def _line(one: Imported, number: int, item: Item, place: Location | None) -> Line:
    new = one.new.lines[number - 1]
    nothing = Money(0, one.new.currency)
    canceled = new.quantity if one.status == CANCELED else one.canceled.get(number, 0)
    returned = 0 if one.status == CANCELED else one.returned.get(number, 0)
    counts = {
        LineState.HANDED_OVER: new.quantity - canceled - returned,
        LineState.RETURNED: returned,
        LineState.CANCELED: canceled,
    }
    return Line(
        line_no=number,
        item_id=item.item_id,
        sku=item.sku,
        title=new.title or item.title,
        quantity=new.quantity,
        unit_price=new.unit_price,
        tax=new.tax or nothing,
        discount=new.discount or nothing,
        method=new.method,
        location_id=None if place is None else LocationId(place.location_id),
        counts=counts,
        source_line=new.source_line,
    )


def _state(one: Imported) -> OrderState:
    everything = all(
        one.canceled.get(number, 0) == line.quantity for number, line in enumerate(one.new.lines, start=1)
    )
    return OrderState.CANCELED if one.status == CANCELED or everything else OrderState.CLOSED


def _tenders(order_id: OrderId, one: Imported) -> list[NewTender]:
    """Money as reported; what was given back was captured before."""
    return [
        NewTender(
            order_id,
            TenderState.CAPTURED if last == GIVEN_BACK else TenderState(last),
            told.amount,
            told.method,
            told.reference,
            told.expires_at,
            one.new.source,
        )
        for told, last in zip(one.new.payments, one.money, strict=True)
    ]


async def _give_back(tx: Tx, order_id: OrderId, one: Imported, *, at: datetime) -> bool:
    """What went back to the customer is reported as it was; whether something did. Few orders have it."""
    told = enumerate(zip(one.new.payments, one.money, strict=True), start=1)
    back = [(number, tender) for number, (tender, last) in told if last == GIVEN_BACK and tender.amount.minor]
    _ = [
        await payments.report(
            tx,
            order_id=order_id,
            kind=GIVEN_BACK,
            amount=tender.amount,
            reference=f"history:{number}",
            reported_by=one.new.source,
            happened_at=at,
            payment_reference=tender.reference,
        )
        for number, tender in back
    ]
    return bool(back)
