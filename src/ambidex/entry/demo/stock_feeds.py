"""The demo's tills and warehouse: walk-in sales and files, signed and sent to our public address like any system's.

On its first minute one file of the warehouse gets lost and one is sent twice, on purpose; the full file after them shows
it: small differences repair themselves, the large one is proposed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from ambidex.domains import catalogue, channels, inventory, locations
from ambidex.domains.channels import NewSource
from ambidex.entry.installation import OPERATOR
from ambidex.integrations import signed
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Run, utc_now

TILL, WAREHOUSE, PLACE = "till:stores", "warehouse:dc-north", "dc-north"
SALE_SECONDS, FILE_SECONDS, FIRST_FILE_SECONDS = 6.0, 40.0, 3.0
REGISTERS = ("1", "2")
# the file of this turn is lost, that of this one sent twice; the full file comes after them
LOST, DOUBLED, FULL = 2, 3, 4
KNOWN, LOST_UNITS, DOUBLED_UNITS = 12, (30, 3), 5


@dataclass
class StockFeeds:
    """What speaks of stock beside Ambidex. `numbers` goes on where an earlier day ended, so no number is left out."""

    client: httpx.AsyncClient
    secret: str
    chance: random.Random
    folder: Path
    stores: list[str]
    shelf: dict[str, int]
    numbers: dict[str, int] = field(default_factory=dict)
    turn: int = 0

    async def play(self) -> None:
        """Until canceled."""
        with contextlib.suppress(OSError, ValueError):
            self.numbers = json.loads(self._file.read_text(encoding="utf-8"))
        await asyncio.gather(self._tills(), self._warehouse())

    async def _tills(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) * SALE_SECONDS)
            with contextlib.suppress(httpx.HTTPError):
                await self._somebody_walks_in()

    async def _somebody_walks_in(self) -> None:
        store, register, now = self.chance.choice(self.stores), self.chance.choice(REGISTERS), utc_now()
        number = self._next(f"{store}/{register}")
        sale = {
            "place": store,
            "register": register,
            "sequence": number,
            "transaction": f"{now:%y%m%d}-{register}-{number}",
            "kind": "sale",
            "happened_at": now.isoformat(),
            "lines": [{"line": 1, "item": self.chance.choice(sorted(self.shelf)), "quantity": 1}],
        }
        await self._send(TILL, json.dumps(sale).encode(), key=f"{store}-{register}-{number}")

    async def _warehouse(self) -> None:
        while len(self.shelf) == KNOWN:
            await asyncio.sleep(FIRST_FILE_SECONDS if self.turn < FULL else FILE_SECONDS)
            self.turn += 1
            with contextlib.suppress(httpx.HTTPError):
                await self._next_file()

    async def _next_file(self) -> None:
        if self.turn == FULL:
            await self._post_file("full", dict(self.shelf))
            return
        rows = {item: -min(units, self.shelf[item]) for item, units in self._shipped() if self.shelf[item]}
        for item, change in rows.items():
            self.shelf[item] += change
        if self.turn == LOST:
            self._next(PLACE)
        elif rows:
            await self._post_file("delta", rows)
        if self.turn == DOUBLED and rows:
            await self._post_file("delta", rows)

    def _shipped(self) -> list[tuple[str, int]]:
        """What leaves the warehouse this time: a few units, more where something is to be seen."""
        first, second, third, *others = sorted(self.shelf, key=lambda item: (-self.shelf[item], item))
        if self.turn == LOST:
            return list(zip((first, second), LOST_UNITS, strict=True))
        if self.turn == DOUBLED:
            return [(third, DOUBLED_UNITS)]
        return [(item, self.chance.randint(1, 2)) for item in self.chance.sample(others, 3)]

    async def _post_file(self, report: str, rows: Mapping[str, int]) -> None:
        number = self._next(PLACE)
        units = "units" if report == "full" else "change"
        said: list[dict[str, Any]] = [
            {
                "report": report,
                "number": number,
                "as_of": utc_now().isoformat(),
                "place": PLACE,
                "rows": len(rows),
            }
        ]
        said += [{"item": item, units: count} | _why(report) for item, count in rows.items()]
        body = "\n".join(json.dumps(one) for one in said).encode()
        await self._send(WAREHOUSE, body, key=f"{PLACE}-{number}")

    async def _send(self, code: str, body: bytes, *, key: str) -> None:
        headers = signed.sign(body, self.secret, message_id=key, at=utc_now())
        await self.client.post(f"/api/v1/inbound/{code}", content=body, headers=headers)

    def _next(self, stream: str) -> int:
        self.numbers[stream] = self.numbers.get(stream, 0) + 1
        with contextlib.suppress(OSError):
            self._file.write_text(json.dumps(self.numbers), encoding="utf-8")
        return self.numbers[stream]

    @property
    def _file(self) -> Path:
        return self.folder / "demo-numbers.json"


def _why(report: str) -> dict[str, str]:
    return {"reason": "shipped"} if report == "delta" else {}


async def register(run: Run, *, secret: str) -> tuple[list[str], dict[str, int]]:
    """Make both sources known; the stores, and what lies in the warehouse of its best-stocked wares."""
    await run.perform(OPERATOR, _register, secret=secret)
    async with run.reading() as read:
        return await _known(read, at=read.now)


async def _register(tx: Tx, *, secret: str) -> None:
    await channels.register(tx, NewSource(code=TILL, kind="till", channel="pos", secret=secret))
    await channels.register(tx, NewSource(code=WAREHOUSE, kind="warehouse", channel="web", secret=secret))


async def _known(read: Read, *, at: datetime) -> tuple[list[str], dict[str, int]]:
    stores = await locations.page(read, limit=200, kind="store")
    warehouse = (await locations.by_codes(read, [PLACE])).get(PLACE)
    items = (await catalogue.page(read, limit=200)).items
    if warehouse is None:
        return [place.code for place in stores.items], {}
    spots = {(ItemId(item.item_id), warehouse.location_id): at for item in items}
    units = await inventory.book_as_of(read, spots)
    lying = {item.sku: units.get((item.item_id, warehouse.location_id), 0) for item in items}
    most = sorted(lying, key=lambda sku: (-lying[sku], sku))[:KNOWN]
    return [place.code for place in stores.items], {sku: lying[sku] for sku in most}
