"""The till feed (docs/guide/till-and-warehouse.md): one transaction, or a list of them, as JSON.

Live, batched, late, repeated and out of order are all the same: each line counts once, by register, transaction and
line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from ambidex.domains.governance import DocumentKind, LineKind
from ambidex.flows.shop_port import Told, Unreadable
from ambidex.flows.stock_port import TOPICS, SaidDocument, SaidLine
from ambidex.integrations import signed
from ambidex.integrations.fields import NUMBER_MAX, Json, load, mapping, moment, text, whole
from ambidex.runtime.inbox import Delivery, body_key

TOPIC = f"{TOPICS}till"
KINDS = {kind.value: kind for kind in (LineKind.SALE, LineKind.RETURN, LineKind.VOID, LineKind.COUNT)}
CONDITIONS = frozenset({"sellable", "damaged", "quarantine", "display"})
TRANSACTIONS_MAX, LINES_MAX = 2_000, 1_000


class Till:
    """How tills talk (the protocol SourceSystem)."""

    def delivery(self, source: str, headers: Mapping[str, str], body: bytes) -> Delivery:
        """The arrival; what it is about when it can be read."""
        said: Sequence[SaidDocument] = ()
        with suppress(Unreadable):
            said = read_transactions(body)
        return Delivery(
            source=source,
            delivery_key=signed.delivery_key(headers, body) or body_key(TOPIC, body),
            topic=TOPIC,
            headers=signed.said(headers),
            body=body,
            resource=_resource(said),
        )

    def is_signed(
        self, headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], at: datetime
    ) -> bool:
        """Whether one of these secrets signed exactly these bytes."""
        return signed.is_signed(headers, body, secrets=secrets, at=at)

    def read(self, topic: str, body: bytes) -> Sequence[Told]:  # noqa: ARG002  # it has one topic
        """What the message says. Raises Unreadable."""
        return read_transactions(body)


def read_transactions(body: bytes) -> list[SaidDocument]:
    """Every transaction of a message, as it came. Raises Unreadable."""
    found = mapping(load(body), "message")
    listed = found.get("transactions", [found])
    if not isinstance(listed, list) or not 0 < len(listed) <= TRANSACTIONS_MAX:
        raise Unreadable(f"transactions: a list of 1 to {TRANSACTIONS_MAX} was expected")
    place = found.get("place")
    return [_transaction(mapping(one, f"transactions[{n}]"), place, n) for n, one in enumerate(listed)]


def _transaction(found: Json, place: object, number: int) -> SaidDocument:
    at = f"transactions[{number}]"
    kind = _kind(found, at, default=None)
    where = text({"place": place, **found}, "place", at)
    happened_at = moment(found, "happened_at", at)
    sequence = None if found.get("sequence") is None else whole(found, "sequence", at, high=NUMBER_MAX)
    is_void = kind is LineKind.VOID
    return SaidDocument(
        stream=f"{where}/{text(found, 'register', at)}",
        document=text(found, "transaction", at),
        kind=DocumentKind.VOID if is_void else DocumentKind.TRANSACTION,
        place=where,
        happened_at=happened_at,
        number=sequence,
        voids=text(found, "voids", at) if is_void else "",
        lines=() if is_void else _lines(found, kind, at),
    )


def _lines(found: Json, kind: LineKind, at: str) -> tuple[SaidLine, ...]:
    listed = found.get("lines")
    if not isinstance(listed, list) or not 0 < len(listed) <= LINES_MAX:
        raise Unreadable(f"{at}.lines: a list of 1 to {LINES_MAX} was expected")
    lines = tuple(
        _line(mapping(one, f"{at}.lines[{n}]"), kind, f"{at}.lines[{n}]") for n, one in enumerate(listed)
    )
    if len({line.line_no for line in lines}) < len(lines):
        raise Unreadable(f"{at}.lines: two lines have the same number")
    return lines


def _line(found: Json, kind: LineKind, at: str) -> SaidLine:
    own = _kind(found, at, default=kind)
    if own is LineKind.VOID or (own is LineKind.COUNT) is not (kind is LineKind.COUNT):
        raise Unreadable(f"{at}.kind: sales and returns may share a transaction, nothing else may")
    condition = text(found, "condition", at, default="sellable")
    if condition not in CONDITIONS:
        raise Unreadable(f"{at}.condition: {' | '.join(sorted(CONDITIONS))} was expected")
    counts = own is LineKind.COUNT
    return SaidLine(
        line_no=whole(found, "line", at, high=2**31 - 1),
        kind=own,
        item=text(found, "item", at),
        units=whole(found, "counted" if counts else "quantity", at, low=0 if counts else 1),
        condition=condition if own is LineKind.RETURN else "sellable",
        reference=text(found, "receipt", at, default=""),
    )


def _kind(found: Json, at: str, *, default: LineKind | None) -> LineKind:
    said = text(found, "kind", at, default="" if default else None)
    if not said and default:
        return default
    if said not in KINDS:
        raise Unreadable(f"{at}.kind: {' | '.join(KINDS)} was expected")
    return KINDS[said]


def _resource(said: Sequence[SaidDocument]) -> str:
    if not said:
        return ""
    first = f"register {said[0].stream}, transaction {said[0].document}"
    return first if len(said) == 1 else f"{first} and {len(said) - 1} more"
