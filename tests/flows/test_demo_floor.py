"""The colleagues of a demo's store: where you stand, one pickup to accept is always left for you."""

from __future__ import annotations

import random
from typing import Any

import httpx

from ambidex.entry.demo.floor import LEFT_FOR_YOU, Floor


class Eager(random.Random):
    """Who would do everything themselves."""

    def random(self) -> float:
        return 0.99


def offered(number: int, *, state: str = "offered", method: str = "pickup") -> dict[str, Any]:
    return {"id": f"work-{number}", "state": state, "method": method}


async def looked(store: str, *lists: list[dict[str, Any]]) -> list[str]:
    """Which works nobody there will do, after looking at each list in turn."""
    seen = iter(lists)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"items": next(seen)}))
    async with httpx.AsyncClient(transport=transport, base_url="http://demo.test") as client:
        floor = Floor(client, store, "token", Eager(3), {}, lambda _: None)
        for _ in lists:
            await floor.one_step()
        return [name for name, piece in floor.pieces.items() if not piece.mine]


async def test_the_first_pickup_that_can_be_accepted_is_left_for_you() -> None:
    works = [offered(1, method="ship"), offered(2, state="picking"), offered(3), offered(4)]
    assert await looked(LEFT_FOR_YOU, works) == ["work-3"]


async def test_when_you_have_accepted_it_the_next_new_one_is_left() -> None:
    accepted = offered(1, state="accepted")
    assert await looked(LEFT_FOR_YOU, [offered(1)], [accepted, offered(2), offered(3)]) == [
        "work-1",
        "work-2",
    ]


async def test_elsewhere_nothing_is_left() -> None:
    assert await looked("store-02", [offered(1)]) == []
