"""What is done to packages and labels. Callers (flows) hold the lock on the order; each asks the actor, decides by the
rules, stores by compare-and-set, and announces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ambidex.domains.shipping import events, problems, queries, rules, store
from ambidex.domains.shipping.model import (
    LABEL,
    Box,
    Content,
    Label,
    LabelState,
    LabelVerb,
    Manifest,
    Package,
    PackageState,
    PackageVerb,
    Printed,
    Scan,
    Tracked,
)
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx

# whoever asked prints it now; after so long the worker takes over
PRINT_WITHIN = timedelta(seconds=15)
# whoever asks the carrier has its answer, or gave up: what is taken back before could still be bought
ASKED_WITHIN = timedelta(minutes=1)


async def pack(
    tx: Tx,
    boxes: Mapping[int, Box],
    free: Mapping[int, int],
    *,
    inside: tuple[OrderId, int, LocationId],
    items: Mapping[int, ItemId],
    evidence: Mapping[int, str],
) -> list[Package]:
    """Close these boxes, by number, with units that are `free`: picked, and in no package.

    `inside` is the order, work and place; `evidence` (by number) says that somebody had each in hand.
    """
    order_id, work_no, location_id = inside
    tx.actor.must(Permission.WORK_DO, at=location_id)
    filled = zip(boxes.items(), rules.fill(list(boxes.values()), free), strict=True)
    new = [
        Package(
            order_id, number, work_no, location_id, PackageState.PACKED, box.grams, box.size,
            "", "", "", "", 0, None, tx.now, tx.now, None, None, None, "",
            tuple(Content(line_no, items[line_no], count) for line_no, count in sorted(units.items())),
        )
        for (number, box), units in filled
    ]  # fmt: skip
    await store.add(tx, new)
    for package in new:
        event = events.PackagePacked(work_no, package.grams, package.units)
        _announce(tx, package, event, evidence=(evidence[package.package_no],))
    return new


async def open_up(tx: Tx, packages: Sequence[Package], *, reason: str) -> None:
    """Open packages that have not left: their labels are given back."""
    _ = [await _open(tx, package, reason) for package in packages]


async def _open(tx: Tx, package: Package, reason: str) -> Package:
    rules.must_allow(package, PackageVerb.OPEN)
    package = await _without_label(tx, package, reason)
    await store.move(tx, package, PackageVerb.OPEN)
    _announce(tx, package, events.PackageOpened(package.work_no, reason))
    return package


async def _without_label(tx: Tx, package: Package, reason: str) -> Package:
    """Its labels are given back."""
    live = await _live(tx, package.order_id, [package.package_no])
    _ = [await _give_up(tx, package, label, reason) for label in live]
    if package.label_no:
        await store.forget_label(tx, package)
    return await queries.package(tx, package.order_id, package.package_no)


async def _give_up(tx: Tx, package: Package, label: Label, reason: str) -> Label:
    """Nobody needs this label any more: the carrier is asked to take it back."""
    may_be_asked = label.state is LabelState.WANTED
    next_at = tx.now + ASKED_WITHIN if may_be_asked else tx.now
    await store.move_label(tx, label, LabelVerb.GIVE_UP, next_at=next_at)
    _announce(tx, package, events.LabelUnwanted(label.label_no, reason))
    return label


async def want_labels(
    tx: Tx, packages: Sequence[Package], *, carrier: str, service: str, anew: str = ""
) -> list[Label]:
    """Wish for a label for each package that has none; those wished for before keep their key. The live labels.

    `anew`: why labels that are there are given back first, such as for a corrected address.
    """
    if not packages:
        return []
    first = packages[0]
    tx.actor.must(Permission.ORDERS_CONTACT if anew else Permission.WORK_DO, at=first.location_id)
    if anew:
        packages = [await _without_label(tx, package, anew) for package in packages]
    numbers = [package.package_no for package in packages]
    live = {label.package_no for label in await _live(tx, first.order_id, numbers)}
    missing = [package for package in packages if package.package_no not in live]
    for package in missing:
        if package.state is not PackageState.PACKED:
            raise problems.WrongPackageState(state=package.state.value)
    if missing:
        later = tx.now + PRINT_WITHIN
        await store.want_labels(tx, missing, carrier=carrier, service=service, next_at=later)
    labels = await _live(tx, first.order_id, numbers)
    fresh = {package.package_no: package for package in missing}
    for label in labels:
        if label.package_no in fresh:
            event = events.LabelWanted(label.label_no, label.carrier, label.service, label.key)
            _announce(tx, fresh[label.package_no], event)
    return labels


async def label_made(tx: Tx, label: Label, printed: Printed) -> Package:
    """The carrier gave it. Given again (after a crash) it changes nothing; given after it was given up, it is voided."""
    package = await queries.package(tx, label.order_id, label.package_no)
    known = await queries.label(tx, label.order_id, label.package_no, label_no=label.label_no)
    if known.state is not LabelState.WANTED:
        await _turn_up(tx, package, known, printed)
        return package
    await store.made(tx, package, known, printed)
    event = events.LabelMade(label.label_no, printed.carrier, printed.service, printed.tracking_number)
    _announce(tx, package, event)
    return await queries.package(tx, label.order_id, label.package_no)


async def _turn_up(tx: Tx, package: Package, label: Label, printed: Printed) -> None:
    """It was settled while the carrier was asked. Nobody else knows what was bought: it is taken back."""
    if LABEL.allows(label.state, LabelVerb.TURN_UP) and label.carrier_ref != printed.carrier_ref:
        await store.turned_up(tx, label, printed)
        _announce(tx, package, events.LabelUnwanted(label.label_no, "bought after it was given up"))


async def label_refused(tx: Tx, label: Label, *, reason: str) -> bool:
    """The carrier will not have it so; False when that was settled before."""
    known = await queries.label(tx, label.order_id, label.package_no, label_no=label.label_no)
    if known.state is not LabelState.WANTED:
        return False
    package = await queries.package(tx, label.order_id, label.package_no)
    await store.move_label(tx, known, LabelVerb.REFUSE, answer=reason[:500])
    _announce(tx, package, events.LabelRefused(label.label_no, label.carrier, reason))
    return True


async def label_later(tx: Tx, label: Label, *, reason: str, next_at: datetime) -> None:
    """The carrier does not answer; it is asked again then, by the same key."""
    await store.try_later(tx, label, next_at=next_at, answer=reason)


async def label_voided(tx: Tx, label: Label, *, voided: bool, answer: str) -> bool:
    """The carrier took it back, or says why not. Settled before, or bought meanwhile: nothing happens, False."""
    known = await queries.label(tx, label.order_id, label.package_no, label_no=label.label_no)
    verb = LabelVerb.VOID if voided else LabelVerb.FAIL_TO_VOID
    if not LABEL.allows(known.state, verb) or known.carrier_ref != label.carrier_ref:
        return False
    package = await queries.package(tx, label.order_id, label.package_no)
    await store.move_label(tx, known, verb, answer=answer[:500])
    _announce(tx, package, events.LabelVoided(label.label_no, voided, answer))
    return True


async def dispatch(tx: Tx, package: Package, *, evidence: str) -> Package:
    """It was scanned out, onto the manifest that its carrier takes next."""
    tx.actor.must(Permission.WORK_DO, at=package.location_id)
    rules.must_allow(package, PackageVerb.DISPATCH)
    if not package.tracking_number:
        raise problems.NoLabel(package=package.id)
    manifest_id = await store.open_manifest(tx, location_id=package.location_id, carrier=package.carrier)
    await store.move(tx, package, PackageVerb.DISPATCH, dispatched_at=tx.now, manifest_id=manifest_id)
    event = events.PackageDispatched(package.work_no, package.carrier, package.tracking_number, package.units)
    _announce(tx, package, event, evidence=(evidence,))
    return await queries.package(tx, package.order_id, package.package_no)


async def close_manifest(tx: Tx, manifest_id: UUID) -> Manifest:
    """The carrier took it. Closing twice is no fault."""
    manifest = await queries.manifest(tx, manifest_id)
    tx.actor.must(Permission.WORK_DO, at=manifest.location_id)
    held = await store.close_manifest(tx, manifest_id)
    if held is not None:
        event = events.ManifestClosed(manifest.carrier, held)
        tx.announce(Ref("manifest", manifest_id.hex), event, location_id=manifest.location_id)
    return await queries.manifest(tx, manifest_id)


async def hear(
    tx: Tx, package: Package, told: Tracked, *, source: str
) -> tuple[int, tuple[PackageVerb, Scan] | None]:
    """Keep what a carrier says; how much of it is new, and what it means for the package now, by which of its words.

    It may come twice, late and in any order. A word about a time to come counts for nothing, also where a carrier repeats
    it with all that follows. Raises NotSeenOut; FromTheFuture when nothing else that it says means anything.
    """
    believed = tuple(scan for scan in told.scans if not scan.is_ahead(tx.now))
    known = await queries.scans_of(tx, package)
    fresh = await store.add_scans(tx, package, believed, source=source)
    if fresh:
        last = max(believed, key=lambda scan: scan.happened_at)
        _announce(tx, package, events.PackageScanned(last.status.value, last.words))
    changes = {
        "expected_at": told.expected_at,
        "signed_by": told.signed_by,
        "tracking_url": told.tracking_url,
    }
    better = {name: value for name, value in changes.items() if value and value != getattr(package, name)}
    if fresh and better:
        await store.note(tx, package, **better)
    every = await queries.scans_of(tx, package) if fresh else []
    verb, said = rules.verb_of(package, every, known=known), rules.decisive(believed)
    if verb is None:
        rules.must_have_happened(told.scans, now=tx.now)
    return fresh, (verb, said) if verb and said else None


async def go_on(
    tx: Tx,
    package: Package,
    verb: PackageVerb,
    *,
    words: str = "",
    at: datetime | None = None,
    back_at: LocationId | None = None,
    **details: Any,
) -> Package:
    """What became of a package under way. `at` is when the carrier says it happened, `back_at` where it came back to."""
    rules.must_allow(package, verb)
    changes: dict[str, Any] = {"delivered_at": at or tx.now} if verb is PackageVerb.DELIVER else {}
    if verb is PackageVerb.COME_BACK:
        changes = {"back_at": back_at or package.location_id}
    if verb is PackageVerb.SEND_AGAIN:
        changes = {"sent_again_at": tx.now}
    await store.move(tx, package, verb, **changes)
    _announce(tx, package, _told(package, verb, words), happened_at=at, **details)
    return await queries.package(tx, package.order_id, package.package_no)


def _told(package: Package, verb: PackageVerb, words: str) -> Event:
    work_no, number = package.work_no, package.tracking_number
    match verb:
        case PackageVerb.DELIVER:
            return events.PackageDelivered(work_no, number, package.signed_by)
        case PackageVerb.FAIL_DELIVERY:
            return events.DeliveryFailed(work_no, number, words)
        case PackageVerb.TRY_AGAIN:
            return events.TriedAgain(work_no, words)
        case PackageVerb.RETURN_TO_SENDER:
            return events.SentBack(work_no, number, words)
        case PackageVerb.COME_BACK:
            return events.PackageCameBack(work_no, package.units)
        case PackageVerb.LOSE:
            return events.PackageLost(work_no, words, package.units)
        case PackageVerb.SEND_AGAIN:
            return events.PackageSentAgain(work_no, words, package.units)
    raise AssertionError(f"{verb} has a command of its own")


async def _live(tx: Tx, order_id: OrderId, package_nos: Sequence[int]) -> list[Label]:
    live = {LabelState.WANTED, LabelState.MADE}
    return [label for label in await queries.labels_of(tx, order_id, package_nos) if label.state in live]


def _announce(tx: Tx, package: Package, event: Event, **details: Any) -> None:
    tx.announce(package.ref, event, order_id=package.order_id, location_id=package.location_id, **details)
