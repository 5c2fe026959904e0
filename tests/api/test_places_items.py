"""Places, items, duty and sources over HTTP: create or change, see, list page by page, refuse with the field named."""

import pytest

from ambidex.runtime.perform import Run
from tests.apps import callers_of
from tests.shop import Shop

HOURS = {"monday": [["09:00", "21:00"]], "sat": [["10:00", "24:00"]]}


async def test_a_place_is_created_changed_and_seen(run: Run) -> None:
    async with callers_of(run).as_role("admin") as client:
        body = {
            "name": "Camden",
            "time_zone": "Europe/London",
            "hours": HOURS,
            "staging_places": [{"code": "SHELF-B3", "label": "Shelf B3"}, "BIN-1"],
            "address": "12 Chalk Farm Road",
        }
        made = await client.put("/api/v1/locations/store-01", json=body)
        changed = await client.put("/api/v1/locations/store-01", json={"phone": "+44 20 7946 0991"})
        seen = await client.get("/api/v1/locations/store-01")
    assert (made.status_code, changed.status_code, seen.status_code) == (201, 200, 200)
    assert seen.json() == changed.json()
    place = seen.json()
    assert place["hours"] == {"monday": [["09:00", "21:00"]], "saturday": [["10:00", "24:00"]]}
    assert (place["name"], place["phone"], place["kind"]) == ("Camden", "+44 20 7946 0991", "store")
    assert [s["code"] for s in place["staging_places"]] == ["BIN-1", "SHELF-B3"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Mars"}, "time_zone"),
        ({"hours": {"someday": []}}, "hours"),
        ({"latitude": 91}, "latitude"),
        ({"kind": "shop"}, "kind"),
    ],
)
async def test_a_place_that_cannot_be_is_refused(run: Run, body: dict[str, object], field: str) -> None:
    async with callers_of(run).as_role("admin") as client:
        answer = await client.put("/api/v1/locations/store-01", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_item_is_created_changed_and_found_by_its_barcode(run: Run) -> None:
    async with callers_of(run).as_role("admin") as client:
        body = {"name": "Mug", "price": "19.90", "currency": "EUR", "barcode": "2000000000015"}
        made = await client.put("/api/v1/items/MUG-01", json=body)
        changed = await client.put(
            "/api/v1/items/MUG-01", json={"price": {"amount": "21.50", "currency": "EUR"}}
        )
        found = await client.get("/api/v1/items", params={"barcode": "2000000000015"})
        bad = await client.put("/api/v1/items/MUG-01", json={"price": "19.905"})
    assert (made.status_code, changed.status_code) == (201, 200)
    (item,) = found.json()["items"]
    assert (item["price"], item["barcodes"]) == ({"amount": "21.50", "currency": "EUR"}, ["2000000000015"])
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "price")


async def test_lists_go_on_where_they_ended(run: Run) -> None:
    async with callers_of(run).as_role("admin") as client:
        for number in range(5):
            await client.put(f"/api/v1/items/I-{number}", json={})
        first = (await client.get("/api/v1/items", params={"limit": 3})).json()
        second = (await client.get("/api/v1/items", params={"limit": 3, "after": first["next"]})).json()
        wrong = await client.get("/api/v1/items", params={"after": "nonsense!"})
    assert [item["sku"] for item in (*first["items"], *second["items"])] == [f"I-{n}" for n in range(5)]
    assert second["next"] is None
    assert wrong.status_code == 422


async def test_unknown_things_are_said(run: Run) -> None:
    async with callers_of(run).as_role("reader") as client:
        answers = [
            (await client.get(path)).json()["code"]
            for path in ("/api/v1/locations/x", "/api/v1/items/x", "/api/v1/duty?role=lead&location=x")
        ]
    assert answers == ["unknown-location", "unknown-item", "unknown-location"]


async def test_duty_answers_or_climbs(run: Run, shop: Shop) -> None:
    await shop.place("camden")
    start = run.clock()
    await shop.on_shift("Ama Owusu", role="associate", place="camden", start=start)
    await shop.on_shift("Bożena Nowak", role="experience", place=None, start=start)
    async with callers_of(run).as_role("reader") as client:
        here = (await client.get("/api/v1/duty", params={"role": "associate", "location": "camden"})).json()
        lead = (await client.get("/api/v1/duty", params={"role": "lead", "location": "camden"})).json()
        office = (await client.get("/api/v1/duty", params={"role": "experience"})).json()
    assert [one["name"] for one in here["items"]] == ["Ama Owusu"]
    assert (lead["items"], lead["answers"]["role"]) == ([], "experience")
    assert lead["answers"]["staff"]["name"] == "Bożena Nowak"
    assert office["answers"]["staff"]["name"] == "Bożena Nowak"


async def test_a_source_is_registered_rotated_and_mapped(run: Run, shop: Shop) -> None:
    await shop.item("MUG-01")
    async with callers_of(run).as_role("admin") as client:
        body = {"kind": "shopify", "code": "shopify:main", "secret": "long-enough"}
        made = await client.post("/api/v1/sources", json=body)
        rotated = await client.post("/api/v1/sources/shopify:main/rotate", json={"secret": "another-one"})
        mapping = {"kind": "item", "external": "gid://1", "internal": "MUG-01"}
        await client.post("/api/v1/sources/shopify:main/mappings", json=mapping)
        unknown = await client.post(
            "/api/v1/sources/shopify:main/mappings", json={**mapping, "internal": "NOTHING"}
        )
        listed = await client.get("/api/v1/sources/shopify:main/mappings")
    assert (made.status_code, made.json()["url"]) == (201, "/api/v1/inbound/shopify:main")
    assert rotated.status_code == 200
    assert "long-enough" not in made.text + rotated.text
    assert unknown.json()["code"] == "unknown-item"
    assert listed.json()["items"] == [mapping]
