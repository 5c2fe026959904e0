"""The samples of the guide are read as it says, and bad ones are refused with the place of the fault."""

import json
from pathlib import Path

import pytest

from ambidex.domains.governance import DocumentKind, LineKind
from ambidex.flows.shop_port import Unreadable
from ambidex.integrations.till.messages import read_transactions
from ambidex.integrations.warehouse.messages import read_file

SAMPLES = Path(__file__).parents[3] / "docs/samples"
SALE = {"place": "store-01", "register": "3", "transaction": "1", "kind": "sale",
        "happened_at": "2026-03-03T17:01:22Z", "lines": [{"line": 1, "item": "MUG-01", "quantity": 1}]}  # fmt: skip


def test_the_live_sample_is_one_sale_of_two_lines() -> None:
    [said] = read_transactions((SAMPLES / "till-live.json").read_bytes())
    assert (said.stream, said.document, said.number) == ("store-01/3", "88213", 1187)
    assert [(line.kind, line.units) for line in said.lines] == [(LineKind.SALE, 2), (LineKind.SALE, 1)]


def test_the_batch_has_a_return_a_void_and_a_count() -> None:
    mixed, void, back, count = read_transactions((SAMPLES / "till-batch.json").read_bytes())
    assert [line.kind for line in mixed.lines] == [LineKind.SALE, LineKind.RETURN]
    assert mixed.lines[1].condition == "damaged"
    assert (void.kind, void.voids, void.lines) == (DocumentKind.VOID, "88213", ())
    assert back.lines[0].reference == "88214"
    assert (count.lines[0].kind, count.lines[0].units, count.number) == (LineKind.COUNT, 17, None)


def test_the_files_are_read() -> None:
    delta = read_file((SAMPLES / "warehouse-delta.jsonl").read_bytes())
    assert [(line.kind, line.units) for line in delta.lines] == [
        (LineKind.SALE, 12), (LineKind.RECEIPT, 40), (LineKind.ADJUST, -1),
    ]  # fmt: skip
    full = read_file((SAMPLES / "warehouse-full.csv").read_bytes())
    assert (full.kind, full.number, len(full.lines)) == (DocumentKind.FULL, 413, 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "gift"}, "kind"),
        ({"happened_at": "2026-03-03T17:01:22"}, "zone is missing"),
        ({"happened_at": "soon"}, "happened_at"),
        ({"happened_at": "0001-01-01T00:00:00+23:00"}, "no clock"),
        ({"happened_at": "9999-12-31T23:59:59-23:00"}, "no clock"),
        ({"happened_at": "1970-01-01T00:00:00Z"}, "no clock"),
        ({"register": ""}, "register is missing"),
        ({"lines": []}, "lines"),
        ({"lines": [{"line": 1, "item": "MUG-01", "quantity": 0}]}, "quantity"),
        ({"lines": [{"line": 1, "item": "MUG-01", "quantity": True}]}, "quantity"),
        (
            {"lines": [{"line": 1, "item": "M", "quantity": 1}, {"line": 1, "item": "M", "quantity": 1}]},
            "same number",
        ),
        ({"lines": [{"line": 1, "kind": "count", "item": "M", "counted": 1}]}, "nothing else may"),
        ({"kind": "void"}, "voids is missing"),
        ({"sequence": -1}, "sequence"),
    ],
)
def test_a_bad_transaction_says_where(change: dict[str, object], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_transactions(json.dumps(SALE | change).encode())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"report":"full","number":1,"as_of":"2026-03-03T12:00:00Z","place":"dc"}\n{"item":"A","units":-1}', "units"),
        (b'{"report":"half","number":1,"as_of":"2026-03-03T12:00:00Z","place":"dc"}\n{"item":"A","units":1}', "report"),
        (b'{"report":"delta","number":1,"as_of":"2026-03-03T12:00:00Z","place":"dc"}\n{"item":"A","change":2,"reason":"shipped"}', "cannot be"),
        (b'{"report":"full","number":1,"as_of":"2026-03-03T12:00:00Z","place":"dc"}\n{"item":"A","units":1}\n{"item":"A","units":2}', "once"),
        (b'{"report":"full","number":1,"as_of":"2026-03-03T12:00:00Z","place":"dc","complete":true}\n{"item":"A","units":1}', "announces its rows"),
        (b'{"report":"delta","number":1,"as_of":"2026-03-03T12:00:00Z","place":"dc","rows":1,"complete":true}\n{"item":"A","change":1}', "only a full file"),
        (b'{"report":"full","number":1,"as_of":"2026-03-03T12:00:00Z","place":"dc","rows":1,"complete":"yes"}\n{"item":"A","units":1}', "true or false"),
        (b"report,number,as_of,place,rows,item,units\nfull,1,2026-03-03T12:00:00Z,dc,2,A,1\nfull,2,2026-03-03T12:00:00Z,dc,2,B,1\n", "the same in every row"),
    ],
)  # fmt: skip
def test_a_bad_file_says_where(body: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_file(body)
