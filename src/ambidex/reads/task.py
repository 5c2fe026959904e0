"""One task with what it is about: the item to count, or the units to put away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import parse_child_id
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass
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
# at the place of the work what was dropped and what came back there; elsewhere what came back there
_LYING = text("""
SELECT x.line_no, x.to_put_away, i.name, i.variant, i.picture, i.color, p.spot, x.staging_place
  FROM (SELECT l.line_no, l.item_id, w.staging_place,
          CASE WHEN w.location_id = :at THEN l.to_put_away - coalesce(b.units, 0) + coalesce(e.units, 0)
               ELSE coalesce(b.units, 0) - coalesce(e.units, 0) END AS to_put_away
     FROM fulfillment.work_lines l
     JOIN fulfillment.work w ON w.order_id = l.order_id AND w.work_no = l.work_no
     LEFT JOIN LATERAL (SELECT sum(c.units) AS units
       FROM shipping.packages k JOIN shipping.contents c USING (order_id, package_no)
      WHERE k.order_id = l.order_id AND k.work_no = l.work_no AND c.line_no = l.line_no AND k.back_at IS NOT NULL
        AND CASE WHEN w.location_id = :at THEN k.back_at <> :at ELSE k.back_at = :at END) b ON true
     LEFT JOIN LATERAL (SELECT sum(v.quantity) AS units FROM fulfillment.evidence v
      WHERE v.order_id = l.order_id AND v.work_no = l.work_no AND v.line_no = l.line_no AND v.step = 'put_away'
        AND CASE WHEN w.location_id = :at THEN v.location_id <> :at ELSE v.location_id = :at END) e ON true
    WHERE l.order_id = :order_id AND l.work_no = :work_no) x
  JOIN catalogue.items i ON i.item_id = x.item_id
  LEFT JOIN inventory.positions p ON p.item_id = x.item_id AND p.location_id = :at
 WHERE x.to_put_away > 0
 ORDER BY p.spot NULLS LAST, x.line_no LIMIT 100
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
        lying=await _lying(read, task) if kind == "put-away" else (),
        deeds=await read.all(_DEEDS, {"task_id": task_id}) if kind == "offline" else (),
        now=read.now,
    )


async def _lying(read: Read, task: Row[Any]) -> Sequence[Row[Any]]:
    named = parse_child_id(str(task.details.get("work", "")))
    if named is None:
        return ()
    return await read.all(_LYING, {"order_id": named[0], "work_no": named[1], "at": task.location_id})
