"""What a till, a warehouse or a partner tells of stock, in our words but under its own names of items and places."""

from __future__ import annotations

from datetime import datetime

from ambidex.domains.governance import DocumentKind, LineKind
from ambidex.kernel.values import dataclass

TOPICS = "stock/"
"""The topics of messages about stock begin so; they are applied in lists."""


@dataclass(frozen=True)
class SaidLine:
    """One line; `units` as in governance.Line. Without a time of its own it happened when its document did."""

    line_no: int
    kind: LineKind
    item: str
    units: int
    condition: str = "sellable"
    reference: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True)
class SaidDocument:
    """A transaction of a register, or a file. `stream` has its own numbers; `number` is None when there are none.

    `complete`: what a full file does not name is not there.
    """

    stream: str
    document: str
    kind: DocumentKind
    place: str
    happened_at: datetime
    number: int | None = None
    voids: str = ""
    lines: tuple[SaidLine, ...] = ()
    complete: bool = False
