"""Reading packages: two statements however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from ambidex.domains.shipping import problems
from ambidex.domains.shipping.model import (
    UNDER_WAY,
    Content,
    Label,
    LabelState,
    Manifest,
    Package,
    PackageState,
    Scan,
    ScanStatus,
    Size,
)
from ambidex.domains.shipping.tables import contents, labels, manifests, packages, scans, tracking_numbers
from ambidex.kernel.ids import ItemId, LocationId, OrderId, parse_child_id
from ambidex.runtime.db import Read

_OPEN = sorted(state.value for state in (PackageState.PACKED, *UNDER_WAY))
_JOINED = (
    select(packages, contents.c.line_no, contents.c.item_id, contents.c.units)
    .outerjoin(
        contents,
        (packages.c.order_id == contents.c.order_id) & (packages.c.package_no == contents.c.package_no),
    )
    .order_by(packages.c.order_id, packages.c.package_no, contents.c.line_no)
)


async def packages_of(read: Read, order_id: UUID, *, work_no: int | None = None) -> list[Package]:
    """The packages of an order, or of one of its works, opened ones too, by number."""
    condition = packages.c.order_id == order_id
    if work_no is not None:
        condition &= packages.c.work_no == work_no
    return await _packages(read, condition)


async def package(read: Read, order_id: UUID, package_no: int) -> Package:
    """One package; UnknownPackage when there is none."""
    found = await _packages(read, (packages.c.order_id == order_id) & (packages.c.package_no == package_no))
    if not found:
        raise problems.UnknownPackage(package_no=package_no)
    return found[0]


async def package_from_id(read: Read, outside_id: str) -> Package:
    """The package of an outside id; UnknownPackage when it is none of ours."""
    named = parse_child_id(outside_id)
    if named is None:
        raise problems.UnknownPackage(outside_id)
    return await package(read, *named)


async def next_number(read: Read, order_id: UUID) -> int:
    """The number of the next package of an order, whose lock is held."""
    last = await read.value(select(func.max(packages.c.package_no)).where(packages.c.order_id == order_id))
    return int(last or 0) + 1


async def known(read: Read, tracking_number: str) -> tuple[OrderId, int] | None:
    """The order and number of the package that carries, or once carried, this tracking number.

    Carriers use a number again: it is that of the newest package that is still open.
    """
    number = plain_number(tracking_number)
    is_open = (packages.c.tracking_number == number) & packages.c.state.in_(_OPEN)
    row = await read.maybe(
        select(packages.c.order_id, packages.c.package_no)
        .join(
            tracking_numbers,
            (packages.c.order_id == tracking_numbers.c.order_id)
            & (packages.c.package_no == tracking_numbers.c.package_no),
        )
        .where(tracking_numbers.c.tracking_number == number)
        .order_by(is_open.desc(), packages.c.packed_at.desc(), packages.c.package_no.desc())
        .limit(1)
    )
    return None if row is None else (OrderId(row.order_id), row.package_no)


async def whose(read: Read, tracking_number: str) -> tuple[OrderId, int]:
    """The same; raises UnknownPackage."""
    found = await known(read, tracking_number)
    if found is None:
        raise problems.UnknownPackage(tracking_number[:80])
    return found


def plain_number(said: str) -> str:
    """A tracking number as it is kept: people and scanners add spaces and small letters."""
    return "".join(said.split()).upper()


async def scans_of(read: Read, package: Package) -> list[Scan]:
    """All that the carrier told about a package, in its own time."""
    rows = await read.all(
        select(scans)
        .where(scans.c.order_id == package.order_id, scans.c.package_no == package.package_no)
        .order_by(scans.c.happened_at, scans.c.recorded_at)
    )
    return [
        Scan(
            ScanStatus(row.status), row.happened_at, row.detail, row.words, row.city, row.region, row.country
        )
        for row in rows
    ]


async def label(read: Read, order_id: UUID, package_no: int, *, label_no: int) -> Label:
    """One label. Raises UnknownLabel."""
    key = (labels.c.order_id, order_id), (labels.c.package_no, package_no), (labels.c.label_no, label_no)
    row = await read.maybe(select(*_LABEL).where(*(column == value for column, value in key)))
    if row is None:
        raise problems.UnknownLabel(label_no=label_no)
    return _label(row)


async def labels_of(read: Read, order_id: UUID, package_nos: Sequence[int]) -> list[Label]:
    """All labels of these packages, oldest first."""
    rows = await read.all(
        select(*_LABEL)
        .where(labels.c.order_id == order_id, labels.c.package_no.in_(package_nos))
        .order_by(labels.c.package_no, labels.c.label_no)
    )
    return [_label(row) for row in rows]


async def waiting_labels(read: Read, *, now: datetime, limit: int) -> list[Label]:
    """Labels whose carrier is to be asked now, oldest first."""
    rows = await read.all(
        select(*_LABEL).where(labels.c.next_at <= now).order_by(labels.c.next_at).limit(limit)
    )
    return [_label(row) for row in rows]


async def manifest(read: Read, manifest_id: UUID) -> Manifest:
    """One manifest. Raises UnknownManifest."""
    row = await read.maybe(select(manifests).where(manifests.c.manifest_id == manifest_id))
    if row is None:
        raise problems.UnknownManifest(manifest=str(manifest_id))
    return Manifest(row.manifest_id, LocationId(row.location_id), row.carrier, row.opened_at, row.closed_at)


_LABEL = (
    labels.c.order_id,
    labels.c.package_no,
    labels.c.label_no,
    labels.c.state,
    labels.c.carrier,
    labels.c.service,
    labels.c.key,
    labels.c.carrier_ref,
    labels.c.tracking_number,
    labels.c.attempts,
    labels.c.answer,
    labels.c.asked_at,
)


def _label(row: Row[Any]) -> Label:
    return Label(
        order_id=OrderId(row.order_id),
        package_no=row.package_no,
        label_no=row.label_no,
        state=LabelState(row.state),
        carrier=row.carrier,
        service=row.service,
        key=row.key,
        carrier_ref=row.carrier_ref,
        tracking_number=row.tracking_number,
        attempts=row.attempts,
        answer=row.answer,
        asked_at=row.asked_at,
    )


async def _packages(read: Read, condition: ColumnElement[bool]) -> list[Package]:
    rows = await read.all(_JOINED.where(condition))
    return [_package(list(group)) for _, group in groupby(rows, lambda row: (row.order_id, row.package_no))]


def _package(rows: list[Row[Any]]) -> Package:
    first = rows[0]
    size = Size(first.length_mm, first.width_mm, first.height_mm) if first.length_mm else None
    return Package(
        order_id=OrderId(first.order_id),
        package_no=first.package_no,
        work_no=first.work_no,
        location_id=LocationId(first.location_id),
        state=PackageState(first.state),
        grams=first.grams,
        size=size,
        carrier=first.carrier,
        service=first.service,
        tracking_number=first.tracking_number,
        tracking_url=first.tracking_url,
        label_no=first.label_no,
        manifest_id=first.manifest_id,
        packed_at=first.packed_at,
        state_since=first.state_since,
        dispatched_at=first.dispatched_at,
        delivered_at=first.delivered_at,
        expected_at=first.expected_at,
        signed_by=first.signed_by,
        contents=tuple(
            Content(row.line_no, ItemId(row.item_id), row.units) for row in rows if row.units is not None
        ),
        sent_again_at=first.sent_again_at,
        back_at=None if first.back_at is None else LocationId(first.back_at),
    )
