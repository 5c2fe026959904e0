"""The load of the kill rig: buyers who repeat a call under its key until it is answered, and staff who work on it.

Whatever was answered with yes is written down with its time; the closing audit compares it with the database.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE_SECONDS = 4.0
PAUSE_SECONDS = 0.05
WORKED_SHARE = 0.25
STEPS = ("accept", "pick", "stage", "ready")


@dataclass
class Answers:
    """What was promised to somebody outside."""

    orders: dict[str, str] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    tries: int = 0
    asked_for: set[str] = field(default_factory=set)
    successes: list[tuple[float, float]] = field(default_factory=list)

    def working_again(self, after: float) -> float | None:
        """Seconds from then until the first answered call that began later; None when there was none yet."""
        done = [end for begin, end in self.successes if begin >= after]
        return min(done) - after if done else None


class Load:
    """`buyers` callers at once, each alternating between the servers as a load balancer would."""

    def __init__(self, ports: list[int], *, buyer: str, staff: str, seed: int) -> None:
        self.answers = Answers()
        self._ports = ports
        self._buyer = {"Authorization": f"Bearer {buyer}"}
        self._staff = {"Authorization": f"Bearer {staff}"}
        self._chance = random.Random(seed)
        self._numbers = 0
        self._turn = 0
        self._seed = seed
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, buyers: int) -> None:
        self._client = httpx.AsyncClient(
            timeout=PATIENCE_SECONDS, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self._tasks = [asyncio.create_task(self._buy_and_work()) for _ in range(buyers)]

    async def end(self) -> None:
        """Finish what was begun: a call without an answer is repeated until it has one."""
        self._stopping = True
        await asyncio.gather(*self._tasks)
        await self._client.aclose()

    async def _buy_and_work(self) -> None:
        while not self._stopping:
            self._numbers += 1
            reference = f"K-{self._seed}-{self._numbers}"
            self.answers.asked_for.add(reference)
            order = await self._insist("orders", self._order(reference), key=reference, headers=self._buyer)
            if order is None:
                self.answers.refused.append(reference)
                continue
            self.answers.orders[reference] = order["id"]
            if self._chance.random() < WORKED_SHARE:
                await self._work(order)

    async def _work(self, order: dict[str, Any]) -> None:
        for work in order["fulfillment_orders"]:
            for step in STEPS:
                path = f"fulfillment-orders/{work['id']}/{step}"
                done = await self._insist(
                    path, _body(step, order), key=f"{work['id']}-{step}", headers=self._staff
                )
                if done is None:
                    self.answers.refused.append(path)
                    return
                self.answers.steps[work["id"]] = step

    async def _insist(
        self, path: str, body: dict[str, Any], *, key: str, headers: dict[str, str]
    ) -> dict[str, Any] | None:
        """Repeat until answered for good: the result, or None for a refusal."""
        while True:
            began = time.monotonic()
            answer = await self._once(path, body, {**headers, "Idempotency-Key": key})
            if answer is None or answer.status_code >= 500 or _is_worth_repeating(answer):
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if answer.status_code >= 400:
                return None
            self.answers.successes.append((began, time.monotonic()))
            result: dict[str, Any] = answer.json()
            return result

    async def _once(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response | None:
        self._turn += 1
        self.answers.tries += 1
        port = self._ports[self._turn % len(self._ports)]
        try:
            return await self._client.post(
                f"http://127.0.0.1:{port}/api/v1/{path}", json=body, headers=headers
            )
        except httpx.HTTPError:
            return None

    def _order(self, reference: str) -> dict[str, Any]:
        place = self._chance.choice(("camden", "leith"))
        sku = self._chance.choice(("MUG-01", "TEE-RED-M", "VASE-07"))
        quantity = self._chance.choice((1, 1, 2))
        return {
            "source": "web:main",
            "reference": reference,
            "channel": "web",
            "currency": "GBP",
            "customer": {"name": "Ama Owusu", "email": f"{reference.lower()}@example.com", "phone": "+12065550100"},
            "lines": [
                {"item": sku, "quantity": quantity, "unit_price": "19.90", "method": "pickup", "location": place}
            ],
            "payment": {"status": "authorized", "amount": f"{19.90 * quantity:.2f}"},
        }  # fmt: skip


def _body(step: str, order: dict[str, Any]) -> dict[str, Any]:
    if step == "pick":
        scans = [f"B-{line['item']}" for line in order["lines"] for _ in range(line["quantity"])]
        return {"evidence": [{"kind": "scan", "barcode": code, "quantity": 1} for code in scans]}
    return {"place": "SHELF-B3"} if step == "stage" else {}


def _is_worth_repeating(answer: httpx.Response) -> bool:
    return answer.status_code >= 400 and bool(answer.json().get("retryable"))
