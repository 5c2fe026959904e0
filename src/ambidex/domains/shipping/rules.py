"""Decisions of shipping, pure: what goes into which package, and what a carrier's words mean for it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ambidex.domains.shipping import problems
from ambidex.domains.shipping.model import (
    PACKAGE,
    Box,
    Package,
    PackageState,
    PackageVerb,
    Scan,
    ScanStatus,
    Size,
)

GRAMS_MAX = 1_000_000
MILLIMETRES_MAX = 10_000


def fill(boxes: Sequence[Box], free: Mapping[int, int]) -> list[dict[int, int]]:
    """Units by line for each box; `free` is what is picked and in no package. Nothing is packed twice."""
    left = Counter({line_no: units for line_no, units in free.items() if units > 0})
    if not left:
        raise problems.NothingToPack
    filled = []
    for box in boxes:
        must_weigh(box.grams, box.size)
        units = dict(box.units) or dict(+left)
        if not units or min(units.values()) < 1:
            raise problems.EmptyPackage(errors=[{"field": "contents", "expected": "at least one unit"}])
        if any(count > left[line_no] for line_no, count in units.items()):
            raise problems.NotPicked(free=dict(+left))
        left -= Counter(units)
        filled.append(units)
    return filled


def must_weigh(grams: int, size: Size | None) -> None:
    """Refuse a package without a weight, or with measures no parcel has."""
    if not 0 < grams <= GRAMS_MAX:
        raise problems.NoWeight(errors=[{"field": "weight_grams", "expected": f"1 to {GRAMS_MAX}"}])
    sides = (size.length_mm, size.width_mm, size.height_mm) if size else ()
    if any(not 0 < side <= MILLIMETRES_MAX for side in sides):
        raise problems.NoWeight(errors=[{"field": "size", "expected": f"1 to {MILLIMETRES_MAX} mm each"}])


def must_allow(package: Package, verb: PackageVerb) -> None:
    """Refuse unless the verb can be said of it now; its goods are sent anew once."""
    is_twice = verb is PackageVerb.SEND_AGAIN and package.sent_again_at is not None
    if is_twice or not PACKAGE.allows(package.state, verb):
        raise problems.WrongPackageState(
            f"{verb.value} does not follow {package.state.value}", state=package.state.value
        )


def must_have_happened(scans: Iterable[Scan], *, now: datetime) -> None:
    """Refuse a carrier's words about a time to come: dated last, they would count for more than what did happen."""
    ahead = [scan.happened_at for scan in scans if scan.is_ahead(now)]
    if ahead:
        raise problems.FromTheFuture(f"a scan is dated {max(ahead):%Y-%m-%d %H:%M} UTC")


def scan_key(scan: Scan) -> str:
    """The same words about the same moment are the same scan, however often they are sent."""
    parts = (scan.status, scan.happened_at.isoformat(), scan.detail, scan.words, scan.city)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


_MOVING = frozenset({ScanStatus.IN_TRANSIT, ScanStatus.OUT_FOR_DELIVERY, ScanStatus.AVAILABLE_FOR_PICKUP})
# of one moment, what is further along was said last
_FAR = {status: far for far, status in enumerate(ScanStatus)} | {ScanStatus.DELIVERED: len(ScanStatus)}
_VERBS = {
    ScanStatus.DELIVERED: PackageVerb.DELIVER,
    ScanStatus.FAILURE: PackageVerb.FAIL_DELIVERY,
    ScanStatus.RETURN_TO_SENDER: PackageVerb.RETURN_TO_SENDER,
}


def decisive(scans: Iterable[Scan]) -> Scan | None:
    """The one that says how a parcel stands: the latest in the carrier's own time, in whatever order they arrive.

    Once a package turned back, "delivered" is its arrival at the sender: somebody there scans it in.
    """
    told = sorted(scans, key=lambda scan: (scan.happened_at, _FAR[scan.status]))
    back = [scan for scan in told if scan.status is ScanStatus.RETURN_TO_SENDER]
    telling = back or [scan for scan in told if scan.status in _VERBS or scan.status in _MOVING]
    return telling[-1] if telling else None


def verb_of(package: Package, scans: Iterable[Scan], *, known: Iterable[Scan] = ()) -> PackageVerb | None:
    """What all that is told means for the package now; None when nothing changes.

    Words that were `known` before meant what they meant then: what a person chose since is not undone by them.
    """
    last = decisive(scans)
    if last is None or scan_key(last) in {scan_key(scan) for scan in known}:
        return None
    verb = _VERBS.get(last.status, PackageVerb.TRY_AGAIN)
    if package.state is PackageState.PACKED and verb in {*_VERBS.values()}:
        raise problems.NotSeenOut(tracking_number=package.tracking_number)
    if not PACKAGE.allows(package.state, verb):
        return None
    return None if PACKAGE.after(package.state, verb) is package.state else verb


def outcome(packages: Iterable[Package]) -> PackageState | None:
    """How far a work is, by its packages: what needs somebody counts first. None while one has not left."""
    states = {package.state for package in packages if package.state is not PackageState.OPENED}
    if not states or PackageState.PACKED in states:
        return None
    if PackageState.CAME_BACK in states:
        states.add(PackageState.RETURNED_TO_SENDER)
    order = (
        PackageState.DELIVERY_FAILED,
        PackageState.DISPATCHED,
        PackageState.RETURNED_TO_SENDER,
        PackageState.LOST,
        PackageState.DELIVERED,
    )
    return next(state for state in order if state in states)


def packed_units(packages: Iterable[Package]) -> dict[int, int]:
    """Units by line that lie in a package that was not opened."""
    units: Counter[int] = Counter()
    for package in packages:
        if package.state is not PackageState.OPENED:
            units.update(package.units)
    return dict(units)
