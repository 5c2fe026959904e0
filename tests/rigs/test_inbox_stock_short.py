"""The inbox rig for stock in its short form: a disturbed day of tills and files ends as the calm one."""

from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.rigs.inbox_stock import stock_rig


async def test_disturbed_days_of_stock_end_as_the_calm_one(run: Run, clock: Clock) -> None:
    verdict = await stock_rig(run, clock, days=1, seed=5, ticks=12)
    assert verdict.different == []
    assert verdict.violations == []
    assert verdict.let_in_wrongly == 0
    assert verdict.visible == verdict.rejected > 0
    assert verdict.naive_differs, "a book that believes the last message must be caught"
    assert verdict.missing_differs, "a missing message must be caught"
    assert verdict.ok
