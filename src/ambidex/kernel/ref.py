"""A pointer to anything that can be talked about, owned or watched: its kind and its id."""

from __future__ import annotations

from ambidex.kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Ref:
    """`kind` is a word of the domain ("order", "fulfillment-order", "location"); `id` is the outside id."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"
