"""Orders in themselves: content, totals, numbers, links, what may be canceled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambidex.domains.orders import (
    Contact,
    Line,
    LineState,
    Method,
    NewLine,
    NewOrder,
    ask,
    customer_link,
    rules,
)
from ambidex.domains.orders.model import LINE, LineVerb
from ambidex.domains.orders.problems import NothingToCancel, TooLateToCancel
from ambidex.kernel.ids import ItemId, OrderId, new_id
from ambidex.kernel.money import Money
from ambidex.kernel.problem import Problem

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
KEY = b"k" * 32


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


NEW = NewOrder(
    source="web:main",
    reference="W-1",
    channel="web",
    currency="USD",
    contact=Contact("Ama Owusu"),
    lines=(NewLine("MUG-01", 2, usd("19.90"), Method.PICKUP, "store-01"),),
)


def test_the_same_content_has_the_same_fingerprint_whenever_it_is_repeated() -> None:
    again = replace(NEW, source_version=NOON)
    other = replace(NEW, contact=Contact("Ama Owusu", email="ama@example.com"))
    assert rules.content_hash(NEW) == rules.content_hash(again) != rules.content_hash(other)


@pytest.mark.parametrize(
    ("more", "total"),
    [
        ({}, "39.80"),
        ({"shipping": usd("4.95")}, "44.75"),
        ({"fees": usd("0.10")}, "39.90"),
        ({"lines": (replace(NEW.lines[0], tax=usd("3.00")),)}, "42.80"),
        ({"lines": (replace(NEW.lines[0], tax=usd("3.00")),), "prices_include_tax": True}, "39.80"),
        ({"lines": (replace(NEW.lines[0], discount=usd("1.80")),)}, "38.00"),
        ({"lines": NEW.lines * 3}, "119.40"),
    ],
)
def test_totals(more: dict[str, object], total: str) -> None:
    assert rules.total_minor(replace(NEW, **more)) == usd(total).minor  # type: ignore[arg-type]  # fields of NewOrder


def test_numbers_are_said_easily_and_differ() -> None:
    numbers = {rules.number_of(new_id(NOON)) for _ in range(2_000)}
    assert len(numbers) == 2_000
    assert all(len(n) == 9 and n[4] == "-" and not set(n) & set("AEIOU01") for n in numbers)


def test_a_link_opens_its_order_and_nothing_else_does() -> None:
    order_id = OrderId(new_id(NOON))
    path = customer_link(KEY, order_id, 3)
    token = path.removeprefix("/o/")
    assert ask.of_link(KEY, token) == (order_id, 3)
    assert ask.of_link(b"x" * 32, token) is None
    assert len(token) >= 40


@given(st.text(max_size=60), st.integers(0, 45))
def test_no_other_text_opens_anything(text: str, at: int) -> None:
    token = customer_link(KEY, OrderId(UUID(int=7)), 1).removeprefix("/o/")
    forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    assert ask.of_link(KEY, text) is None
    # the last letter carries unused bits, which must not open anything twice
    assert ask.of_link(KEY, forged) is None or at == len(token) - 1


def line(**counts: int) -> Line:
    units = {LineState(name): n for name, n in counts.items()}
    nothing = usd("0.00")
    return Line(1, ItemId(UUID(int=1)), "MUG-01", "Mug", sum(counts.values()), usd("19.90"), nothing, nothing,
                Method.PICKUP, None, units)  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "wanted", "plan"),
    [
        ({"reserved": 2}, None, {"reserved": 2}),
        ({"reserved": 1, "ready": 1}, 1, {"reserved": 1}),
        ({"short": 1, "allocated": 1, "staged": 1}, 2, {"short": 1, "allocated": 1}),
        ({"handed_over": 1, "ready": 1}, None, {"ready": 1}),
    ],
)
def test_the_least_advanced_units_are_canceled_first(
    counts: dict[str, int], wanted: int | None, plan: dict[str, int]
) -> None:
    assert rules.cancel_plan(line(**counts), wanted) == plan


@pytest.mark.parametrize(
    ("counts", "wanted", "refusal"),
    [
        ({"handed_over": 1}, None, TooLateToCancel),
        ({"handed_over": 1, "ready": 1}, 2, TooLateToCancel),
        ({"canceled": 1}, None, NothingToCancel),
        ({"reserved": 1}, 2, NothingToCancel),
    ],
)
def test_what_is_gone_cannot_be_canceled(
    counts: dict[str, int], wanted: int | None, refusal: type[Problem]
) -> None:
    with pytest.raises(refusal):
        rules.cancel_plan(line(**counts), wanted)


@pytest.mark.parametrize("state", list(LineState))
@pytest.mark.parametrize("verb", list(LineVerb))
def test_every_state_and_verb(state: LineState, verb: LineVerb) -> None:
    if not LINE.allows(state, verb):
        with pytest.raises(KeyError):
            LINE.after(state, verb)
        return
    to = LINE.after(state, verb)
    assert to is not state
    if verb is LineVerb.SEND_AGAIN:
        # other units of the same are wanted anew
        assert (state, to) in {
            (s, LineState.OPEN) for s in (LineState.SHIPPED, LineState.RETURNED, LineState.LOST)
        }
        return
    # a parcel that was given up for lost may still arrive
    assert state is not LineState.LOST or to is LineState.DELIVERED
    assert state not in {LineState.CANCELED, LineState.RETURNED, LineState.SUBSTITUTED}
