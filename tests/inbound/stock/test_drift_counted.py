"""A drift that nothing explains is counted by our people, blind; the count ends it, and an explanation ends the count."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ambidex.domains import channels
from ambidex.domains.governance import DriftState
from ambidex.domains.locations import LocationKind
from ambidex.flows import count_drift, repair_drift
from ambidex.flows.count_stock import count_stock
from ambidex.kernel.actor import SYSTEM
from ambidex.reads import drift_page
from ambidex.web.hq.drift import view
from tests.conftest import Clock
from tests.inbound.stock.feeds import SECRET, Feeds
from tests.shop import Shop

COUNT = "Count Mug 01"


async def waiting(feeds: Feeds) -> list[str]:
    """Tasks to count, and nothing else."""
    return [title for title in await feeds.tasks() if title.startswith("Count ")]


async def test_nobody_is_sent_for_a_little_or_for_what_is_explained(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    clock.forward(minutes=10)
    await feeds.till(feeds.sale(("MUG-01", 8), kind="count"))
    await feeds.warehouse(feeds.file("full", {"MUG-01": 38}))
    assert await waiting(feeds) == []


async def test_what_nothing_explains_is_counted_and_the_count_ends_it(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 20}))
    assert await waiting(feeds) == [COUNT]
    async with feeds.run.reading() as read:
        [row] = await read.all(text("SELECT kind, cause, state FROM counting.counts"))
        [drift] = await feeds.drifts()
        shown = await drift_page.one_drift(read, drift.drift_id, SYSTEM)
    assert (row.kind, row.cause, row.state) == ("drift", "two systems disagree about it", "open")
    assert ("Count", "asked for") in view.facts(shown, clock.now)
    clock.forward(minutes=10)
    await feeds.run.perform(SYSTEM, count_stock, location="dc", item="MUG-01", counted=39)
    await feeds.apply()
    assert await waiting(feeds) == []
    [drift] = await feeds.drifts(over=True)
    assert (drift.state, drift.outcome) == (DriftState.EXPLAINED, count_drift.COUNTED)
    assert await feeds.tasks() == []
    assert (await shop.stock("dc", "MUG-01")).sellable == 39


async def test_a_count_of_before_leaves_it_open(feeds: Feeds, shop: Shop, clock: Clock) -> None:
    await feeds.warehouse(feeds.file("full", {"MUG-01": 20}, as_of=clock.now))
    await shop.shelf("camden", "MUG-01", 9)
    await feeds.apply()
    assert [drift.location_id for drift in await feeds.drifts()] == [shop.places["dc"].location_id]


@pytest.mark.parametrize("answer", ["book", "dismiss"])
async def test_who_answers_first_saves_the_walk(feeds: Feeds, shop: Shop, clock: Clock, answer: str) -> None:
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 20}))
    [drift] = await feeds.drifts()
    if answer == "book":
        await feeds.run.perform(SYSTEM, repair_drift.repair, drift_id=drift.drift_id)
    else:
        await feeds.run.perform(SYSTEM, repair_drift.dismiss, drift_id=drift.drift_id, reason="seen")
    await feeds.apply()
    assert await waiting(feeds) == []
    async with feeds.run.reading() as read:
        assert await read.value(text("SELECT state FROM counting.counts")) == "canceled"


async def test_the_worst_first_and_not_all_of_a_file_at_once(feeds: Feeds, shop: Shop, clock: Clock) -> None:
    more = count_drift.COUNTS_MAX + 2
    for n in range(more):
        await shop.item(f"BOWL-{n:02}", price=f"{n + 5}.00")
        await shop.shelf("dc", f"BOWL-{n:02}", 90)
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("full", {f"BOWL-{n:02}": 20 for n in range(more)}))
    titles = await waiting(feeds)
    assert len(titles) == count_drift.COUNTS_MAX
    assert "Count Bowl 00" not in titles


async def test_our_people_do_not_stand_at_a_partners_shelf(feeds: Feeds, shop: Shop, clock: Clock) -> None:
    await shop.place("reno", kind=LocationKind.THIRD_PARTY, capabilities=frozenset({"ship"}))
    await shop.shelf("reno", "MUG-01", 40)
    new = channels.NewSource(code="partner:reno", kind="third_party", channel="pos", secret=SECRET)
    await feeds.run.perform(SYSTEM, channels.register, new)
    clock.now += timedelta(minutes=10)
    await feeds.send("partner:reno", feeds.file("full", {"MUG-01": 20}, place="reno"))
    await feeds.apply()
    assert len(await feeds.drifts()) == 1
    assert await waiting(feeds) == []
