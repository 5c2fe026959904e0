"""Changing packages and labels: every move is compare-and-set, every list is one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update

from ambidex.domains.shipping.model import (
    LABEL,
    PACKAGE,
    Label,
    LabelVerb,
    Package,
    PackageVerb,
    Printed,
    Scan,
)
from ambidex.domains.shipping.rules import scan_key
from ambidex.domains.shipping.tables import labels, manifests, packages
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import MovedOn
from ambidex.runtime.db import Tx

_PACKED = text("""
INSERT INTO shipping.packages (order_id, package_no, work_no, location_id, state, grams, length_mm, width_mm, height_mm,
                               packed_at, state_since)
SELECT :order_id, package_no, :work_no, :location_id, 'packed', grams, length_mm, width_mm, height_mm, :now, :now
  FROM unnest(CAST(:numbers AS smallint[]), CAST(:grams AS integer[]), CAST(:lengths AS integer[]),
              CAST(:widths AS integer[]), CAST(:heights AS integer[]))
       AS new(package_no, grams, length_mm, width_mm, height_mm)
""")
_CONTENTS = text("""
INSERT INTO shipping.contents (order_id, package_no, line_no, item_id, units)
SELECT :order_id, package_no, line_no, item_id, units
  FROM unnest(CAST(:numbers AS smallint[]), CAST(:lines AS smallint[]), CAST(:items AS uuid[]),
              CAST(:units AS integer[])) AS new(package_no, line_no, item_id, units)
""")
_WANTED = text("""
INSERT INTO shipping.labels (order_id, package_no, label_no, state, carrier, service, key, asked_at, next_at)
SELECT :order_id, package_no,
       (SELECT coalesce(max(l.label_no), 0) + 1 FROM shipping.labels l
         WHERE l.order_id = :order_id AND l.package_no = new.package_no),
       'wanted', :carrier, :service, key, :now, :next_at
  FROM unnest(CAST(:numbers AS smallint[]), CAST(:keys AS text[])) AS new(package_no, key)
""")
_NUMBERED = text("""
INSERT INTO shipping.tracking_numbers (tracking_number, order_id, package_no, carrier)
VALUES (:tracking_number, :order_id, :package_no, :carrier) ON CONFLICT DO NOTHING
""")
_SCANNED = text("""
INSERT INTO shipping.scans (order_id, package_no, scan_key, status, detail, words, city, region, country, source,
                            happened_at, recorded_at)
SELECT :order_id, :package_no, scan_key, status, detail, words, city, region, country, :source, happened_at, :now
  FROM unnest(CAST(:keys AS text[]), CAST(:statuses AS text[]), CAST(:details AS text[]), CAST(:words AS text[]),
              CAST(:cities AS text[]), CAST(:regions AS text[]), CAST(:countries AS text[]),
              CAST(:times AS timestamptz[]))
       AS new(scan_key, status, detail, words, city, region, country, happened_at)
    ON CONFLICT DO NOTHING
""")
_MANIFEST = text("""
INSERT INTO shipping.manifests (manifest_id, location_id, carrier, opened_at, opened_by)
VALUES (:manifest_id, :location_id, :carrier, :now, :who)
    ON CONFLICT (location_id, carrier) WHERE closed_at IS NULL DO UPDATE SET carrier = excluded.carrier
RETURNING manifest_id
""")


async def add(tx: Tx, new: Sequence[Package]) -> None:
    """Packages of one work with what lies in them."""
    first = new[0]
    sizes = [p.size for p in new]
    of_order = {"order_id": first.order_id}
    values = {
        **of_order, "work_no": first.work_no, "location_id": first.location_id, "now": tx.now,
        "numbers": [p.package_no for p in new],
        "grams": [p.grams for p in new],
        "lengths": [s and s.length_mm for s in sizes],
        "widths": [s and s.width_mm for s in sizes],
        "heights": [s and s.height_mm for s in sizes],
    }  # fmt: skip
    await tx.run(_PACKED, values)
    inside = [(p.package_no, c) for p in new for c in p.contents]
    what = {
        **of_order,
        "numbers": [number for number, _ in inside],
        "lines": [c.line_no for _, c in inside],
        "items": [c.item_id for _, c in inside],
        "units": [c.units for _, c in inside],
    }
    await tx.run(_CONTENTS, what)


async def move(tx: Tx, package: Package, verb: PackageVerb, **changes: Any) -> None:
    """Move a package, provided that it is still in the state we decided on."""
    to = PACKAGE.after(package.state, verb)
    if to is not package.state:
        changes["state_since"] = tx.now
    changed = await tx.run(
        update(packages)
        .where(
            packages.c.order_id == package.order_id,
            packages.c.package_no == package.package_no,
            packages.c.state == package.state.value,
        )
        .values(state=to.value, **changes)
    )
    if changed != 1:
        raise MovedOn(package.id)


async def note(tx: Tx, package: Package, **changes: Any) -> None:
    """Change what stands beside the state."""
    await tx.run(
        update(packages)
        .where(packages.c.order_id == package.order_id, packages.c.package_no == package.package_no)
        .values(**changes)
    )


async def want_labels(
    tx: Tx, wanted: Sequence[Package], *, carrier: str, service: str, next_at: datetime
) -> None:
    """A wish for a label for each, with a key of its own."""
    values = {
        "order_id": wanted[0].order_id, "carrier": carrier, "service": service, "now": tx.now, "next_at": next_at,
        "numbers": [p.package_no for p in wanted], "keys": [tx.new_id().hex for _ in wanted],
    }  # fmt: skip
    await tx.run(_WANTED, values)


async def move_label(tx: Tx, label: Label, verb: LabelVerb, **changes: Any) -> None:
    """Move a label, provided that it is still in the state we decided on."""
    changed = await tx.run(
        _of_label(label).values(
            state=LABEL.after(label.state, verb).value, **{"settled_at": tx.now, "next_at": None, **changes}
        )
    )
    if changed != 1:
        raise MovedOn(label.key)


async def try_later(tx: Tx, label: Label, *, next_at: datetime, answer: str) -> None:
    """The carrier is asked again then."""
    changed = await tx.run(
        _of_label(label).values(next_at=next_at, answer=answer[:500], attempts=labels.c.attempts + 1)
    )
    if changed != 1:
        raise MovedOn(label.key)


def _of_label(label: Label) -> Any:
    return update(labels).where(
        labels.c.order_id == label.order_id,
        labels.c.package_no == label.package_no,
        labels.c.label_no == label.label_no,
        labels.c.state == label.state.value,
    )


async def made(tx: Tx, package: Package, label: Label, printed: Printed) -> None:
    """The label and its number are those of the package from now on."""
    said = {
        "carrier_ref": printed.carrier_ref, "tracking_number": printed.tracking_number,
        "document": printed.document, "media_type": printed.media_type, "cost_minor": printed.cost_minor,
        "currency": printed.currency, "answer": "", "carrier": printed.carrier, "service": printed.service,
    }  # fmt: skip
    await move_label(tx, label, LabelVerb.MAKE, **said)
    number = {"tracking_number": printed.tracking_number, "carrier": printed.carrier}
    await tx.run(_NUMBERED, {**number, "order_id": package.order_id, "package_no": package.package_no})
    shown = {"service": printed.service, "tracking_url": printed.tracking_url, "label_no": label.label_no}
    await note(tx, package, **number, **shown)


async def turned_up(tx: Tx, label: Label, printed: Printed) -> None:
    """The carrier sold a label that nobody waits for any more; it is asked at once to take it back."""
    said = {
        "carrier_ref": printed.carrier_ref, "tracking_number": printed.tracking_number, "carrier": printed.carrier,
        "service": printed.service, "cost_minor": printed.cost_minor, "currency": printed.currency,
    }  # fmt: skip
    await move_label(tx, label, LabelVerb.TURN_UP, next_at=tx.now, **said)


async def forget_label(tx: Tx, package: Package) -> None:
    """The package has no label any more."""
    await note(tx, package, tracking_number="", tracking_url="", label_no=0, carrier="", service="")


async def add_scans(tx: Tx, package: Package, told: Sequence[Scan], *, source: str) -> int:
    """What a carrier says; how much of it is new."""
    values = {
        "order_id": package.order_id, "package_no": package.package_no, "source": source, "now": tx.now,
        "keys": [scan_key(s) for s in told],
        "statuses": [s.status.value for s in told],
        "details": [s.detail for s in told],
        "words": [s.words for s in told],
        "cities": [s.city for s in told],
        "regions": [s.region for s in told],
        "countries": [s.country for s in told],
        "times": [s.happened_at for s in told],
    }  # fmt: skip
    return await tx.run(_SCANNED, values) if told else 0


async def open_manifest(tx: Tx, *, location_id: LocationId, carrier: str) -> UUID:
    """The manifest that this carrier takes next from this place; a new one when none is open."""
    values = {"location_id": location_id, "carrier": carrier, "now": tx.now, "who": tx.actor.name}
    found: UUID = await tx.value(_MANIFEST, {"manifest_id": tx.new_id(), **values})
    return found


async def close_manifest(tx: Tx, manifest_id: UUID) -> int | None:
    """How many packages it holds; None when it was closed before."""
    changed = await tx.run(
        update(manifests)
        .where(manifests.c.manifest_id == manifest_id, manifests.c.closed_at.is_(None))
        .values(closed_at=tx.now, closed_by=tx.actor.name)
    )
    held = select(func.count()).select_from(packages).where(packages.c.manifest_id == manifest_id)
    return int(await tx.value(held)) if changed else None
