"""Prices of scarce stock over HTTP: what counts and why, stopping them, having them made."""

from __future__ import annotations

from ambidex.domains import routing
from ambidex.domains.routing.rules.price_list import PriceList, PricesState
from ambidex.domains.routing.rules.trials_of_prices import Played, Proof
from ambidex.kernel.actor import SYSTEM
from tests.apps import callers_of
from tests.shop import Shop

PRICES = "/api/v1/routing/prices"
PAYS = Proof(((Played(20, 10_000_000, 21, 5, 0), Played(20, 9_800_000, 20, 6, 0)),))


async def test_what_counts_its_proof_and_stopping_them(shop: Shop) -> None:
    calling = callers_of(shop.run)
    async with calling.as_role("experience") as asks:
        nothing = await asks.get(PRICES)
        assert (nothing.status_code, nothing.json()["code"]) == (404, "no-prices-yet")
        made = PriceList(PricesState.ON, proof=PAYS, priced={"MUG": {"camden": (9, 1), "leeds": (3, 2)}})
        await shop.run.perform(SYSTEM, routing.change.keep_prices, made)
        told = (await asks.get(PRICES)).json()
        assert (told["state"], told["counts"], told["positions"], told["saved"]) == ("on", True, 2, 0.02)
        assert told["with_prices"] == {
            "orders": 20, "cost": 9_800_000, "parcels": 20, "meters": 6, "unfilled": 0,
        }  # fmt: skip
        stopped = await asks.post(f"{PRICES}/stop")
        assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
        assert (await asks.get(PRICES)).json()["counts"] is False
        asked = await asks.post(f"{PRICES}/make")
        assert (asked.status_code, asked.json()["why"]) == (202, "being made")
