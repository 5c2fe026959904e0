"""The inbox rig in its short form: a few disturbed days end as the calm one; both controls are caught."""

from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.rigs.inbox import rig


async def test_disturbed_days_end_as_the_calm_one(run: Run, clock: Clock) -> None:
    verdict = await rig(run, clock, orders=4, days=3, seed=7)
    assert verdict.different == []
    assert verdict.violations == []
    assert (verdict.let_in_wrongly, verdict.kept_out_wrongly) == (0, 0)
    assert verdict.visible == verdict.rejected > 0
    assert verdict.naive_differs, "a taker that believes the last message must be caught"
    assert verdict.missing_differs, "a missing order must be caught"
    assert verdict.ok
