"""What a task page shows: its clock, why it is there, what to count or to put back."""

from __future__ import annotations

from typing import Any

from ambidex.kernel.actor import Actor, Permission
from ambidex.reads.task import TaskPage
from ambidex.runtime.db import Row
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.views import Row as RowView
from ambidex.web.shell.view import Task
from ambidex.web.store.offline_words import offline_rows, stands_pairs
from ambidex.web.store.words import picture_of, way_to
from ambidex.web.words import translate as _

OVER = frozenset({"done", "expired"})


def top_of(shown: TaskPage) -> Task:
    """The top of the page: what, where, and whom to ask."""
    return Task(
        title=shown.task.title,
        back="/work",
        back_label=_("Back to my work"),
        sub=shown.task.place or "",
        ask=f"/orders/{shown.task.order_id}" if shown.task.order_id else "",
    )


def task_view(shown: TaskPage, who: Actor) -> dict[str, Any]:
    """Everything the template needs besides its frame."""
    row = shown.task
    is_over = row.state in OVER
    count = shown.count
    return {
        "task": row,
        "is_over": is_over,
        "is_mine": str(row.assignee_id) == who.id,
        "taken_by": row.assignee_name if row.assignee_id and str(row.assignee_id) != who.id else "",
        "may": who.may(Permission.TASKS_DO, at=row.location_id),
        "clock": None if is_over else _clock(shown),
        "why": _why(row),
        "count": None if is_over else count,
        "count_picture": picture_of(count) if count is not None else None,
        "count_way": way_to(count.spot) if count is not None else (),
        "lying": [] if is_over else _lying_rows(shown),
        "deeds": offline_rows(shown.deeds, zone=shown.zone, now=shown.now),
        "stands": stands_pairs(shown.deeds, zone=shown.zone, now=shown.now),
        "parcel": "" if is_over else str(row.details.get("package", "")),
        "address": "" if is_over or not str(row.key).startswith("label:") else str(row.order_id),
        "decides": str(row.details.get("count", "")) if str(row.key).startswith("count-approve:") else "",
    }


def _clock(shown: TaskPage) -> Clock:
    row = shown.task
    return Clock(what=_("Done by"), by=row.due_at, began=row.opened_at, now=shown.now, zone=shown.zone)


def _why(row: Row[Any]) -> str:
    details = dict(row.details)
    said = [str(details.get(name, "")) for name in ("why", "detail", "note")]
    return next((text for text in said if text), "")


def _lying_rows(shown: TaskPage) -> list[RowView]:
    return [
        RowView(
            title=f"{line.to_put_away} × {line.name}" if line.to_put_away > 1 else line.name,
            note=_(
                "From %(place)s to %(spot)s",
                place=line.staging_place or _("its parcel"),
                spot=line.spot or _("its shelf"),
            ),
            picture=picture_of(line),
        )
        for line in shown.lying
    ]
