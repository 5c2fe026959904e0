"""Importing files: every line wholly or not at all, named when not; the same file again changes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from ambidex.domains import catalogue, locations
from ambidex.entry.cli_import import KINDS
from ambidex.entry.import_file import harmless, read_file
from ambidex.flows.import_rows import LIST_MAX, Report, import_lines
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.perform import Run
from tests.shop import Shop

Write = Callable[..., Path]
SAMPLES = Path(__file__).parents[2] / "docs" / "samples"


async def _imported(run: Run, kind: str, file: Path) -> Report:
    file_hash, lines = read_file(file)
    return await import_lines(run, SYSTEM, kind=KINDS[kind], lines=lines, file_hash=file_hash)


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(content: str | bytes, name: str = "file.csv") -> Path:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


async def test_the_samples_make_a_shop_and_do_no_harm_twice(run: Run) -> None:
    files = {"locations": "csv", "items": "jsonl", "stock": "csv", "staff": "csv"}
    reports = [await _imported(run, kind, SAMPLES / f"{kind}.{ending}") for kind, ending in files.items()]
    assert [(report.applied, report.faults) for report in reports] == [(3, []), (3, []), (4, []), (3, [])]
    async with run.reading() as read:
        events = await read.value(text("SELECT count(*) FROM runtime.events"))
        place = await locations.by_code(read, "quay-02")
        stock = await read.value(text("SELECT sum(sellable) FROM inventory.positions"))
    assert place.address["line1"] == "Åsgatan 11"
    assert [day for day, spans in place.hours.week.items() if not spans] == [6]
    assert stock == 6 + 14 + 2 + 900
    again = [await _imported(run, kind, SAMPLES / f"{kind}.{ending}") for kind, ending in files.items()]
    assert [(report.applied, report.already) for report in again] == [(0, 3), (0, 3), (0, 4), (0, 3)]
    async with run.reading() as read:
        assert await read.value(text("SELECT count(*) FROM runtime.events")) == events


async def test_bad_lines_are_named_and_the_others_applied(run: Run, written: Write) -> None:
    rows = [f"I-{number},Item {number},{number}.00,20000000{number:05}" for number in range(40)]
    rows[7] = "I-7,Item 7,seven,"
    rows[11] = ",No SKU,1.00,"
    rows[23] = "I-23,Item 23,1.00,2000000000022"  # the barcode of item 22
    rows[30] = "I-30,too,many,fields,here"
    report = await _imported(run, "items", written("\n".join(["sku,name,price,barcodes", *rows])))
    assert [(fault.line, fault.field or fault.code) for fault in report.faults] == [
        (9, "price"), (13, "sku"), (25, "barcode-taken"), (32, "line"),
    ]  # fmt: skip
    assert report.applied == 36
    async with run.reading() as read:
        assert len((await catalogue.page(read, limit=200)).items) == 36


async def test_a_corrected_file_goes_on(run: Run, written: Write) -> None:
    bad = written("code,name,time_zone\na,A,UTC\nb,B,Mars\n")
    assert (await _imported(run, "locations", bad)).applied == 1
    good = written("code,name,time_zone\na,A,UTC\nb,B,UTC\n")
    assert (await _imported(run, "locations", good)).faults == []


async def test_an_interrupted_file_goes_on_where_it_ended(run: Run, written: Write) -> None:
    rows = [f"I-{number},Item" for number in range(LIST_MAX + 30)]
    file = written("\n".join(["sku,name", *rows]))
    file_hash, lines = read_file(file)
    some = [line for line in lines if line.number < 100]
    await import_lines(run, SYSTEM, kind=KINDS["items"], lines=some, file_hash=file_hash)
    report = await _imported(run, "items", file)
    assert (report.lines, report.already, report.applied) == (LIST_MAX + 30, 98, LIST_MAX + 30 - 98)


async def test_the_same_key_twice_in_a_file_ends_with_the_later_line(run: Run, written: Write) -> None:
    report = await _imported(run, "items", written("sku,name\nA,First\nB,Other\nA,Second\n"))
    assert report.applied == 3
    async with run.reading() as read:
        assert (await catalogue.by_sku(read, "A")).name == "Second"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"sku,name\nA,\xff\xfe\n", "line"),
        (b"sku,name\nA,a\x00b\n", "name"),
        (b"sku,name,colour\nA,Mug,red\n", "colour"),
        (b'{"sku": "A"\n', "line"),
        (b'["A"]\n{"sku": "A", "name": "Mug"}\n', "line"),
        (b"sku,name\nA," + b"x" * 5000 + b"\n", "name"),
        (b"sku;name;weight_grams\nA;Mug;-3\n", "weight_grams"),
    ],
)
async def test_hostile_lines_are_refused_whole(run: Run, written: Write, content: bytes, field: str) -> None:
    name = "file.jsonl" if content[:1] in b"[{" else "file.csv"
    report = await _imported(run, "items", written(content, name))
    assert report.faults[0].field == field


async def test_formulas_stay_text_and_leave_as_text(run: Run, written: Write) -> None:
    formula = '=HYPERLINK("http://evil.example";"x")'
    content = f'sku,name\nA,"{formula.replace(chr(34), chr(34) * 2)}"\n'
    assert (await _imported(run, "items", written(content))).faults == []
    async with run.reading() as read:
        assert (await catalogue.by_sku(read, "A")).name == formula
    assert harmless(formula) == f"'{formula}"


async def test_counting_what_is_promised_goes_the_way_of_a_count_at_the_shelf(
    run: Run, shop: Shop, written: Write
) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    await shop.shelf("camden", "BOWL-01", 3)
    report = await _imported(
        run, "stock", written("location,item,counted\ncamden,MUG-01,9\ncamden,BOWL-01,1\ncamden,NONE,1\n")
    )
    assert [(fault.line, fault.field) for fault in report.faults] == [(4, "item")]
    assert (await shop.stock("camden", "MUG-01")).sellable == 9
    assert (await shop.stock("camden", "BOWL-01")).sellable == 1


async def test_a_password_never_comes_in_the_clear(run: Run, shop: Shop, written: Write) -> None:
    await shop.place("camden")
    header = "code,name,location,roles,login,password_hash\n"
    report = await _imported(run, "staff", written(f"{header}A1,Ama,camden,lead,ama,hunter2hunter2\n"))
    assert report.faults[0].field == "password_hash"
