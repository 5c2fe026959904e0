"""The made-up retailer: complete, drawn, covered by people now, and the same for the same number."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import ambidex.web
from ambidex.domains import catalogue, identity, locations, people
from ambidex.domains.catalogue import check_digit
from ambidex.entry.demo import customers
from ambidex.entry.demo.customers import Offer
from ambidex.entry.demo.web_shop import place_number
from ambidex.entry.seed import plant
from ambidex.entry.seed.plant import PASSWORD
from ambidex.entry.seed.staff import NAMES, posts
from ambidex.entry.seed.wares import wares
from ambidex.flows.sign_in import Credentials, sign_in
from ambidex.runtime.passwords import Passwords
from ambidex.runtime.perform import Run
from tests.conftest import Clock

STATIC = Path(ambidex.web.__file__).parent / "static"


@pytest.fixture
def cheap() -> Passwords:
    return Passwords(memory_kib=64, rounds=1)


def test_about_four_hundred_items_in_twelve_categories() -> None:
    found = wares()
    assert 380 <= len(found) <= 420
    assert len({item.category for item in found}) == 12
    assert len({item.sku for item in found}) == len(found)
    assert len({code for item in found for code in item.barcodes}) == len(found)


def test_barcodes_are_gtins_of_the_range_left_to_retailers() -> None:
    for item in wares():
        (code,) = item.barcodes
        assert len(code) == 13
        assert 20 <= int(code[:2]) <= 29
        assert code[-1] == check_digit(code[:-1])


def test_every_item_is_drawn_and_tinted() -> None:
    drawings = set(re.findall(r'id="([a-z]+)"', (STATIC / "products.svg").read_text()))
    tints = set(re.findall(r'data-tint="([a-z]+)"', (STATIC / "css" / "picture.css").read_text()))
    assert {item.picture for item in wares()} <= drawings
    assert {item.color for item in wares()} <= tints


def test_sixty_people_with_names_in_many_scripts() -> None:
    assert len(posts()) == len(NAMES) == len(set(NAMES)) == 60
    assert sum(not name.isascii() for name in NAMES) > 20


async def test_each_place_is_covered_and_each_sign_in_works(run: Run, cheap: Passwords) -> None:
    seeded = await plant(run, number=1, passwords=cheap)
    async with run.reading() as read:
        places = (await locations.page(read, limit=200)).items
        for place in places:
            chain = await people.duty_chain(read, location=place, at=read.now)
            assert chain[-1].staff is not None
            assert any(rung.staff and rung.location_id == place.location_id for rung in chain)
        stores = [place for place in places if place.kind == "store"]
        assert all(place.hours.is_open(read.now) for place in stores[:3])
        assert len((await catalogue.page(read, limit=200)).items) == 200
    assert len(stores) == 12
    assert len({place.zone.key for place in stores}) == 3
    assert [one.role for one in seeded.sign_ins] == [
        "associate", "lead", "picker", "agent", "district", "experience", "admin",
    ]  # fmt: skip
    for number, one in enumerate(seeded.sign_ins):
        keys = identity.SessionKeys(f"cookie-{number}", "csrf")
        session = await sign_in(run, cheap, typed=Credentials(one.login, PASSWORD), keys=keys)
        assert (session.actor.role, session.actor.name) == (one.role, one.name)


async def test_planting_again_plants_nothing_but_the_next_shifts(
    run: Run, cheap: Passwords, clock: Clock
) -> None:
    first = await plant(run, number=1, passwords=cheap)
    clock.forward(hours=200)
    again = await plant(run, number=1, passwords=cheap)
    assert (first.is_new, again.is_new) == (True, False)
    async with run.reading() as read:
        place = await locations.by_code(read, "store-01")
        on_duty = await people.on_duty(read, role="lead", location_id=place.location_id, at=read.now)
    assert len(on_duty) == 1


def test_baskets_hold_what_is_offered() -> None:
    chance = random.Random(3)
    offers = [Offer(item.sku, item.name, item.price, item.barcodes[0]) for item in wares()[:2]]
    for _ in range(50):
        assert {ware.sku for ware in customers.basket(offers, chance)} <= {one.sku for one in offers}
    assert customers.basket([], chance) == []


def test_the_web_shop_has_a_number_for_every_store_also_for_one_a_newcomer_adds() -> None:
    assert place_number("store-01") == 70_001
    codes = [f"store-{n:02}" for n in range(1, 13)] + ["my-shop", "é", "att-9", "STORE-01", "store-100"]
    assert len({place_number(code) for code in codes}) == len(codes)
