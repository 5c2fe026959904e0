"""Writing down what devices did without a network: taken in, or a conflict that a person settles."""

from __future__ import annotations

from ambidex.domains.pocket import store
from ambidex.domains.pocket.events import DeedConflicted, DeedTaken
from ambidex.domains.pocket.model import Conflict, Deed
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def take(tx: Tx, deed: Deed) -> None:
    """It was performed, in this transaction."""
    await store.add(tx, deed, None)
    _tell(tx, deed, DeedTaken(deed.kind.value, deed.dated.clock_ahead_seconds))


async def object_to(tx: Tx, deed: Deed, conflict: Conflict) -> None:
    """It could not be performed: both sides are kept, and a person has a task."""
    await store.add(tx, deed, conflict)
    _tell(tx, deed, DeedConflicted(deed.kind.value, conflict.problem, deed.dated.clock_ahead_seconds))


def _tell(tx: Tx, deed: Deed, event: DeedTaken | DeedConflicted) -> None:
    tx.announce(
        Ref("deed", deed.key),
        event,
        order_id=deed.order_id,
        location_id=deed.location_id,
        happened_at=deed.dated.happened_at,
    )
