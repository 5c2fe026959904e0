"""Which versions of a source's orders are applied here: what reconciliation compares with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ambidex.domains.orders.tables import orders, references
from ambidex.kernel.ids import SourceId
from ambidex.runtime.db import Read


async def applied_versions(
    read: Read, source_id: SourceId, named: Sequence[str]
) -> dict[str, datetime | None]:
    """Reference -> the newest version applied; unknown orders are absent."""
    if not named:
        return {}
    rows = await read.all(
        select(references.c.reference, orders.c.source_version)
        .join(orders, orders.c.order_id == references.c.order_id)
        .where(references.c.source_id == source_id, references.c.reference.in_(list(named)))
    )
    return {row.reference: row.source_version for row in rows}
