"""The controls of the oversell rig: a shop that reads the stock, decides, and writes it back, as many shops do.

Its stock is one row, its two statements are transactions of their own, and nothing guards what is written.
"""

from __future__ import annotations

import asyncio
import os

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

DATABASE = os.environ.get("NAIVE_DATABASE_URL", "")
STOCK = "naive stock"
PUT = """
INSERT INTO runtime.settings (name, value, changed_at, changed_by) VALUES ($1, $2, now(), 'naive')
ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
pools: list[asyncpg.Pool] = []


async def ready(_: Request) -> JSONResponse:
    """Fills the shelf on the first call."""
    if not pools:
        pools.append(await asyncpg.create_pool(DATABASE, min_size=8, max_size=8))
        await pools[0].execute(PUT, STOCK, os.environ["NAIVE_UNITS"])
    return JSONResponse({})


async def buy(_: Request) -> JSONResponse:
    """Look, then write: between the look and the write others look too."""
    left = int(await pools[0].fetchval("SELECT value FROM runtime.settings WHERE name = $1", STOCK))
    if left < 1:
        return JSONResponse({"code": "sold-out"}, 409)
    await pools[0].execute(PUT, STOCK, str(left - 1))
    return JSONResponse({}, 201)


async def pair(request: Request) -> JSONResponse:
    """Two rows in the order of the basket, both in one transaction: whoever holds one waits for the other."""
    rows = [f"{STOCK} {n}" for n in (0, 1)]
    if request.query_params["first"] == "1":
        rows.reverse()
    try:
        async with pools[0].acquire() as connection, connection.transaction():
            for row in rows:
                await connection.execute(PUT, row, "0")
                await asyncio.sleep(0.02)
    except asyncpg.DeadlockDetectedError:
        return JSONResponse({"code": "deadlock"}, 500)
    return JSONResponse({}, 201)


routes = [
    Route("/readyz", ready),
    Route("/buy", buy, methods=["POST"]),
    Route("/pair", pair, methods=["POST"]),
]
app = Starlette(routes=routes)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["AMBIDEX_PORT"]), log_level="warning")
