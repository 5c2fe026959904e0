"""The rig of the canary in its short form: harm ends by itself, no harm stays, and harm nobody ends is seen."""

from ambidex.runtime.perform import Run
from tests.rigs.canary import rig


async def test_a_planted_regression_ends_by_itself(run: Run) -> None:
    verdict = await rig(run, orders=60, share=500)
    assert verdict.planted.rolled_back_after is not None
    assert verdict.planted.rolled_back_after <= 50
    assert verdict.planted.owned
    assert verdict.planted.decided_after == 0
    assert verdict.harmless.rolled_back_after is None
    assert verdict.unwatched.split > verdict.planted.split
    assert verdict.ok, verdict
