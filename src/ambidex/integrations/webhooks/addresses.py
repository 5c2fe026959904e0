"""Which network addresses a webhook may go to, and connecting to exactly the address that was looked at.

The name is resolved once, here, at connect time; what was checked is what is connected to, so a name that changes its
mind between check and use (DNS rebinding) gains nothing. The certificate is still checked against the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotThere(httpcore.ConnectError):
    """The address is none that a webhook may go to."""


def is_public(address: Address) -> bool:
    """Whether it is an address of the open internet, also when an IPv4 address is wrapped into an IPv6 one."""
    if any(not is_public(inner) for inner in _inside(address)):
        return False
    odd = address.is_multicast or address.is_reserved or address.is_unspecified
    if isinstance(address, ipaddress.IPv6Address):
        odd = odd or address.is_site_local
    return address.is_global and not odd


def _inside(address: Address) -> list[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    wrapped: list[Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [inner for inner in wrapped if inner is not None]


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses (unless `is_open` is false) and to `networks`; raises NotThere for others."""

    def __init__(self, networks: Iterable[Network], *, is_open: bool, resolving: Resolve = resolve) -> None:
        self._networks = tuple(networks)
        self._is_open = is_open
        self._resolve = resolving
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(  # type: ignore[override]  # the library's own options, passed on as they are
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library asks for it
        **options: Any,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as cause:  # the latter: a part of the name is empty or too long
            raise NotThere("the name is not known") from cause
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
        if not addresses or not all(self.allows(address) for address in addresses):
            raise NotThere("the address is private, or none that a webhook may go to")
        return await self._inner.connect_tcp(str(addresses[0]), port, timeout, **options)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise NotThere("webhooks go to no socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def allows(self, address: Address) -> bool:
        """Whether a webhook may go there."""
        inside = any(address in network for network in self._networks if network.version == address.version)
        return inside or (self._is_open and is_public(address))
