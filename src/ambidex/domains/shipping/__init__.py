"""The door of shipping: packages, their labels, and what carriers tell about them. `find` holds its questions."""

from ambidex.domains.shipping import queries as find
from ambidex.domains.shipping.commands import (
    close_manifest,
    dispatch,
    go_on,
    hear,
    label_later,
    label_made,
    label_refused,
    label_voided,
    open_up,
    pack,
    want_labels,
)
from ambidex.domains.shipping.model import (
    Box,
    Label,
    LabelState,
    Package,
    PackageState,
    PackageVerb,
    Printed,
    Scan,
    ScanStatus,
    Size,
    Tracked,
)
from ambidex.domains.shipping.rules import outcome, packed_units

__all__ = [
    "Box",
    "Label",
    "LabelState",
    "Package",
    "PackageState",
    "PackageVerb",
    "Printed",
    "Scan",
    "ScanStatus",
    "Size",
    "Tracked",
    "close_manifest",
    "dispatch",
    "find",
    "go_on",
    "hear",
    "label_later",
    "label_made",
    "label_refused",
    "label_voided",
    "open_up",
    "outcome",
    "pack",
    "packed_units",
    "want_labels",
]
