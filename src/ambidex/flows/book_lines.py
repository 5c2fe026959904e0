"""Lines of tills and warehouses that were not here before are booked: units first, then what a person counted."""

from __future__ import annotations

from ambidex.domains.channels import Source
from ambidex.domains.governance import Entered, LineKind, LineState, Speaker
from ambidex.flows import measure_drift, stock_facts, stock_lines
from ambidex.reads.claims import EVERYTHING
from ambidex.runtime.db import Tx


async def book_lines(tx: Tx, source: Source, entered: Entered) -> None:
    """Book what was new: units first, then what a person counted, then the drift of what was not allowed to be said."""
    moved = [*stock_lines.undoing(entered.undone), *stock_lines.movements(entered.lines)]
    counted = stock_lines.levels(line for _, line in entered.lines)
    told_of = {one.place for one in moved} | {one.place for one in counted}
    await stock_facts.lock_claimants(tx, dict.fromkeys(told_of, EVERYTHING))
    if moved:
        await stock_facts.book_facts(tx, moved, cause="told by a system", source=source.code)
    speaker = Speaker(source.source_id, source.code, source.kind)
    await measure_drift.weigh(tx, speaker, counted, direct=True)
    observed = {
        line.place
        for _, line in (*entered.lines, *entered.undone)
        if line.state is LineState.OBSERVED and line.kind is not LineKind.COUNT and line.item_id
    }
    await measure_drift.note_unheard(tx, speaker, sorted(observed))
