"""What is seen beside the traffic of a replay: how far behind every part is, and what the audit says meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from ambidex.entry.audit import audit
from ambidex.flows.reactions import REACTIONS
from bench.programs import House


@dataclass
class Beside:
    """What was seen beside the traffic: how far behind each part was, and what the audit said."""

    lags: dict[str, list[float]] = field(default_factory=dict)
    audits: int = 0
    violations: list[str] = field(default_factory=list)
    longest_audit: float = 0.0

    def figures(self) -> dict[str, Any]:
        return {
            "seconds_behind": {
                name: {"p50": percentile(found, 0.5), "p99": percentile(found, 0.99)}
                for name, found in sorted(self.lags.items())
            },
            "audits_beside": self.audits,
            "longest_audit_seconds": round(self.longest_audit, 2),
            "violations_beside": self.violations[:5],
        }


_BEHIND = text("""
SELECT r.reaction, coalesce(extract(epoch FROM clock_timestamp() - (
         SELECT e.recorded_at FROM runtime.events e
          WHERE e.name = ANY(string_to_array(r.names, ' ')) AND e.position > coalesce(c.position, 0)
          ORDER BY e.position LIMIT 1)), 0) AS seconds
  FROM unnest(CAST(:reactions AS text[]), CAST(:names AS text[])) AS r(reaction, names)
  LEFT JOIN runtime.cursors c USING (reaction)
UNION ALL
SELECT 'publisher', coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)
  FROM runtime.events WHERE position IS NULL""")


async def watch(place: House, beside: Beside, over: asyncio.Event) -> None:
    """How far behind every part is, twice a second."""
    values = {
        "reactions": [one.name for one in REACTIONS],
        "names": [" ".join(sorted(one.events)) for one in REACTIONS],
    }
    while not over.is_set():
        async with place.run.reading() as read:
            for row in await read.all(_BEHIND, values):
                beside.lags.setdefault(row.reaction, []).append(round(float(row.seconds), 3))
        await asyncio.sleep(0.5)


async def ask(place: House, beside: Beside, over: asyncio.Event) -> None:
    """The whole audit, again and again, on the database under traffic."""
    while not over.is_set():
        began = time.monotonic()
        report = await audit(place.run)
        beside.audits += 1
        beside.longest_audit = max(beside.longest_audit, time.monotonic() - began)
        beside.violations += [f"{one.rule}: {one.subject}: {one.detail}" for one in report.violations]
        await asyncio.sleep(max(5, 2 * (time.monotonic() - began)))


def percentile(found: Sequence[float], share: float) -> float:
    """A share of the way through, rounded."""
    ordered = sorted(found)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3) if ordered else 0.0
