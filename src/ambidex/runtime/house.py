"""The house: what one process has wired together, handed to the edge as one value."""

from __future__ import annotations

from typing import Any

from ambidex.kernel.values import dataclass, field
from ambidex.runtime.live import Live
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.settings import Settings


@dataclass(frozen=True)
class House:
    """`shared` holds what one process keeps once for all requests (a coalescer), by its name."""

    run: Run
    settings: Settings
    outside: Outside
    live: Live
    shared: dict[str, Any] = field(default_factory=dict)
