"""Evidence: proof that something physical happened. A system's word is a report, never physical evidence."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ambidex.kernel.values import dataclass


class EvidenceKind(StrEnum):
    """From the strongest proof to the weakest; SYSTEM proves nothing physical."""

    SCAN = "scan"
    PHOTO = "photo"
    WEIGHT = "weight"
    SIGNATURE = "signature"
    TYPED = "typed"
    SYSTEM = "system"


PHYSICAL = frozenset(EvidenceKind) - {EvidenceKind.SYSTEM}


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence as it comes from a device. TYPED needs a reason.

    `quantity` above one is refused unless the item's policy allows counted scans. `happened_at` is the
    device's time of the deed (kept for offline work); None means now. `key` makes a replay harmless.
    """

    kind: EvidenceKind
    barcode: str = ""
    quantity: int = 1
    reason: str = ""
    happened_at: datetime | None = None
    key: str = ""
