"""At the counter: the order is not here, one action pulls it from its shop; what is not there is said clearly."""

import time

import pytest

from ambidex.flows.claim_at_counter import CannotTakeIn, Claim, NotThereEither, SeveralFound, claim
from ambidex.flows.shop_port import PlatformDown
from ambidex.integrations.fake.shapes import Visitor
from ambidex.kernel.actor import Actor, ActorKind
from ambidex.kernel.problem import BadInput, NotAllowed
from tests.inbound.conftest import platform
from tests.inbound.platform import Platform
from tests.shop import Shop, associate

__all__ = ["platform"]


@pytest.fixture
def ines(shop: Shop, platform: Platform) -> Actor:
    return associate(shop.places["camden"])


@pytest.mark.parametrize("words", ["#1001", "1001", "ama@example.com", "Ama Owusu", "owusu"])
async def test_pulled_by_what_the_customer_can_show(platform: Platform, ines: Actor, words: str) -> None:
    platform.sell()
    platform.fake.deliveries()  # the message was lost
    began = time.monotonic()
    pulled = await claim(platform.run, platform.outside, ines, Claim(words))
    assert pulled.is_new
    assert pulled.order.contact.name == "Ama Owusu"
    assert time.monotonic() - began < 10


async def test_pulled_again_it_is_the_same_order(platform: Platform, ines: Actor) -> None:
    platform.sell()
    first = await claim(platform.run, platform.outside, ines, Claim("#1001"))
    await platform.deliver()
    second = await claim(platform.run, platform.outside, ines, Claim("#1001"))
    assert (second.is_new, second.order.order_id) == (False, first.order.order_id)


async def test_several_are_shown_to_choose_from(platform: Platform, ines: Actor) -> None:
    one, two = platform.sell(), platform.sell(visitor=Visitor("Ama Owusu-Boateng", "ama.b@example.com"))
    with pytest.raises(SeveralFound) as refused:
        await claim(platform.run, platform.outside, ines, Claim("Ama Owusu"))
    found = refused.value.facts["found"]
    assert isinstance(found, list)
    assert {choice["number"] for choice in found} == {one["name"], two["name"]}
    chosen = Claim(reference=found[0]["reference"], source=found[0]["source"])
    assert (await claim(platform.run, platform.outside, ines, chosen)).is_new


async def test_what_the_shop_does_not_know_either_is_said(platform: Platform, ines: Actor) -> None:
    with pytest.raises(NotThereEither):
        await claim(platform.run, platform.outside, ines, Claim("#9999"))


async def test_a_shop_that_is_down_is_said(platform: Platform, ines: Actor) -> None:
    platform.fake.moods.down = True
    with pytest.raises(PlatformDown):
        await claim(platform.run, platform.outside, ines, Claim("#1001"))


async def test_a_shop_that_is_slow_keeps_nobody_waiting(platform: Platform, ines: Actor) -> None:
    platform.sell()
    platform.fake.moods.slow_seconds = 60
    began = time.monotonic()
    with pytest.raises(PlatformDown):
        await claim(platform.run, platform.outside, ines, Claim("#1001"), seconds_max=0.2)
    assert time.monotonic() - began < 30


async def test_what_cannot_be_taken_in_says_why(platform: Platform, ines: Actor) -> None:
    platform.sell(("GLAS", 1))
    with pytest.raises(CannotTakeIn) as refused:
        await claim(platform.run, platform.outside, ines, Claim("#1001"))
    assert refused.value.detail == 'unknown item "GLAS", called Glas there'


async def test_nothing_shown_is_nothing_found(platform: Platform, ines: Actor) -> None:
    with pytest.raises(BadInput):
        await claim(platform.run, platform.outside, ines, Claim(" "))


async def test_only_who_may_claim(platform: Platform) -> None:
    reader = Actor(id="r", kind=ActorKind.PERSON, name="Rūta")
    with pytest.raises(NotAllowed):
        await claim(platform.run, platform.outside, reader, Claim("#1001"))
