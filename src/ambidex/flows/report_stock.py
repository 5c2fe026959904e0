"""A warehouse or partner reports through the API instead of a file: kept as a message of its source, applied like any."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.domains import channels, locations
from ambidex.flows.stock_port import TOPICS
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.runtime import inbox
from ambidex.runtime.db import Tx
from ambidex.runtime.inbox import Delivery, Stored, body_key

KINDS = frozenset({"warehouse", "third_party"})
TOPIC = f"{TOPICS}warehouse"


@dataclass(frozen=True)
class StockFile:
    """What is reported; rows have `units` in a full report and `change` in a delta. `complete`: nothing else lies there."""

    source: str
    report: str
    number: int
    as_of: datetime
    location: str
    rows: Sequence[Mapping[str, Any]]
    complete: bool = False


async def report_stock(tx: Tx, file: StockFile) -> Stored:
    """Keep the report; the worker applies it a moment later. Who only counts is no authority and may not say it."""
    place = await locations.by_code(tx, file.location)
    tx.actor.must(Permission.STOCK_REPORT, at=place.location_id)
    source = await channels.source(tx, file.source)
    if source.kind not in KINDS:
        raise BadInput(errors=[{"field": "source", "expected": "a source of kind warehouse or third_party"}])
    about = {
        "report": file.report,
        "number": file.number,
        "as_of": file.as_of.isoformat(),
        "place": place.code,
        "rows": len(file.rows),
    } | ({"complete": True} if file.complete else {})
    body = "\n".join(
        json.dumps(one, separators=(",", ":")) for one in (about, *map(dict, file.rows))
    ).encode()
    await channels.heard(tx, source.source_id)
    return await inbox.store(
        tx,
        Delivery(
            source=source.code,
            delivery_key=body_key(TOPIC, body),
            topic=TOPIC,
            headers={"by": tx.actor.name},
            body=body,
            resource=f"{file.report} file {file.number} of {place.code}",
        ),
    )
