"""What a channel shows beside what it may sell: young differences are no drift, old ones are owned, and end by themselves."""

from datetime import timedelta

from ambidex.domains import channels, governance
from ambidex.domains.channels import StockReport
from ambidex.domains.governance import Drift, DriftCause, DriftState
from ambidex.flows import measure_shown
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.shop import Shop


async def open_drifts(run: Run) -> list[Drift]:
    await settle(run, REACTIONS)
    await measure_shown.look(run, Outside({}))
    async with run.reading() as read:
        return await governance.ask.drifts(read, state=DriftState.OPEN)


async def test_a_channel_that_shows_what_is_gone_is_named_and_heals(
    run: Run, clock: Clock, shop: Shop
) -> None:
    await shop.shelf("camden", "MUG-01", 8)
    new = channels.NewSource(code="shopify:main", kind="shopify", secret="a-made-up-secret")
    source = await run.perform(SYSTEM, channels.register, new)

    async def shows(units: int) -> None:
        report = StockReport("MUG-01", "camden", units, clock.now)
        await run.perform(SYSTEM, channels.report_stock, source.source_id, [report])

    await shows(11)
    assert await open_drifts(run) == []
    clock.now += timedelta(minutes=11)
    [drift] = await open_drifts(run)
    assert (drift.kind, drift.cause, drift.said, drift.book) == ("shown", DriftCause.STUCK_CONNECTOR, 11, 8)
    assert drift.owner_role == "experience"
    [same] = await open_drifts(run)
    assert same.drift_id == drift.drift_id
    await shows(8)
    assert await open_drifts(run) == []
