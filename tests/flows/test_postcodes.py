"""Where a postcode is: as a look through all places would say, without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ambidex.domains.locations import Location
from ambidex.flows.order_words import sending_words
from ambidex.flows.postcodes import Point, Postcodes, postcodes_of
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.postcode import plain_postcode
from ambidex.runtime.perform import Run
from tests.flows.test_snapshots import shop_in_london
from tests.shop import Shop

CODES = st.sampled_from(("", "N", "NW1", "NW1 7ES", "nw1-8ab", "NW", "LS2 8AA", "75001", "7", "١٠١"))
COUNTRIES = st.sampled_from(("", "GB", "FR"))


@given(st.lists(st.tuples(COUNTRIES, CODES, st.booleans()), max_size=6), st.tuples(COUNTRIES, CODES))
def test_it_is_where_a_look_through_all_places_says(
    told: list[tuple[str, str, bool]], asked: tuple[str, str]
) -> None:
    places = [
        replace(
            shop_in_london(),
            code=f"s{n}",
            latitude=float(n) if is_known else None,
            longitude=0.5,
            address={"country": country.lower(), "postcode": code},
        )
        for n, (country, code, is_known) in enumerate(told)
    ]
    assert Postcodes(reversed(places)).point_of(*asked) == _by_a_look(places, *asked)


def _by_a_look(places: Sequence[Location], country: str, postcode: str) -> Point | None:
    found = [
        (-alike, place.code, place)
        for place in places
        if place.latitude is not None and (alike := _alike(place, country, postcode))
    ]
    if not found:
        return None
    nearest = min(found, key=lambda one: one[:2])[2]
    return round((nearest.latitude or 0) * 1_000_000), 500_000


def _alike(place: Location, country: str, postcode: str) -> int:
    of = str(place.address["country"]).upper()
    if of and country and of != country:
        return 0
    one, other = plain_postcode(str(place.address["postcode"])), plain_postcode(postcode)
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


async def test_it_is_laid_out_once_for_as_long_as_the_places_stand(run: Run, shop: Shop) -> None:
    await shop.place("camden")

    async def near(tx: object) -> Postcodes | None:
        words = await sending_words(tx)  # type: ignore[arg-type]  # a transaction
        assert words.sending is not None
        return words.sending.near

    first, second = await run.perform(SYSTEM, near), await run.perform(SYSTEM, near)
    assert first is second is not None
    await shop.place("leeds")
    assert await run.perform(SYSTEM, near) is not first
    async with run.reading() as read:
        places: list[Location] = []
        assert postcodes_of(read, places) is not postcodes_of(read, [*places])
