"""The rig of drift in its short form: planted causes are named and repaired; both controls fail as they must."""

from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.rigs.drift import RIGHT_MIN, rig


async def test_planted_causes_are_named_in_time_and_repaired(run: Run, clock: Clock) -> None:
    verdict = await rig(run, clock, days=1, seed=8, ticks=72, items=12)
    assert verdict.planted >= 5
    assert verdict.right >= RIGHT_MIN, verdict.wrong
    assert verdict.book_differs == []
    assert verdict.violations == []
    assert verdict.naive_right < RIGHT_MIN, "a namer without evidence must fail"
    assert verdict.naive_book_differs > 0, "a book that forgets when things happened must be caught"
    assert verdict.ok
