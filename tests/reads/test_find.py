"""Anybody finds an order by what they remember of it, within one turn of the reaction, and by few statements."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from ambidex.domains import orders
from ambidex.domains.orders import Contact
from ambidex.flows.place_order import place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.find import Hit, find
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.apps import SECRET_KEY, callers_of
from tests.flows.counter import counter
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop

PEOPLE = {
    "W-1001": Contact("Ama Owusu", "ama@example.com", "+12065550100"),
    "W-1002": Contact("Zoë Müller-Łoś", "zoe.mueller@example.org", "+44 20 7946 0991"),
    "W-1003": Contact("山田 太郎", "taro@example.jp", "+81 3-1234-5678"),
    "W-1004": Contact("Aoife O’Brien", "aoife@example.ie", "+353 1 496 0911"),
    "W-1005": Contact("Ama Barlow", "barlow@example.com", "+12065550177"),
}
KEY = bytes.fromhex(SECRET_KEY)


@pytest.fixture
async def five(run: Run, shop: Shop) -> dict[str, str]:
    """Five orders by reference, with their numbers; the last one is of a lamp."""
    await shop.shelf("camden", "MUG-01", 9)
    await shop.shelf("camden", "LAMP-07", 9)
    numbers = {}
    for reference, contact in PEOPLE.items():
        line = wanted("LAMP-07") if reference == "W-1005" else wanted()
        address = {"line1": "12 Chalk Farm Road", "postcode": "NW1 8AG"} if reference == "W-1004" else None
        new = asked(
            line, reference=reference, contact=contact, address=address, source_number="#" + reference[2:]
        )
        numbers[reference] = (await run.perform(SYSTEM, place_order, new)).view.number
    await settle(run, [r for r in REACTIONS if r.name == "orders found"])
    return numbers


async def hits(run: Run, query: str) -> list[Hit]:
    async with run.reading() as read:
        return await find(read, query, key=KEY)


async def names(run: Run, query: str) -> list[str]:
    return sorted(hit.name for hit in await hits(run, query))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("W-1001", ["Ama Owusu"]),
        ("#1001", ["Ama Owusu"]),
        ("owusu", ["Ama Owusu"]),
        ("OWUSU ama", ["Ama Owusu"]),
        ("ama", ["Ama Barlow", "Ama Owusu"]),
        ("ama lamp", ["Ama Barlow"]),
        ("LAMP-07", ["Ama Barlow"]),
        ("lamp07 barlow", ["Ama Barlow"]),
        ("owu", ["Ama Owusu"]),
        ("wus", ["Ama Owusu"]),
        ("owsuu", ["Ama Owusu"]),
        ("barlwo", ["Ama Barlow"]),
        ("mulerlso", ["Zoë Müller-Łoś"]),
        ("brlaw", []),
        ("muller", ["Zoë Müller-Łoś"]),
        ("mueller", ["Zoë Müller-Łoś"]),
        ("ZOE LOS", ["Zoë Müller-Łoś"]),
        ("obrien", ["Aoife O’Brien"]),
        ("山田", ["山田 太郎"]),
        ("太郎 山田", ["山田 太郎"]),
        ("+1 (206) 555-0100", ["Ama Owusu"]),
        ("206.555.0100", ["Ama Owusu"]),
        ("550100", ["Ama Owusu"]),
        ("0100", ["Ama Owusu"]),
        ("020 7946 0991", ["Zoë Müller-Łoś"]),
        ("03-1234-5678", ["山田 太郎"]),
        ("ama@example.com", ["Ama Owusu"]),
        ("aoife@example", ["Aoife O’Brien"]),
        ("nw1 8ag", ["Aoife O’Brien"]),
        ("NW18AG", ["Aoife O’Brien"]),
        ("chalk", ["Aoife O’Brien"]),
        ("nobody", []),
        ("ama nobody", []),
        ("ama 206 555-0100", ["Ama Owusu"]),
        ("+44 (0)20 7946 0991", ["Zoë Müller-Łoś"]),
        ("山田太郎", ["山田 太郎"]),
        ("aoife@exmaple.ie", ["Aoife O’Brien"]),
        ("nw18ah", ["Aoife O’Brien"]),
        ("B-LAMP-07", ["Ama Barlow"]),
        ("", []),
        ("'; DROP TABLE orders.orders; --", []),
        ("%", []),
    ],
)
async def test_found_by_what_people_remember(
    run: Run, five: dict[str, str], query: str, found: list[str]
) -> None:
    assert await names(run, query) == found


async def test_by_number_said_in_any_way_and_by_its_tail(run: Run, five: dict[str, str]) -> None:
    number = five["W-1002"]
    for said in (number, number.lower(), number.replace("-", " ").replace(" ", ""), f" {number} "):
        [hit] = await hits(run, said)
        assert (hit.name, hit.exact, hit.matched) == ("Zoë Müller-Łoś", True, "number")
    assert "Zoë Müller-Łoś" in await names(run, number[-4:])


async def test_a_hit_says_enough_and_masks_the_rest(run: Run, five: dict[str, str]) -> None:
    [hit] = await hits(run, "owusu")
    assert (hit.email, hit.phone) == ("a***@example.com", "***00")
    assert (hit.place, hit.state, hit.work_state, hit.owner) == (
        "Camden",
        "confirmed",
        "offered",
        "associate",
    )
    assert hit.next_deadline is not None
    assert hit.matched == "name"
    assert not hit.exact


async def test_a_scanned_link_or_pickup_code_opens_its_order(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    link = orders.customer_link(KEY, at.order_id, 1)
    for scanned in (link, f"https://shop.example{link}?from=mail"):
        [hit] = await hits(shop.run, scanned)
        assert (hit.order_id, hit.exact) == (at.order_id, True)
    assert await hits(shop.run, "/o/forged-token") == []


async def test_a_changed_contact_is_found_too(run: Run, five: dict[str, str]) -> None:
    [hit] = await hits(run, "owusu")
    await run.perform(
        SYSTEM, orders.change_contact, hit.order_id, Contact("Ama Boateng", "ama@example.com", "+12065550100")
    )
    await settle(run, [r for r in REACTIONS if r.name == "orders found"])
    assert await names(run, "boateng") == ["Ama Boateng"]


async def test_statements_do_not_grow_with_the_hits(run: Run, shop: Shop, five: dict[str, str]) -> None:
    for number in range(15):
        new = asked(reference=f"M-{number}", contact=replace(PEOPLE["W-1005"], name=f"Ama Kofi{number}"))
        await shop.shelf("camden", "MUG-01", 30)
        await run.perform(SYSTEM, place_order, new)
    await settle(run, [r for r in REACTIONS if r.name == "orders found"])
    async with run.reading() as read:
        assert len(await find(read, "barlow")) == 16
        many = read.statements
        assert len(await find(read, "W-1001")) == 1
        number = read.statements - many
        assert len(await find(read, "chalk")) == 1
    assert (many, number, read.statements - many - number) == (4, 3, 4)


async def test_the_walk_uses_the_index(own_run: Run) -> None:
    async with own_run.reading() as read:
        for way in ("enable_seqscan", "enable_bitmapscan"):
            await read.connection.execute(text(f"SET LOCAL {way} = off"))
        plan = await read.all(
            text("EXPLAIN SELECT seq FROM search.terms WHERE hash = 5 ORDER BY seq DESC LIMIT 20000")
        )
        for way in ("enable_indexscan", "enable_indexonlyscan"):
            await read.connection.execute(text(f"SET LOCAL {way} = off"))
        await read.connection.execute(text("SET LOCAL enable_bitmapscan = on"))
        words = await read.all(text("EXPLAIN SELECT word FROM search.words WHERE word % 'owsu'"))
    assert "pk_terms" in "".join(row[0] for row in plan)
    assert "Sort" not in "".join(row[0] for row in plan), "newest first comes from the index"
    assert "ix_words_trigrams" in "".join(row[0] for row in words)


async def test_find_over_http(run: Run, five: dict[str, str]) -> None:
    async with callers_of(run).as_role("reader") as client:
        answer = await client.get("/api/v1/orders", params={"q": "barlow"})
    [item] = answer.json()["items"]
    assert (item["customer"]["name"], item["matched"], item["place"]) == ("Ama Barlow", "name", "Camden")
