"""Tills and a warehouse beside our retailer, for tests: they say things, signed, and the worker applies them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text

from ambidex.domains import channels, governance
from ambidex.domains.governance import Drift, DriftState
from ambidex.flows import measure_drift, receive, take_stock, watch_connectors
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.shop_port import SYSTEMS
from ambidex.integrations import signed
from ambidex.integrations.systems import ConnectedSystems
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime import inbox
from ambidex.runtime.inbox import Message, Stored
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.conftest import Clock

TILL, WAREHOUSE = "till:main", "warehouse:main"
SECRET = "a-made-up-secret-of-tills"


@dataclass
class Feeds:
    """Two sources and the short words of tests. Numbers go on by themselves unless given."""

    run: Run
    clock: Clock
    outside: Outside = field(default_factory=lambda: Outside({SYSTEMS: ConnectedSystems(lambda _: "")}))
    numbers: dict[str, int] = field(default_factory=dict)

    async def register(self) -> None:
        for code, kind in ((TILL, "till"), (WAREHOUSE, "warehouse")):
            new = channels.NewSource(code=code, kind=kind, channel="pos", secret=SECRET)
            await self.run.perform(SYSTEM, channels.register, new)

    def sale(self, *lines: tuple[str, int], **said: Any) -> dict[str, Any]:
        """A transaction: (SKU, units) each; kind, at, register, sequence, transaction as wished."""
        register, place = said.pop("register", "1"), said.pop("place", "camden")
        kind = said.pop("kind", "sale")
        number = said.pop("sequence", None) or self._next(f"{place}/{register}")
        happened_at: datetime = said.pop("at", self.clock.now)
        units = "counted" if kind == "count" else "quantity"
        receipt = said.pop("receipt", "")
        named = {"receipt": receipt} if receipt else {}
        told = {
            "place": place, "register": register, "sequence": number, "kind": kind,
            "transaction": said.pop("transaction", f"T{register}-{number}"),
            "happened_at": happened_at.isoformat(), **said,
        }  # fmt: skip
        if kind != "void":
            told["lines"] = [
                {"line": n, "item": item, units: count, **named}
                for n, (item, count) in enumerate(lines, start=1)
            ]
        return told

    def file(self, report: str, rows: Mapping[str, int], **said: Any) -> bytes:
        """A warehouse's file as JSON lines."""
        place = said.pop("place", "dc")
        number = said.pop("number", None) or self._next(place)
        as_of: datetime = said.pop("as_of", self.clock.now)
        about = {
            "report": report,
            "number": number,
            "as_of": as_of.isoformat(),
            "place": place,
            "rows": len(rows),
        }
        units = "units" if report == "full" else "change"
        listed = [{"item": item, units: count, **said} for item, count in rows.items()]
        return "\n".join(json.dumps(one) for one in (about | said.get("about", {}), *listed)).encode()

    async def send(
        self, code: str, body: bytes | dict[str, Any], *, key: str = "", secret: str = SECRET
    ) -> Stored:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = (
            signed.sign(sent, secret, message_id=key, at=self.clock.now)
            if key
            else {signed.PLAIN: signed.sign_plain(sent, secret)}
        )
        return await receive.receive(self.run, self.outside, code=code, headers=headers, body=sent)

    async def send_cut(self, code: str, body: bytes, *, at: int) -> Stored:
        """The connection broke: the proof is of the whole body, and only a part of it came."""
        headers = {signed.PLAIN: signed.sign_plain(body, SECRET)}
        return await receive.receive(self.run, self.outside, code=code, headers=headers, body=body[:at])

    async def till(self, *transactions: dict[str, Any]) -> list[Message]:
        """Each as a message of its own, applied together."""
        return await self._told(TILL, [json.dumps(one).encode() for one in transactions])

    async def batch(self, *transactions: dict[str, Any]) -> list[Message]:
        return await self._told(TILL, [json.dumps({"transactions": transactions}).encode()])

    async def warehouse(self, *files: bytes) -> list[Message]:
        return await self._told(WAREHOUSE, list(files))

    async def apply(self) -> None:
        for _ in range(2):  # a reaction may send parked messages through again
            while await take_stock.apply_waiting(self.run, self.outside):
                pass
            await settle(self.run, REACTIONS)

    async def watch(self, **later: float) -> None:
        """Time passes and the worker looks: silences, missing numbers, causes of drift."""
        self.clock.forward(**later)
        await watch_connectors.look(self.run, self.outside)
        await measure_drift.look_again(self.run, self.outside)
        await settle(self.run, REACTIONS)

    async def drifts(self, *, over: bool = False) -> list[Drift]:
        async with self.run.reading() as read:
            return await governance.ask.drifts(read, state=None if over else DriftState.OPEN)

    async def tasks(self) -> list[str]:
        async with self.run.reading() as read:
            rows = await read.all(
                text("SELECT title FROM tasks.tasks WHERE state NOT IN ('done','expired') ORDER BY title")
            )
        return [row.title for row in rows]

    async def _told(self, code: str, bodies: Sequence[bytes]) -> list[Message]:
        stored = [await self.send(code, body) for body in bodies]
        await self.apply()
        async with self.run.reading() as read:
            return [await inbox.message(read, one.message_id) for one in stored]

    def _next(self, stream: str) -> int:
        self.numbers[stream] = self.numbers.get(stream, 100) + 1
        return self.numbers[stream]
