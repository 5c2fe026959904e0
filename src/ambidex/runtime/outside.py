"""The outside: what may be called beyond our walls, and only while no transaction is open.

Decide (perform), do (a port of `Outside`), record (perform): three functions, one stored key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast

from ambidex.kernel.values import dataclass
from ambidex.runtime.perform import must_be_outside

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Port(Generic[T]):
    """The name under which something outside is reached; T is the protocol it speaks (a domain's ports.py)."""

    name: str


class NotConnected(LookupError):
    """Nothing is wired to this port; entry/wiring.py connects ports."""


class Outside:
    """All ports of this installation. Reaching for one, or calling one, raises while a transaction is open."""

    def __init__(self, ports: Mapping[Port[Any], Any] | None = None) -> None:
        self._ports = dict(ports or {})

    def via(self, port: Port[T]) -> T:
        """What is connected to this port."""
        must_be_outside()
        if port not in self._ports:
            raise NotConnected(port.name)
        return cast("T", _Guarded(self._ports[port]))


class _Guarded:
    """Looks like the port; each call first makes sure that no transaction has been opened meanwhile."""

    def __init__(self, port: object) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:
        must_be_outside()
        return getattr(self._port, name)
