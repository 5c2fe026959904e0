"""The canary: a version that decides a share of the orders is measured beside live, and goes back by itself when it does
harm. Whose metric it was has it as a task.
"""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains import routing
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.canary import last_decision, sides
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Run

ask, change, versions = routing.ask, routing.change, routing.versions
OWNER = "experience"
RECENTLY = timedelta(minutes=10)
WORDS = {
    versions.Metric.REFUSED: "of its orders were refused by a place",
    versions.Metric.LATE: "of its orders come after their promise",
    versions.Metric.SPLIT: "of its orders go in several parcels",
    versions.Metric.COST: "an order",
}


class Watch:
    """Looks every beat whether something was decided since the last look, and judges only then, and once a minute."""

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()

    async def beat(self, run: Run) -> bool:
        async with run.reading() as read:
            book = await routing.rulebook(read)
            if not book.canary:
                return False
            last = await last_decision(read, list(book.canary), since=read.now - RECENTLY)
            numbers = sorted((brand, policy.number) for brand, (policy, _) in book.canary.items())
            seen = (numbers, last, read.now.replace(second=0, microsecond=0))
        if seen != self._seen:
            await look(run)
            self._seen = seen
        return False


async def look(run: Run) -> bool:
    """Judge every canary, roll back what does harm."""
    async with run.reading() as read:
        if not (await routing.rulebook(read)).canary:
            return False
        judged = await judged_canaries(read)
    for version, verdict in judged:
        if verdict.is_harm:
            await run.perform(SYSTEM, roll_back, version, verdict)
    return False


async def judged_canaries(read: Read) -> list[tuple[versions.Version, versions.Verdict]]:
    """How each canary does now."""
    book = await routing.rulebook(read)
    found = [await ask.version(read, brand, policy.number) for brand, (policy, _) in book.canary.items()]
    return [(version, await verdict_of(read, version)) for version in found]


async def verdict_of(read: Read, version: versions.Version) -> versions.Verdict:
    """A canary beside live, over the orders placed since it began."""
    assert version.canary is not None, "only a canary has terms"
    canary, live = await sides(read, version)
    return versions.judge(version.canary, canary, live)


async def roll_back(tx: Tx, version: versions.Version, verdict: versions.Verdict) -> bool:
    """Live decides all orders again, and somebody looks why; False when somebody was quicker."""
    why = words(version, verdict)
    seen = change.Seen(version.brand, version.number)
    if await change.roll_back(tx, seen, why=why) is None:
        return False
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="canary_rolled_back",
        cause=Cause.SYSTEM,
        title=f"Version {version.number} of routing was rolled back",
        detail=why,
        key=f"canary:{version.brand}:{version.number}:{version.revision}",
        role=OWNER,
        about=ownership.About(
            facts={"subject": "/routing", "version": version.number, "brand": version.brand}
        ),
    )
    return True


def words(version: versions.Version, verdict: versions.Verdict) -> str:
    """What was measured, for a person."""
    terms = version.canary
    assert terms is not None, "only a canary has terms"
    if terms.metric is versions.Metric.COST:
        figures = f"{verdict.worse_by / 10:.1f} % dearer an order than live"
    else:
        shares = [side.mean / 10 for side in (verdict.canary, verdict.live)]
        figures = f"{shares[0]:.1f} % {WORDS[terms.metric]}, with live {shares[1]:.1f} %"
    orders = f"{verdict.canary.orders} orders beside {verdict.live.orders}"
    return f"{figures} ({orders}; {terms.threshold / 10:g} % more was allowed)."
