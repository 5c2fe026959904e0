"""The page Count: what is next and why, the pad, another person, a lead; and what the pocket loads."""

from __future__ import annotations

import pytest

from ambidex.domains.identity import Role
from tests.conftest import Clock
from tests.flows.counter import counter
from tests.shop import Shop
from tests.web.floor import CODES, Floor, on_the_floor


@pytest.fixture
async def camden(shop: Shop, clock: Clock) -> Shop:
    await shop.shelf("camden", "MUG-01", 10)
    await counter(shop, stock=10, mug_01=2)
    clock.forward(hours=3)
    return shop


async def counts(floor: Floor, units: int, **said: str) -> str:
    return await floor.goes("/count/item/MUG-01", counted=str(units), kind="own", **said)


async def test_the_list_says_what_is_next_and_why(camden: Shop) -> None:
    async with on_the_floor(camden) as floor:
        words = await floor.page("/count")
        assert "Mug 01" in words
        assert "1 customer collects this today" in words
        assert "10" not in words.replace("10:", ""), "nobody who counts sees the book"
        pad = await floor.page("/count/item/MUG-01")
        assert "That is all" in pad
        assert await floor.goes("/count/find", code="B-MUG-01") == "/count/item/MUG-01"
        assert "There is no item" in await floor.refused("/count/find", code="B-NOTHING")


async def test_a_kit_has_no_pad_and_its_components_are_named(camden: Shop) -> None:
    await camden.item("SET-01", components=(("MUG-01", 2),))
    async with on_the_floor(camden) as floor:
        assert await floor.goes("/count/find", code="B-SET-01") == "/count/item/SET-01"
        answer = await floor.client.get("/count/item/SET-01")
    assert answer.status_code == 409
    assert "SET-01 is 2 x MUG-01" in answer.text
    assert "data-pad" not in answer.text


async def test_near_the_book_is_thanked_for(camden: Shop) -> None:
    async with on_the_floor(camden) as floor:
        assert await counts(floor, 9) == "/count?said=counted"
        assert "Thank you" in await floor.page("/count?said=counted")
    assert (await camden.stock("camden", "MUG-01")).sellable == 9


async def test_another_person_counts_and_a_lead_decides(camden: Shop) -> None:
    async with on_the_floor(camden) as floor:
        assert await counts(floor, 4) == "/count?said=recount"
        assert "You counted it" in await floor.page("/count")
        assert "Somebody else has to count it again" in await floor.page("/count/item/MUG-01")
        assert "You counted this yourself" in await floor.refused("/count/item/MUG-01", counted="4")


@pytest.mark.parametrize("said", ["", "many", "-1", "1.5"])
async def test_what_is_no_number_is_refused_where_the_finger_is(camden: Shop, said: str) -> None:
    async with on_the_floor(camden) as floor:
        assert "a number, 0 or more" in await floor.refused("/count/item/MUG-01", counted=said)


async def test_a_lead_asks_the_team(camden: Shop) -> None:
    async with on_the_floor(camden, role=Role.LEAD) as floor:
        assert "Ask the team" in await floor.page("/count/item/MUG-01")
        assert await floor.goes("/count/item/MUG-01/ask") == "/count?said=asked"
        assert "Asked for" in await floor.page("/count")


async def test_the_pocket_loads_what_a_place_needs_and_no_secret(camden: Shop) -> None:
    at = await counter(camden, stock=10, mug_01=1)
    await at.until_ready()
    async with on_the_floor(camden) as floor:
        answer = await floor.client.get("/pocket/work")
        snapshot = answer.json()
        assert (await floor.client.get("/pocket")).status_code == 200
        program = await floor.client.get("/sw.js")
        statuses = {(await floor.client.get(file)).status_code for file in snapshot["files"]}
    assert program.headers["content-type"].startswith("text/javascript")
    assert 'from "/static/v-' in program.text
    [ready] = [work for work in snapshot["works"] if work["state"] == "ready"]
    assert (ready["place"], ready["paid"], ready["lines"][0]["left"]) == ("SHELF-B3", True, 1)
    code = CODES.code(at.work_id(), ready["code_no"])
    assert ready["verifier"] == CODES.verifier(at.work_id(), ready["code_no"])
    assert code not in answer.text
    assert statuses == {200}, "everything that the frame is made of is served"
    assert [one["sku"] for one in snapshot["counts"]] == ["MUG-01"]
    assert "worth" not in snapshot["counts"][0]
