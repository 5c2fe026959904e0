"""What waits for the people of a place: open work with its promise and pictures, tasks, and answers of customers.

Five questions however much there is. `places` None means everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

WORK_MAX = 200
OPEN_STATES = ("offered", "accepted", "picking", "picked", "packed", "staged", "ready")
_WHERE = "(CAST(:everywhere AS boolean) OR w.location_id = ANY(CAST(:places AS uuid[])))"

_WORKS = text(f"""
SELECT w.order_id, w.work_no, w.location_id, w.state, w.method, w.staging_place, w.customer_side,
       w.customer_side_since, w.customer_note, w.assignee_id, w.assignee_name, w.offered_at, w.state_since,
       coalesce((SELECT nullif(g.label, '') FROM locations.staging_places g
                  WHERE g.location_id = w.location_id AND g.code = w.staging_place), w.staging_place) AS staging_label,
       v.wave_id, v.number AS wave_number, v.state AS wave_state,
       (SELECT m.due_at FROM promises.milestones m WHERE m.order_id = p.order_id AND m.promise_no = p.promise_no
           AND m.kind = 'dispatched') AS leaves_at,
       w.ready_at, o.number, o.contact_name, p.due_at, p.made_at, p.state AS promise_state, b.due_at AS due_before,
       (SELECT min(m.due_at) FROM promises.milestones m
         WHERE m.order_id = p.order_id AND m.promise_no = p.promise_no AND m.reached_at IS NULL) AS next_milestone,
       (SELECT min(d.due_at) FROM watch.watchdogs d
         WHERE d.order_id = w.order_id AND d.work_no = w.work_no AND d.waits_for = 'collect'
           AND d.state NOT IN ('resolved','canceled')) AS collect_until
  FROM fulfillment.work w
  JOIN orders.orders o ON o.order_id = w.order_id
  LEFT JOIN LATERAL (SELECT * FROM promises.promises q
         WHERE q.order_id = w.order_id AND q.work_no = w.work_no AND q.kind IN ('ready_by', 'delivered_by')
         ORDER BY q.promise_no DESC LIMIT 1) p ON true
  LEFT JOIN promises.promises b ON b.order_id = p.order_id AND b.promise_no = p.replaces
  LEFT JOIN waves.works y ON y.order_id = w.order_id AND y.work_no = w.work_no AND y.is_open AND y.is_in
  LEFT JOIN waves.waves v ON v.wave_id = y.wave_id
 WHERE w.state = ANY(CAST(:states AS text[])) AND {_WHERE}
 ORDER BY p.due_at NULLS LAST, w.order_id, w.work_no LIMIT :most
""")  # noqa: S608  # made of a constant
_LINES = text(f"""
SELECT l.order_id, l.work_no, l.line_no, l.item_id, l.asked, l.wanted, l.picked, l.short, l.handed_over,
       i.name, i.variant, i.picture, i.color
  FROM fulfillment.work w
  JOIN fulfillment.work_lines l ON l.order_id = w.order_id AND l.work_no = w.work_no
  JOIN catalogue.items i ON i.item_id = l.item_id
 WHERE w.state = ANY(CAST(:states AS text[])) AND {_WHERE}
 ORDER BY l.order_id, l.work_no, l.line_no LIMIT 2000
""")  # noqa: S608  # made of a constant
_TASKS = text(f"""
SELECT w.task_id, w.kind, w.title, w.order_id, w.subject, w.location_id, w.role, w.assignee_id, w.state, w.details,
       w.opened_at, w.due_at, s.name AS assignee_name
  FROM tasks.tasks w
  LEFT JOIN people.staff s ON s.staff_id = w.assignee_id
 WHERE w.state NOT IN ('done','expired') AND (w.location_id IS NULL OR {_WHERE})
   AND (w.role = ANY(CAST(:roles AS text[])) OR CAST(w.assignee_id AS text) = :me)
 ORDER BY w.due_at, w.task_id LIMIT 100
""")  # noqa: S608  # made of a constant
_ANSWERS = text(f"""
SELECT w.order_id, w.work_no, w.location_id, w.due_at, w.made_at, w.facts, o.number, o.contact_name
  FROM promises.promises w
  JOIN orders.orders o ON o.order_id = w.order_id
 WHERE w.kind = 'answer_by' AND w.state = 'made' AND {_WHERE}
 ORDER BY w.due_at, w.order_id LIMIT 100
""")  # noqa: S608  # made of a constant
_PLACES = text("""
SELECT w.location_id, w.code, w.name, w.time_zone FROM locations.locations w
 WHERE CAST(:everywhere AS boolean) OR w.location_id = ANY(CAST(:places AS uuid[])) LIMIT 1000
""")

WorkKey = tuple[UUID, int]


@dataclass(frozen=True)
class MyWork:
    """Rows as they stand; the page turns them into cards."""

    works: Sequence[Row[Any]]
    lines: Mapping[WorkKey, Sequence[Row[Any]]]
    tasks: Sequence[Row[Any]]
    answers: Sequence[Row[Any]]
    places: Mapping[UUID, Row[Any]]
    now: datetime

    def lines_of(self, work: Row[Any]) -> Sequence[Row[Any]]:
        """The lines of one work."""
        return self.lines.get((work.order_id, work.work_no), ())

    @property
    def zone(self) -> str:
        """The one clock of the page: that of its places, UTC when they have several."""
        zones = {str(place.time_zone) for place in self.places.values()}
        return zones.pop() if len(zones) == 1 else "UTC"

    def name_of(self, location_id: UUID | None) -> str:
        """The name of a place; empty when only one is shown, so that nothing repeats."""
        place = self.places.get(location_id) if location_id and len(self.places) > 1 else None
        return str(place.name) if place else ""


async def my_work(
    read: Read, *, places: Collection[LocationId] | None, roles: Collection[str], me: str
) -> MyWork:
    """All that waits at these places, for these duties or for this person, by promise at risk."""
    where = {"everywhere": places is None, "places": sorted(places or ())}
    states = {**where, "states": list(OPEN_STATES)}
    works = await read.all(_WORKS, {**states, "most": WORK_MAX})
    lines: dict[WorkKey, list[Row[Any]]] = {}
    for line in await read.all(_LINES, states):
        lines.setdefault((line.order_id, line.work_no), []).append(line)
    return MyWork(
        works=works,
        lines=lines,
        tasks=await read.all(_TASKS, {**where, "roles": sorted(roles), "me": me}),
        answers=await read.all(_ANSWERS, where),
        places={row.location_id: row for row in await read.all(_PLACES, where)},
        now=read.now,
    )
