"""What goes into a parcel, what came out of it, and when it can be there: pure, so in tables and by chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambidex.domains.transfers import rules
from ambidex.domains.transfers.model import (
    INBOUND,
    TRANSFER,
    Arrived,
    Counted,
    Delivery,
    DeliveryId,
    DeliveryKind,
    InboundState,
    Line,
    Outcome,
    Purpose,
    TransferState,
    Verb,
)
from ambidex.domains.transfers.problems import NothingToSettle, WrongState
from ambidex.kernel.clock import Hours
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.problem import BadInput

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
MUG, LAMP, STRANGER = (ItemId(UUID(int=n)) for n in (1, 2, 3))


def delivery(*lines: Line, state: TransferState | InboundState = TransferState.IN_TRANSIT) -> Delivery:
    kind = DeliveryKind.TRANSFER if isinstance(state, TransferState) else DeliveryKind.INBOUND
    return Delivery(
        DeliveryId(UUID(int=9)), kind, "T-1", Purpose.REPLENISH, None, LocationId(UUID(int=8)), "", state, None, None,
        "", "Inès", NOON, None, None, None, 1, lines,
    )  # fmt: skip


def counted(**units: int) -> Counted:
    names = {"mug": MUG, "lamp": LAMP, "stranger": STRANGER}
    return Counted(
        {
            (
                names[name.removeprefix("bad_")],
                Arrived.DAMAGED if name.startswith("bad_") else Arrived.SELLABLE,
            ): n
            for name, n in units.items()
        }
    )


@pytest.mark.parametrize(
    ("sent", "scanned", "received", "damaged", "variance"),
    [
        # all of it
        ({"mug": 3}, {"mug": 3}, [3], [0], [0]),
        # too few, nothing, too many
        ({"mug": 3}, {"mug": 1}, [1], [0], [-2]),
        ({"mug": 3}, {}, [0], [0], [-3]),
        ({"mug": 3}, {"mug": 5}, [5], [0], [2]),
        # a broken one has arrived too
        ({"mug": 3}, {"mug": 2, "bad_mug": 1}, [2], [1], [0]),
        # what nobody sent is a line of its own
        ({"mug": 1}, {"mug": 1, "stranger": 2}, [1, 2], [0, 0], [0, 2]),
    ],
)
def test_what_came_against_what_was_sent(
    sent: dict[str, int],
    scanned: dict[str, int],
    received: list[int],
    damaged: list[int],
    variance: list[int],
) -> None:
    lines = tuple(Line(n, MUG, units, sent=units) for n, units in enumerate(sent.values(), start=1))
    found = rules.arrived(delivery(*lines), counted(**scanned))
    assert [line.received for line in found] == received
    assert [line.damaged for line in found] == damaged
    assert [line.variance for line in found] == variance


@given(
    sent=st.lists(st.tuples(st.sampled_from([MUG, LAMP]), st.integers(1, 9)), min_size=1, max_size=5),
    good=st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 3)),
    bad=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
def test_no_scanned_unit_vanishes_between_lines(
    sent: list[tuple[ItemId, int]], good: tuple[int, int, int], bad: tuple[int, int]
) -> None:
    lines = [Line(n, item, units, sent=units) for n, (item, units) in enumerate(sent, start=1)]
    seen = counted(mug=good[0], lamp=good[1], stranger=good[2], bad_mug=bad[0], bad_lamp=bad[1])
    found = rules.arrived(delivery(*lines), seen)
    assert sum(line.received for line in found) == sum(good)
    assert sum(line.damaged for line in found) == sum(bad)
    for item in (MUG, LAMP, STRANGER):
        assert sum(x.received + x.damaged for x in found if x.item_id == item) == seen.of(item)


@pytest.mark.parametrize("state", list(TransferState))
@pytest.mark.parametrize("verb", list(Verb))
def test_every_state_of_a_transfer_and_every_verb(state: TransferState, verb: Verb) -> None:
    if TRANSFER.allows(state, verb):
        assert rules.after(delivery(state=state), verb) is TRANSFER.after(state, verb)
    else:
        with pytest.raises(WrongState):
            rules.after(delivery(state=state), verb)


@pytest.mark.parametrize("state", list(InboundState))
@pytest.mark.parametrize("verb", list(Verb))
def test_every_state_of_inbound_goods_and_every_verb(state: InboundState, verb: Verb) -> None:
    assert INBOUND.allows(state, verb) == _allowed(state, verb)


def _allowed(state: InboundState, verb: Verb) -> bool:
    try:
        rules.after(delivery(state=state), verb)
    except WrongState:
        return False
    return True


@pytest.mark.parametrize(
    ("line", "units", "outcome", "refused"),
    [
        (Line(1, MUG, 3, sent=3, received=1), 2, Outcome.LOST, None),
        (Line(1, MUG, 3, sent=3, received=1, settled=1), 2, Outcome.LOST, BadInput),
        (Line(1, MUG, 3, sent=3, received=1), 1, Outcome.SENT_TOO_MANY, BadInput),
        (Line(1, MUG, 3, sent=3, received=4), 1, Outcome.SENT_TOO_MANY, None),
        (Line(1, MUG, 3, sent=3, received=4), 1, Outcome.LOST, BadInput),
        (Line(1, MUG, 3, sent=3, received=3), 1, Outcome.LOST, NothingToSettle),
    ],
)
def test_what_explains_a_difference(
    line: Line, units: int, outcome: Outcome, refused: type[Exception] | None
) -> None:
    of = delivery(line, state=TransferState.PARTLY_RECEIVED)
    if refused is None:
        assert rules.check_settle(of, line, units, outcome) is line
    else:
        with pytest.raises(refused):
            rules.check_settle(of, line, units, outcome)


@pytest.mark.parametrize(("km", "days"), [(0, 1), (150, 1), (151, 2), (601, 4), (None, 4)])
def test_days_on_the_road(km: float | None, days: int) -> None:
    always = Hours.always()
    there = rules.arrives_at(always, always, km=km, now=NOON)
    assert there == NOON + rules.SEND_WITHIN + timedelta(days=days)


def test_a_reference_can_be_read_aloud() -> None:
    name = rules.reference_of(UUID(int=123456789))
    assert name.startswith("T-")
    assert len(name) == 11
    assert not set(name[2:]) & set("01OIL")
