"""Stock changes, channels hear of it: only what changed, in order, by rules, places, kits and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import text

from ambidex.domains import availability, feeds, inventory
from ambidex.domains.availability import Number, Scope
from ambidex.domains.feeds import Bands, FeedVerb
from ambidex.flows.feed_terms import Terms, change_feed
from ambidex.flows.publish_stock import Comparing, publish_stock, turn_dates
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId
from ambidex.reads import feeds as reading
from ambidex.reads.feed_health import shown_of
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import Reaction, StoredEvent, settle
from tests.conftest import Clock
from tests.feeds import Subscriber, deliver, fill, opened, published
from tests.shop import Shop


async def shown(run: Run, code: str = "web-shop", after: int = 0) -> list[tuple[str, object, int, int]]:
    async with run.reading() as read:
        feed = await feeds.feed(read, code)
        found = await reading.changes(read, feed.feed_id, after=after, limit=100)
    return [(one.item, one.band or one.units, one.version, one.position) for one in found.items]


async def test_a_new_feed_shows_every_item_and_then_only_what_changed(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await shop.shelf("camden", "TEA-02", 3)
    await shop.shelf("soho", "MUG-01", 2)
    await opened(run)
    first = await shown(run)
    assert sorted(one[:3] for one in first) == [("MUG-01", 7, 1), ("TEA-02", 3, 1)]
    assert [position for *_, position in first] == [1, 2]

    await shop.shelf("soho", "MUG-01", 4)
    await shop.shelf("camden", "TEA-02", 3)
    await published(run)
    assert (await shown(run))[-1] == ("MUG-01", 9, 2, 3)
    assert (await shown(run))[0][:3] == ("TEA-02", 3, 1)


async def test_a_feed_of_places_adds_up_these_places_only(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await shop.shelf("soho", "MUG-01", 2)
    await opened(run, "soho-till", places=["soho"], channel="pos")
    assert await shown(run, "soho-till") == [("MUG-01", 2, 1, 1)]


async def test_publishing_asks_as_often_for_one_item_as_for_forty(run: Run, shop: Shop) -> None:
    skus = [f"MUG-{number:02}" for number in range(40)]
    for sku in skus:
        await shop.shelf("camden", sku, 5)
    for code in ("web-shop", "market", "till"):
        await opened(run, code)
    await published(run)
    asked: list[int] = []

    async def measured(tx: Tx, events: Sequence[StoredEvent]) -> None:
        await publish_stock(tx, events)
        asked.append(tx.statements)

    measuring = Reaction("stock published", frozenset({"inventory.moved"}), measured)
    await shop.shelf("camden", skus[0], 6)
    await settle(run, [measuring])
    for sku in skus:
        await shop.shelf("camden", sku, 7)
    await settle(run, [measuring])
    one, forty = asked
    assert one == forty <= 12


async def test_new_terms_go_on_with_positions_and_versions(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await shop.shelf("soho", "MUG-01", 2)
    feed = await opened(run)
    await run.perform(SYSTEM, change_feed, terms=Terms("web-shop", "Web", "web", places=("soho",)))
    await fill(run)
    assert await shown(run) == [("MUG-01", 2, 2, 2)]
    async with run.reading() as read:
        assert (await feeds.feed(read, "web-shop")).feed_id == feed.feed_id


async def test_a_closed_feed_leaves_nothing_and_its_code_is_free(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    await opened(run, "market")
    await run.perform(SYSTEM, feeds.move, "web-shop", FeedVerb.CLOSE)
    async with run.reading() as read:
        [told] = await read.all(text("SELECT told FROM feeds.shown"))
    assert len(told.told) == 1, "the other feed still tells"
    await opened(run)
    assert [one[:3] for one in await shown(run)] == [("MUG-01", 5, 1)]


async def test_rules_that_change_are_seen_at_once_by_each_channel(run: Run, shop: Shop) -> None:
    for number in range(3):
        await shop.shelf("camden", f"MUG-{number}", 5)
    await opened(run)
    await opened(run, "market", channel="marketplace", webhook_url="")
    rules = [(Number.SAFETY, 1, Scope()), (Number.THRESHOLD, 2, Scope(channel="marketplace"))]
    await run.perform(SYSTEM, availability.put_rules, rules)
    await published(run)
    await fill(run)
    assert [value for _, value, *_ in await shown(run)] == [4, 4, 4]
    assert [value for _, value, *_ in await shown(run, "market")] == [2, 2, 2]


async def test_a_dated_rule_is_seen_at_the_midnight_of_its_place(run: Run, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    rule = (Number.SAFETY, 3, Scope(starts_on=date(2026, 3, 4)))
    await run.perform(SYSTEM, availability.put_rules, [rule])
    await opened(run)
    clock.forward(hours=11, minutes=59)
    await turn_dates(run)
    await fill(run)
    assert (await shown(run))[-1][1] == 5
    clock.forward(minutes=2)
    await turn_dates(run)
    await fill(run)
    assert (await shown(run))[-1][1] == 2


async def test_a_kit_is_shown_as_its_components_move(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await shop.shelf("camden", "TEA-02", 4)
    await shop.item("SET-01", components=(("MUG-01", 2), ("TEA-02", 1)))
    await published(run)
    await opened(run)
    await shop.shelf("camden", "MUG-01", 7)
    await published(run)
    assert {one[0]: one[1] for one in await shown(run)} == {"MUG-01": 7, "TEA-02": 4, "SET-01": 3}


async def test_what_each_channel_shows_of_an_item(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    await opened(run, "market", bands=Bands(), channel="marketplace", webhook_url="")
    await deliver(run, Subscriber())
    async with run.reading() as read:
        found = {one.code: (one.units, one.band, one.is_delivered) for one in await shown_of(read, "MUG-01")}
    assert found == {"market": (5, "low", False), "web-shop": (5, "", True)}


@pytest.mark.parametrize("units", [0, 7])
async def test_claims_lower_what_is_shown(run: Run, shop: Shop, units: int) -> None:
    await shop.shelf("camden", "MUG-01", 7)
    await opened(run)
    item_id = ItemId(shop.items["MUG-01"].item_id)
    async with run.reading() as read:
        free = await inventory.available(read, [item_id])
    assert sum(free.values()) == 7
    await shop.shelf("camden", "MUG-01", units)
    await published(run)
    assert (await shown(run))[-1][1] == units


async def test_what_nobody_announced_is_found_by_comparing(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    await published(run)
    async with run.reading() as read:
        await read.all(text("UPDATE inventory.positions SET safety = 2 RETURNING item_id"))
    await published(run)
    assert (await shown(run))[-1][1] == 5
    comparing = Comparing()
    await comparing.step(run)
    assert (await shown(run))[-1][1] == 3
    assert comparing.after.int == 0
