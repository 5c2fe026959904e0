"""The receipt of a decision on its page: the sentence, what would flip it, scores, who was left out, did it come true."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from ambidex.domains import routing
from ambidex.flows.place_order import place_order
from ambidex.flows.replay_routing import replay_day
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Tx
from ambidex.web.gallery.receipt_scene import PLACES, facts
from ambidex.web.orders.receipt import flips, why
from ambidex.web.orders.receipt.known import Known
from ambidex.web.parts.story import NOON
from tests.domains.routing.shop_floor import told
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop
from tests.web.floor import HTMX, on_the_floor

KNOWN = Known({p[0]: p[1] for p in PLACES}, {}, {1: "Kettle", 2: "Shirt", 3: "Mug"}, "GBP", NOON)


async def decided(shop: Shop, *causes: str) -> OrderId:
    """An order, and decisions about it for these causes: the made-up ones of the gallery."""
    await shop.shelf("camden", "MUG-01", 7)
    placed = await shop.run.perform(SYSTEM, place_order, asked(wanted("MUG-01")))
    snapshot, receipt = facts()

    async def store(tx: Tx) -> None:
        for cause in causes:
            new = routing.NewReceipt(placed.order_id, cause, "live", snapshot, receipt, tx.now, 6_000)
            await routing.record(tx, [new])

    await shop.run.perform(SYSTEM, store)
    return placed.order_id


async def test_the_receipt_says_why_in_words(shop: Shop) -> None:
    order = await decided(shop, "placed")
    async with on_the_floor(shop) as floor:
        assert f'href="/orders/{order}/receipt"' in await floor.markup(f"/orders/{order}")
        page = await floor.page(f"/orders/{order}/receipt")
        assert "Camden, because what it has is surer to be found" in page
        assert "among 6 places" in page
        assert "What would flip it" in page
        assert "more orders wait at Camden" in page
        assert "Paused until 15:00" in page
        assert "Breaking the promise would have saved" in page
        assert "It came true" not in page


async def test_deciding_again_gives_the_same(shop: Shop) -> None:
    order = await decided(shop, "placed")
    async with on_the_floor(shop) as floor:
        page = await floor.page(f"/orders/{order}/receipt?again=1")
        assert "it comes out the same, to the bit" in page


async def test_the_proof_says_how_the_night_went(shop: Shop) -> None:
    order = await decided(shop, "placed")
    async with on_the_floor(shop) as floor:
        assert "Decided again at night" not in await floor.page(f"/orders/{order}/receipt")
        await replay_day(shop.run, shop.run.clock().date())
        page = await floor.page(f"/orders/{order}/receipt")
        assert "Decided again at night" in page


async def test_several_decisions_stand_in_order_with_their_cause(shop: Shop) -> None:
    order = await decided(shop, "placed", "refused")
    async with on_the_floor(shop) as floor:
        page = await floor.page(f"/orders/{order}/receipt")
        assert page.index("· The order was placed") < page.index("· The place refused")
        assert "The place refused: decided" in page
        assert "The order was placed: decided" in await floor.page(f"/orders/{order}/receipt?number=1")
        part = await floor.client.get(f"/orders/{order}/receipt?number=1", headers=HTMX)
        assert "<html" not in part.text


async def test_an_order_whose_place_was_chosen_has_none(shop: Shop) -> None:
    order = await decided(shop)
    async with on_the_floor(shop) as floor:
        assert "/receipt" not in await floor.markup(f"/orders/{order}")
        assert "Nobody had to choose a place" in await floor.page(f"/orders/{order}/receipt")
        await floor.page(f"/orders/{UUID(int=1)}/receipt", status=404)


def receipt_of(**other: object) -> routing.model.Receipt:
    return replace(facts()[1], **other)  # type: ignore[arg-type]  # fields of Receipt


@pytest.mark.parametrize(
    ("receipt", "sentence"),
    [
        (receipt_of(), "Camden, because what it has is surer to be found and packing there costs £0.33 less"),
        (receipt_of(runner_up=None), "Camden, because there is no other way"),
        (receipt_of(runner_up=facts()[1].chosen), "Camden, because it costs as little as any other way"),
        (
            receipt_of(chosen=routing.Plan((), {1: 1}), out={"paused": ("soho",)}),
            "Nobody can send it: Soho: paused",
        ),
        (
            receipt_of(chosen=replace(facts()[1].chosen, unfilled={3: 2}), runner_up=None),
            "Camden, because there is no other way; 2 × Mug waits for stock",
        ),
    ],
)
def test_headlines(receipt: routing.model.Receipt, sentence: str) -> None:
    assert why.headline(receipt, KNOWN) == sentence


@pytest.mark.parametrize(
    ("stock", "wanted_so", "note"),
    [
        ("camden mug:1", "mug 2", "then Camden, and 1 piece more can be sent"),
        ("camden mug:1, leeds mug:9", "mug 2", "then Camden, "),
    ],
)
def test_what_more_stock_would_change_is_said(stock: str, wanted_so: str, note: str) -> None:
    snapshot = told(stock, wanted_so)
    known = Known({"camden": "Camden", "leeds": "Leeds"}, {}, {1: "Mug"}, "GBP", NOON)
    turns = flips.turns(routing.decide(snapshot).receipt, snapshot, known)
    said = {turn.title: turn.note for turn in turns}
    assert said["Camden has 1 more of Mug"].startswith(note), said
