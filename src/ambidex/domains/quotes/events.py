"""What happens to quotes, in the past tense."""

from typing import Any, ClassVar
from uuid import UUID

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class QuoteHeld(Event):
    """Goods are kept for a customer who has not ordered yet, and this was promised."""

    name: ClassVar[str] = "quotes.held"
    option: str
    due_at: str
    expires_at: str
    units: int


@dataclass(frozen=True)
class QuoteUsed(Event):
    """An order used a quote: it took what was held, or was placed anew because of the differences."""

    name: ClassVar[str] = "quotes.used"
    quote_id: UUID
    kept: bool
    differences: list[dict[str, Any]]


@dataclass(frozen=True)
class QuoteLetGo(Event):
    """What was held is free again before its time."""

    name: ClassVar[str] = "quotes.let-go"
    why: str
