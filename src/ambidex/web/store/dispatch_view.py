"""What leaves a place: packages that wait, and each carrier's manifest with what was scanned onto it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId, child_id
from ambidex.kernel.values import dataclass
from ambidex.reads.packing import Leaving
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip
from ambidex.web.parts.views import Row as RowView
from ambidex.web.words import translate as _


@dataclass(frozen=True, slots=True)
class ManifestView:
    """What one carrier takes in one go."""

    id: UUID
    title: str
    note: str
    rows: tuple[RowView, ...]
    count: int
    can_close: bool


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The page: what waits, what is on open manifests, what left today."""

    waiting: tuple[RowView, ...]
    open: tuple[ManifestView, ...]
    closed: tuple[RowView, ...]


def dispatch_of(found: Leaving, who: Actor) -> Dispatch:
    """Rows as people read them."""
    waiting = [row for row in found.packages if row.state == "packed"]
    return Dispatch(
        waiting=tuple(_waiting(found, row) for row in waiting),
        open=tuple(_manifest(found, row, who) for row in found.manifests if row.closed_at is None),
        closed=tuple(_closed(found, row) for row in found.manifests if row.closed_at is not None),
    )


def sentence_of(found: Leaving) -> str:
    """What is true now, in a sentence."""
    waiting = sum(row.state == "packed" for row in found.packages)
    if not waiting:
        return _("Nothing waits for a carrier.")
    words = (
        _("1 package waits for its carrier.")
        if waiting == 1
        else _("%(n)s packages wait for their carrier.", n=waiting)
    )
    due = [row.leaves_at for row in found.packages if row.state == "packed" and row.leaves_at is not None]
    if not due:
        return words
    zone = str(found.packages[0].time_zone)
    return f"{words} {_('The first must leave by %(time)s.', time=local_when(min(due), zone, found.now))}"


def _waiting(found: Leaving, row: Row[Any]) -> RowView:
    late = row.leaves_at is not None and row.leaves_at < found.now
    return RowView(
        title=row.contact_name or row.number,
        note=" · ".join(part for part in (row.number, row.carrier, row.tracking_number) if part),
        icon="package",
        href=f"/pack/{child_id(row.order_id, row.work_no)}",
        chip=_waiting_chip(row, late=late),
        end=local_when(row.leaves_at, row.time_zone, found.now) if row.leaves_at and not late else "",
    )


def _waiting_chip(row: Row[Any], *, late: bool) -> Chip | None:
    if not row.tracking_number:
        refused = row.label_state == "refused"
        return Chip(text=_("No label"), mean=Mean.BROKEN if refused else Mean.AT_RISK, icon="triangle-alert")
    return Chip(text=_("Late"), mean=Mean.BROKEN, icon="clock") if late else None


def _manifest(found: Leaving, row: Row[Any], who: Actor) -> ManifestView:
    on_it = [package for package in found.packages if package.manifest_id == row.manifest_id]
    since = local_when(row.opened_at, row.time_zone, found.now)
    return ManifestView(
        id=row.manifest_id,
        title=row.carrier,
        note=_("%(n)s scanned since %(time)s", n=row.packages, time=since),
        rows=tuple(_on_it(found, package) for package in on_it),
        count=row.packages,
        can_close=who.may(Permission.WORK_DO, at=LocationId(row.location_id)),
    )


def _on_it(found: Leaving, row: Row[Any]) -> RowView:
    return RowView(
        title=row.contact_name or row.number,
        note=f"{row.number} · {row.tracking_number}",
        icon="check",
        href=f"/orders/{row.order_id}",
        end=local_when(row.dispatched_at, row.time_zone, found.now) if row.dispatched_at else "",
    )


def _closed(found: Leaving, row: Row[Any]) -> RowView:
    packages = _("1 package") if row.packages == 1 else _("%(n)s packages", n=row.packages)
    return RowView(
        title=row.carrier,
        note=packages,
        icon="truck",
        end=_("taken %(time)s", time=local_when(row.closed_at, row.time_zone, found.now)),
    )
