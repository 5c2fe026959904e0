"""One task with what it is about: the item to count, or the units to put away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import parse_child_id
from ambidex.kernel.problem import NotFound
from ambidex.runtime.db import Read

_TASK = text("""
SELECT t.*, s.name AS assignee_name, l.name AS place, l.code AS place_code, l.time_zone, o.number, o.contact_name,
       o.contact_phone
  FROM tasks.tasks t
  LEFT JOIN people.staff s ON s.staff_id = t.assignee_id
  LEFT JOIN locations.locations l ON l.location_id = t.location_id
  LEFT JOIN orders.orders o ON o.order_id = t.order_id
 WHERE t.task_id = :task_id
""")
_COUNT = text("""
SELECT c.item_id, c.location_id, c.cause, c.kind, c.state, i.sku, i.name, i.variant, i.picture, i.color,
       p.spot, p.sellable, p.suspect, p.staged
  FROM counting.counts c
  JOIN catalogue.items i ON i.item_id = c.item_id
  LEFT JOIN inventory.positions p ON p.item_id = c.item_id AND p.location_id = c.location_id
 WHERE c.count_id = :count_id
""")
_LYING = text("""
SELECT l.line_no, l.to_put_away, i.name, i.variant, i.picture, i.color, p.spot, w.staging_place
  FROM fulfillment.work_lines l
  JOIN fulfillment.work w ON w.order_id = l.order_id AND w.work_no = l.work_no
  JOIN catalogue.items i ON i.item_id = l.item_id
  LEFT JOIN inventory.positions p ON p.item_id = l.item_id AND p.location_id = w.location_id
 WHERE l.order_id = :order_id AND l.work_no = :work_no AND l.to_put_away > 0
 ORDER BY p.spot NULLS LAST, l.line_no LIMIT 100
""")

_DEEDS = text("""
SELECT kind, said, actor_name, device, happened_at, received_at, clock_ahead_seconds, problem, stands
  FROM pocket.deeds WHERE task_id = :task_id ORDER BY happened_at, key LIMIT 200
""")


@dataclass(frozen=True)
class TaskPage:
    """`count` is set for a count, `lying` holds units to put away, `deeds` what was done without a network."""

    task: Row[Any]
    count: Row[Any] | None
    lying: Sequence[Row[Any]]
    deeds: Sequence[Row[Any]]
    now: datetime

    @property
    def zone(self) -> str:
        """The zone its times are shown in."""
        return str(self.task.time_zone or "UTC")


async def task_page(read: Read, task_id: UUID) -> TaskPage:
    """A task with what it is about. Raises NotFound."""
    task = await read.maybe(_TASK, {"task_id": task_id})
    if task is None:
        raise NotFound("task", task_id=task_id)
    kind, _colon, of = str(task.key).partition(":")
    return TaskPage(
        task=task,
        count=await read.maybe(_COUNT, {"count_id": UUID(of)}) if kind in {"count", "recount"} else None,
        lying=await _lying(read, str(task.details.get("work", ""))) if kind == "put-away" else (),
        deeds=await read.all(_DEEDS, {"task_id": task_id}) if kind == "offline" else (),
        now=read.now,
    )


async def _lying(read: Read, work_id: str) -> Sequence[Row[Any]]:
    named = parse_child_id(work_id)
    return await read.all(_LYING, {"order_id": named[0], "work_no": named[1]}) if named else ()
