"""The canary: a version with a planted regression decides a share of the orders and is rolled back by itself.

The planted version sends plates from far away, so that baskets go in two parcels. Controls: a version that does no harm
must stay to the end, and without anybody looking the harm must go on (or the rig could not see it).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ambidex.domains import routing
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.domains.routing.commands import Seen
from ambidex.domains.routing.rules.versions import Canary, Metric, VersionState
from ambidex.entry.audit import audit
from ambidex.flows import canary
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.flows.test_place_order import asked, place, wanted
from tests.servers import running_server
from tests.shop import Shop

change, ask = routing.change, routing.ask
NEAR, FAR = "dc-london", "dc-leeds"
SPLITS: list[dict[str, Any]] = [
    {"name": "plates from Leeds", "when": {"item.sku": "PLATE-01"}, "only": {"place.code": FAR}},
    {"name": "mugs from London", "when": {"item.sku": "MUG-01"}, "avoid": {"place.code": FAR}, "by": "90.00"},
]
LOOK_EVERY = 10
CAMDEN = {
    "line1": "7 Arlington Road",
    "postcode": "NW1 7ES",
    "country": "GB",
    "latitude": 51.536,
    "longitude": -0.141,
}


@dataclass
class Story:
    """One canary: how it ended, after how many orders, how many it decided and how many of them went in two."""

    orders: int
    rolled_back_after: int | None
    decided: int
    split: int
    decided_after: int
    owned: bool


@dataclass
class Verdict:
    planted: Story
    harmless: Story
    unwatched: Story
    violations: list[str]

    @property
    def ok(self) -> bool:
        """Harm ends and is owned, no harm stays, and the rig sees harm that nobody ends."""
        planted, harmless, unwatched = self.planted, self.harmless, self.unwatched
        ended = planted.rolled_back_after is not None and planted.owned and not planted.decided_after
        stayed = harmless.rolled_back_after is None and harmless.decided > 0
        goes_on = unwatched.rolled_back_after is None and unwatched.split > planted.split
        return ended and stayed and goes_on and not self.violations


async def rig(run: Run, *, orders: int, share: int = 200) -> Verdict:
    """Three canaries, one after the other, over so many orders each."""
    shop = await _house(Shop(run), orders=3 * orders)
    planted = await _story(shop, SPLITS, orders=orders, share=share, looks=True)
    harmless = await _story(shop, [], orders=orders, share=share, looks=True)
    unwatched = await _story(shop, SPLITS, orders=orders, share=share, looks=False)
    report = await audit(run)
    return Verdict(planted, harmless, unwatched, [one.rule for one in report.violations])


async def _house(shop: Shop, *, orders: int) -> Shop:
    for code, north, east in ((NEAR, 51.5, -0.1), (FAR, 53.8, -1.5)):
        await shop.place(
            code,
            kind=LocationKind.WAREHOUSE,
            capabilities=frozenset({"ship"}),
            latitude=north,
            longitude=east,
        )
        for sku in ("MUG-01", "PLATE-01"):
            await shop.shelf(code, sku, orders + 100)
    return shop


async def _story(shop: Shop, rules: list[dict[str, Any]], *, orders: int, share: int, looks: bool) -> Story:
    number = await _begin(shop.run, rules, share=share)
    rolled_back_after = None
    for n in range(orders):
        lines = [wanted(sku, 1, place=None, method=Method.SHIP) for sku in ("MUG-01", "PLATE-01")]
        await place(shop.run, asked(*lines, reference=f"C-{number}-{n}", address=CAMDEN))
        if looks and rolled_back_after is None and n % LOOK_EVERY == LOOK_EVERY - 1:
            await canary.look(shop.run)
            if await _state(shop.run, number) is VersionState.ARCHIVED:
                rolled_back_after = n + 1
    return await _told(shop.run, number, orders=orders, after=rolled_back_after)


async def _begin(run: Run, rules: list[dict[str, Any]], *, share: int) -> int:
    document = {**routing.document.DEFAULT_DOCUMENT, "name": "Plates from Leeds", "rules": rules}
    draft = await run.perform(SYSTEM, change.begin_draft, "", document, why="the rig")
    seen = Seen("", draft.number)
    situation = {"lines": [{"sku": "PLATE-01"}], "places": [{"code": FAR, "has": {"PLATE-01": 1}}]}
    await run.perform(
        SYSTEM, change.put_example, seen, "a plate", situation=situation, expected={"places": [FAR]}, why="it"
    )
    terms = Canary(share, Metric.SPLIT, 50, orders_min=10)
    await run.perform(SYSTEM, change.go_canary, seen, terms, why="the rig")
    return draft.number


async def _state(run: Run, number: int) -> VersionState:
    async with run.reading() as read:
        return (await ask.version(read, "", number)).state


async def _told(run: Run, number: int, *, orders: int, after: int | None) -> Story:
    """What the books say; the next story has the brand's canary to itself."""
    async with run.reading() as read:
        row = await read.one(
            text("""
SELECT count(*) AS decided, count(*) FILTER (WHERE parts > 1) AS split FROM routing.receipts WHERE version = :number"""),
            {"number": number},
        )
        late = await read.value(
            text("""
SELECT count(*) FROM routing.receipts r JOIN orders.orders o USING (order_id)
 WHERE r.version = :number AND CAST(split_part(o.reference, '-', 3) AS integer) >= :after"""),
            {"number": number, "after": orders if after is None else after},
        )
        owned = await read.value(
            text("SELECT count(*) FROM tasks.tasks WHERE key LIKE :key"), {"key": f"canary::{number}:%"}
        )
    if after is None:
        await run.perform(SYSTEM, change.archive, Seen("", number), why="the rig is over")
    return Story(orders, after, row.decided, row.split, int(late), bool(owned))


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the long form."""
    parser.add_argument("--orders", type=int, default=600)
    parser.add_argument("--share", type=int, default=100, help="of a thousand orders")
    parser.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """The long form, on a database of its own."""
    given = os.environ.get("AMBIDEX_TEST_DATABASE_URL")
    with tempfile.TemporaryDirectory() as folder, running_server(given, Path(folder)) as server:
        verdict = asyncio.run(_alone(server.copy("canary"), asked))
    shown = {"name": "canary", "ok": verdict.ok, **asdict(verdict)}
    for name, value in shown.items():
        print(f"{name:12} {value}")
    if asked.json:
        print(json.dumps(shown))
    return 0 if verdict.ok else 1


async def _alone(url: str, asked: argparse.Namespace) -> Verdict:
    database = Database(url, pool_size=4)
    try:
        return await rig(Run(database, Clock()), orders=asked.orders, share=asked.share)
    finally:
        await database.close()
