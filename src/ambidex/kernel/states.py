"""State machines as data: checked when imported, drawn into the docs, asked by every store.move."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from ambidex.kernel.values import dataclass, field

S = TypeVar("S", bound=StrEnum)
V = TypeVar("V", bound=StrEnum)


@dataclass(frozen=True)
class States(Generic[S, V]):
    """One machine: where things start and end, and which verb leads from where to where.

    `waits` names, for each state that waits for somebody, who must act next (docs and tests read it).
    Raises ValueError at import when a state cannot be reached or has neither exit nor end.
    """

    name: str
    start: S
    ends: frozenset[S]
    moves: Mapping[tuple[S, V], S]
    waits: Mapping[S, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        reached, frontier = {self.start}, [self.start]
        while frontier:
            at = frontier.pop()
            for (origin, _), to in self.moves.items():
                if origin is at and to not in reached:
                    reached.add(to)
                    frontier.append(to)
        lost = set(type(self.start)) - reached
        stuck = {s for s in reached - self.ends if not any(o is s for o, _ in self.moves)}
        if lost or stuck:
            raise ValueError(f"{self.name}: never reached {sorted(lost)}, no way out of {sorted(stuck)}")

    def after(self, state: S, verb: V) -> S:
        """Where the verb leads; KeyError is a programmer's mistake, ask `allows` first."""
        return self.moves[state, verb]

    def allows(self, state: S, verb: V) -> bool:
        """Whether the verb can be said in this state."""
        return (state, verb) in self.moves

    def origins(self, verb: V) -> frozenset[S]:
        """The states in which the verb can be said."""
        return frozenset(origin for origin, v in self.moves if v == verb)
