"""What happened is said in the shop's words: every event of the house has a sentence, with every value it can carry."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, ClassVar, get_args, get_type_hints
from uuid import UUID

import pytest

from ambidex import domains
from ambidex.domains.fulfillment.model import CustomerSide, WorkVerb
from ambidex.domains.identity import Role
from ambidex.domains.messages import MessageKind
from ambidex.domains.pocket.model import DeedKind
from ambidex.domains.promises.model import MilestoneKind, PromiseKind
from ambidex.domains.tasks import TaskKind
from ambidex.domains.watch import WaitsFor
from ambidex.flows.offer_item import INSTEAD, KEEP_WAITING
from ambidex.flows.options import CANCEL, COLLECT, SEND, WAIT
from ambidex.kernel.event import Event, json_value
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass
from ambidex.runtime import inbox
from ambidex.web.happened import Around, Happened, told, why_words
from tests.flows.counter import counter
from tests.shop import Shop
from tests.web.floor import on_the_floor

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
AROUND = Around(zone="Europe/London", now=AT, places={1: "Camden"}, lines={1: "Enamel mug"})
# what no sentence may hold: the name of a field or a value as programs write it, a hole that nothing filled
NOT_OF_THE_SHOP = re.compile(
    r"[a-z]_[a-z]|[{}\[\]]|\bNone\b|\d{4}-\d\d-\d\d|\b(watch|armed|milestone|resolved)\b"
)
CODES: dict[str, Sequence[Any]] = {
    "watch.waits_for": list(WaitsFor),
    "watch.closed.outcome": ["resolved", "canceled"],
    "promises.kind": list(PromiseKind),
    "promises.milestone-reached.kind": list(MilestoneKind),
    "messages.kind": list(MessageKind),
    "tasks.kind": list(TaskKind),
    "pocket.kind": list(DeedKind),
    "payments.kind": ["authorized", "captured", "refunded", "voided"],
    "fulfillment.side": list(CustomerSide),
    "fulfillment.option": [f"{COLLECT}camden", f"{SEND}soho", WAIT, CANCEL, INSTEAD, KEEP_WAITING],
    "fulfillment.step": [
        verb for verb in WorkVerb if verb in {"pack", "pack last", "unpack", "dispatch", "deliver"}
    ]
    + [
        WorkVerb.DISPATCH_LAST,
        WorkVerb.FAIL_DELIVERY,
        WorkVerb.TRY_AGAIN,
        WorkVerb.RETURN_TO_SENDER,
        WorkVerb.LOSE,
    ],
    "fulfillment.place": ["SHELF-B3"],
    "watch.armed.waits_for": [{f"{what}:1": AT for what in WaitsFor}],
}
OF_A_TYPE: dict[Any, Any] = {
    int: 1,
    bool: True,
    datetime: AT,
    UUID: UUID(int=7),
    Money: Money(1990, "USD"),
}


def events() -> list[type[Event]]:
    """Every event type of the house."""
    found = {one for one in vars(inbox).values() if _is_event(one)}
    for one in pkgutil.walk_packages(domains.__path__, "ambidex.domains."):
        module = importlib.import_module(one.name)
        found |= {each for each in vars(module).values() if _is_event(each)}
    return sorted(found, key=lambda one: one.name)


def _is_event(one: object) -> bool:
    return isinstance(one, type) and issubclass(one, Event) and one is not Event


def sentences(kind: type[Event]) -> Iterator[str]:
    """How it is told, once for each value that it can carry."""
    domain = kind.name.partition(".")[0]
    hints = get_type_hints(kind)
    payload: dict[str, Any] = {}
    coded: dict[str, Sequence[Any]] = {}
    for one in fields(kind):
        values = CODES.get(f"{kind.name}.{one.name}") or CODES.get(f"{domain}.{one.name}")
        if values:
            coded[one.name] = values
        payload[one.name] = values[0] if values else _sample(hints[one.name], one.name)
    yield _told(kind.name, payload)
    for name, values in coded.items():
        for value in values:
            yield _told(kind.name, {**payload, name: value})
    for one in fields(kind):
        if type(None) in get_args(hints[one.name]):
            yield _told(kind.name, {**payload, one.name: None})


def _sample(hint: Any, name: str) -> Any:
    if name in {"units", "refused"} and hint is not int:
        return {1: 2} if "dict" in str(hint) else [{"line": 1, "quantity": 2}]
    if name == "lines":
        return [{"item": "7", "quantity": 2}]
    if hint in OF_A_TYPE:
        return OF_A_TYPE[hint]
    if "role" in name:
        return Role.LEAD.value
    if name in {"due_at", "expires_at", "expected_at"} or "datetime" in str(hint):
        return AT
    return "something" if hint is str else []


def _told(name: str, payload: Mapping[str, Any]) -> str:
    return told(Happened(name, json_value(payload), "", AT), AROUND)


@pytest.mark.parametrize("kind", events(), ids=lambda one: one.name)
def test_every_event_of_the_house_has_a_sentence_of_the_shop(kind: type[Event]) -> None:
    for said in sentences(kind):
        assert said
        assert not NOT_OF_THE_SHOP.search(said), said
        assert said[0].isupper() or not said[0].isalpha()


def test_all_domains_are_walked() -> None:
    assert {one.name.partition(".")[0] for one in events()} >= {
        "watch",
        "promises",
        "shipping",
        "inbox",
        "routing",
    }
    assert len(events()) > 150


def test_an_event_without_words_is_found() -> None:
    @dataclass(frozen=True)
    class Wrapped(Event):
        name: ClassVar[str] = "shipping.gift-wrapped"
        work_no: int

    with pytest.raises(KeyError):
        list(sentences(Wrapped))


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        ("watch.armed", {"waits_for": {"accept:1": "2026-03-03T14:30:00+00:00"}}, "Camden has until 2:30 PM to answer"),
        ("messages.sent", {"kind": "ready"}, "Told the customer: ready to collect"),
        ("watch.closed", {"waits_for": "accept", "work_no": 1, "outcome": "resolved"}, "Camden answered"),
        ("promises.milestone-reached", {"kind": "picked", "due_at": "2026-03-03T12:30:00+00:00"}, "Picked, in time for 12:30 PM"),
        ("promises.milestone-reached", {"kind": "picked", "due_at": "2026-03-03T11:30:00+00:00"}, "Picked late: it was due by 11:30 AM"),
        ("fulfillment.picked", {"line_no": 1, "units": 2, "kind": "scan"}, "Enamel mug picked: 2 units"),
        ("payments.reported", {"kind": "refunded", "amount": {"amount": "19.90", "currency": "USD"}}, "$19.90 given back"),
    ],
)  # fmt: skip
def test_it_is_told_with_its_names_and_times(name: str, payload: dict[str, Any], said: str) -> None:
    assert re.sub(r"\s", " ", _told(name, payload)) == said


def test_a_reason_is_told_and_the_code_of_a_program_is_not() -> None:
    assert why_words("the shelf is empty.") == "the shelf is empty"
    assert why_words("returned_to_sender") == "the parcel comes back to us"
    assert [why_words(code) for code in ("canceled:1", "platform", "not in time: accept", "no_place")] == [
        ""
    ] * 4


async def test_the_order_page_tells_what_happened(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        page = await floor.page(f"/orders/{at.order_id}")
    assert "Ready at Camden, on Shelf B3" in page
    assert "Camden accepted" in page
    assert "The customer will be told: ready to collect" in page
    for code in ("Watch:", "Promise:", "Work:", "milestone", "fulfillment"):
        assert code not in page
