"""What each channel shows is held against what it may sell. Our book is right there: the repair is to tell the channel again."""

from __future__ import annotations

from ambidex.domains import catalogue, channels, governance
from ambidex.domains.governance import Drift, DriftCause, DriftKind, DriftState, DriftVerb, Named
from ambidex.flows import measure_drift
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.shown import shown_wrongly
from ambidex.runtime.db import Tx
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

AGAIN = "the channel shows it rightly again"


async def look(run: Run, _outside: Outside) -> bool:
    """One beat."""
    await run.perform(SYSTEM, hold_against)
    return False


async def hold_against(tx: Tx) -> list[Drift]:
    """Open what differs, close what agrees again. The cause can only be a connector that does not carry our changes."""
    measured = await shown_wrongly(tx)
    items = await catalogue.by_ids(tx, {one.level.item_id for one in measured})
    skus = {item_id: item.sku for item_id, item in items.items()}
    drifts = await governance.change.note_drifts(tx, measured, kind=DriftKind.SHOWN, skus=skus)
    codes = {source.source_id: source.code for source in (await channels.page(tx, limit=200)).items}
    await governance.change.name_drifts(
        tx, [(drift, _why(drift, codes.get(drift.source_id, ""))) for drift in drifts]
    )
    differing = {drift.drift_id for drift in drifts}
    known = await governance.ask.drifts(tx, state=DriftState.OPEN)
    over = [one for one in known if one.kind is DriftKind.SHOWN and one.drift_id not in differing]
    await measure_drift.close(tx, over, DriftVerb.EXPLAIN, outcome=AGAIN)
    return drifts


def _why(drift: Drift, code: str) -> Named:
    words = f"{code} shows {drift.said} since {drift.as_of:%H:%M} UTC and did not take our change to {drift.book}."
    return Named(DriftCause.STUCK_CONNECTOR, certain=False, words=words)
