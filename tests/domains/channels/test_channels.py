"""Sources: registered once, secrets that overlap for an hour, facts told once."""

from uuid import UUID

import pytest

from ambidex.domains import channels
from ambidex.domains.channels import NewSource, Source
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import MovedOn, Problem
from ambidex.runtime.db import Tx
from ambidex.runtime.memory import versions
from ambidex.runtime.perform import Run
from tests.conftest import Clock

SHOP = NewSource(code="shopify:main", kind="shopify", secret="first-secret")
ORDER = OrderId(UUID(int=7))


async def test_registering_twice_finds_the_same_source(run: Run) -> None:
    one = await run.perform(SYSTEM, channels.register, SHOP)
    other = await run.perform(SYSTEM, channels.register, NewSource(code="shopify:main", kind="shopify"))
    assert one.source_id == other.source_id
    with pytest.raises(Exception, match="already registered"):
        await run.perform(SYSTEM, channels.register, NewSource(code="shopify:main", kind="magento"))


async def test_the_old_secret_is_good_for_an_hour(run: Run, clock: Clock) -> None:
    source = await run.perform(SYSTEM, channels.register, SHOP)
    await run.perform(SYSTEM, channels.rotate_secret, source, "second-secret")
    async with run.reading() as read:
        at = clock.forward(minutes=59)
        assert await channels.secrets(read, source.source_id, at=at) == ["second-secret", "first-secret"]
        at = clock.forward(minutes=1)
        assert await channels.secrets(read, source.source_id, at=at) == ["second-secret"]


async def test_our_own_sources_come_into_being(run: Run) -> None:
    async def sources_for(tx: Tx, *codes: str) -> dict[str, Source | Problem]:
        return await channels.sources_for(tx, codes, now=await versions(tx))

    first = await run.perform(SYSTEM, sources_for, "web:main", "pos:till-4", "No Code")
    again = await run.perform(SYSTEM, sources_for, "web:main")
    web, pos = first["web:main"], first["pos:till-4"]
    assert isinstance(web, Source)
    assert isinstance(pos, Source)
    assert (web.channel, pos.channel, again["web:main"]) == ("web", "pos", web)
    assert isinstance(first["No Code"], Problem)


@pytest.mark.parametrize("code", ["", "Shop", "a b", "x" * 65, "a:b:c", "../inbound"])
async def test_a_code_that_cannot_be_used_is_refused(run: Run, code: str) -> None:
    with pytest.raises(Exception, match="cannot be used"):
        await run.perform(SYSTEM, channels.register, NewSource(code=code, kind="shopify"))


async def test_mappings_are_found_and_changed(run: Run) -> None:
    source = await run.perform(SYSTEM, channels.register, SHOP)
    for sku in ("MUG-01", "MUG-02"):
        await run.perform(
            SYSTEM, channels.map_external, source.source_id, kind="item", external="gid/1", internal=sku
        )
    async with run.reading() as read:
        found = await channels.mapped(read, source.source_id, kind="item", externals=["gid/1", "gid/2"])
    assert found == {"gid/1": "MUG-02"}


async def test_a_fact_is_told_once(run: Run) -> None:
    source = await run.perform(SYSTEM, channels.register, SHOP)
    for _ in range(2):
        await run.perform(
            SYSTEM,
            channels.queue_telling,
            order_id=ORDER,
            source_id=source.source_id,
            kind="ready",
            fact_key="ready:1",
            facts={"work": 1},
        )
    async with run.reading() as read:
        (telling,) = await channels.waiting_tellings(read)
    await run.perform(SYSTEM, channels.told, telling, answer="ok")
    with pytest.raises(MovedOn):
        await run.perform(SYSTEM, channels.told, telling, answer="ok")
    async with run.reading() as read:
        assert await channels.waiting_tellings(read) == []


async def test_what_is_asked_again_waits_and_what_failed_does_not(run: Run, clock: Clock) -> None:
    source = await run.perform(SYSTEM, channels.register, SHOP)
    await run.perform(
        SYSTEM,
        channels.queue_telling,
        order_id=ORDER,
        source_id=source.source_id,
        kind="ready",
        fact_key="ready:1",
        facts={},
    )
    async with run.reading() as read:
        (telling,) = await channels.waiting_tellings(read)
    later = clock.now.replace(hour=13)
    await run.perform(SYSTEM, channels.not_told, telling, answer="502", next_at=later)
    async with run.reading() as read:
        assert await channels.waiting_tellings(read) == []
    clock.forward(hours=1)
    async with run.reading() as read:
        (telling,) = await channels.waiting_tellings(read)
    assert telling.attempts == 1
    await run.perform(SYSTEM, channels.not_told, telling, answer="410", next_at=None)
    async with run.reading() as read:
        assert [t.state for t in await channels.tellings_of(read, ORDER)] == ["failed"]


async def test_who_speaks_follows_the_source(run: Run) -> None:
    own = NewSource(code="shopify:two", kind="shopify", speakers={"ready": "platform", "confirmed": "us"})
    main = await run.perform(SYSTEM, channels.register, SHOP)
    two = await run.perform(SYSTEM, channels.register, own)
    assert [channels.speaker(main, kind) for kind in ("confirmed", "ready")] == ["platform", "us"]
    assert [channels.speaker(two, kind) for kind in ("confirmed", "ready")] == ["us", "platform"]
