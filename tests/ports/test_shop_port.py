"""The contract of ShopPort, on the working double and on Shopify's own recorded answers (2026-07)."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ambidex.flows.shop_port import PlatformDown, PlatformRefused, ShopOrder, Telling, Tracking, Way
from ambidex.integrations.fake.shapes import Visitor, Ware
from ambidex.integrations.fake.shop import FakeShop
from ambidex.integrations.fake.shop_http import ROOT, FakeShopApi, Reply
from ambidex.integrations.shopify.http import ShopHttp
from ambidex.integrations.shopify.messages import Shopify
from ambidex.integrations.shopify.shop import READY_TAG, ShopifyShop
from ambidex.kernel.money import Money
from ambidex.kernel.values import replace
from tests.conftest import Clock
from tests.payloads import real_json

TOKEN = "shpat_made_up"
PLACE = 77001122334455


def connected(app: Any) -> ShopifyShop:
    client = httpx.AsyncClient(base_url="http://shop.test", transport=httpx.ASGITransport(app))
    return ShopifyShop(ShopHttp(client, token=TOKEN))


@pytest.fixture
def fake(clock: Clock) -> FakeShop:
    return FakeShop(clock=clock, chance=random.Random(7), secret="shh-made-up", token=TOKEN)


@pytest.fixture
def api(fake: FakeShop) -> FakeShopApi:
    return FakeShopApi(fake)


@pytest.fixture
def port(api: FakeShopApi) -> ShopifyShop:
    return connected(api)


def sold(fake: FakeShop, name: str = "Zoë Achterberg", email: str = "zoe@example.com") -> dict[str, Any]:
    wares = [Ware("MUG-01", "Stoneware mug", 2, Money.parse("19.90", "USD"))]
    return fake.sell(Visitor(name, email), wares, place=PLACE)


def telling(one: dict[str, Any], speaker: str = "us", units: int = 2) -> Telling:
    line = str(one["line_items"][0]["id"])
    return Telling("k1", str(one["id"]), frozenset({str(PLACE)}), {line: units}, speaker)


Recorded = Callable[[str], Any]


def recording(answers: dict[str, Any]) -> Any:
    async def app(scope: Any, receive: Any, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        found = answers.get(scope["path"].removeprefix(ROOT))
        status = 404 if found is None else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send(
            {"type": "http.response.body", "body": json.dumps(found or {"errors": "Not Found"}).encode()}
        )

    return app


@pytest.fixture
def recorded() -> ShopifyShop:
    orders = real_json("shopify", "adminapi-2026-07-order-1.json")
    work = real_json("shopify", "adminapi-2026-07-fulfillment-order-4.json")["fulfillment_order"]
    return connected(
        recording({
            "orders/450789469.json": {"order": orders["orders"][0]},
            "orders.json": orders,
            "orders/450789469/fulfillment_orders.json": {"fulfillment_orders": [work]},
        })
    )  # fmt: skip


@pytest.fixture(params=["double", "recorded"])
def any_shop(request: pytest.FixtureRequest) -> tuple[ShopifyShop, str, str]:
    """A connection, an order it holds, and that order's number."""
    if request.param == "recorded":
        return request.getfixturevalue("recorded"), "450789469", "#1001"
    one = sold(request.getfixturevalue("fake"))
    return request.getfixturevalue("port"), str(one["id"]), one["name"]


async def test_an_order_is_held_raw_and_reads_like_a_message(any_shop: tuple[ShopifyShop, str, str]) -> None:
    shop, reference, number = any_shop
    held = await shop.order(reference)
    assert held is not None
    [order] = Shopify().read("orders/updated", held.body)
    assert isinstance(order, ShopOrder)
    assert (order.reference, order.number, order.version) == (reference, number, held.version)
    assert order.lines
    assert order.total.minor > 0


async def test_an_unknown_order_is_none(any_shop: tuple[ShopifyShop, str, str]) -> None:
    assert await any_shop[0].order("1") is None
    assert await any_shop[0].fulfillment_orders("1") == []


async def test_fulfillment_orders_name_units_and_place(any_shop: tuple[ShopifyShop, str, str]) -> None:
    shop, reference, _ = any_shop
    [work] = await shop.fulfillment_orders(reference)
    assert work.order == reference
    assert work.place.isdigit()
    assert sum(work.units.values()) >= 1


async def test_an_order_is_found_by_its_number(any_shop: tuple[ShopifyShop, str, str]) -> None:
    shop, reference, number = any_shop
    for words in (number, number.lstrip("#")):
        assert [held.reference for held in await shop.find_orders(words)] == [reference]


async def test_changed_orders_come_with_a_cursor(any_shop: tuple[ShopifyShop, str, str]) -> None:
    shop, reference, _ = any_shop
    answer = await shop.orders_updated_since("")
    assert [held.reference for held in answer.orders] == [reference]
    assert answer.cursor
    assert not answer.more


async def test_what_the_recorded_answer_does_not_say_is_unsaid(recorded: ShopifyShop) -> None:
    [work] = await recorded.fulfillment_orders("450789469")
    assert work.way is Way.UNSAID


async def test_a_pickup_says_so(fake: FakeShop, port: ShopifyShop) -> None:
    [work] = await port.fulfillment_orders(str(sold(fake)["id"]))
    assert (work.way, work.place, work.is_live) == (Way.PICKUP, str(PLACE), True)


async def test_no_change_is_skipped_over_pages(fake: FakeShop, port: ShopifyShop, clock: Clock) -> None:
    for _ in range(230):
        sold(fake)
        clock.forward(seconds=1)
    seen, cursor = await everything_since(port, "")
    assert len(seen) == 230
    late = sold(fake)
    assert str(late["id"]) in (await everything_since(port, cursor))[0]


async def everything_since(port: ShopifyShop, cursor: str) -> tuple[set[str], str]:
    seen: set[str] = set()
    more = True
    while more:
        answer = await port.orders_updated_since(cursor)
        seen |= {held.reference for held in answer.orders}
        cursor, more = answer.cursor, answer.more
    return seen, cursor


async def test_found_by_mail_and_by_name(fake: FakeShop, port: ShopifyShop) -> None:
    one = sold(fake, "Nikoloz Beridze", "niko@example.ge")
    sold(fake, "佐藤 さくら", "sakura@example.jp")
    for words in ("niko@example.ge", "Nikoloz Beridze"):
        assert [held.reference for held in await port.find_orders(words)] == [str(one["id"])]
    assert await port.find_orders("nobody@example.com") == []


async def test_when_we_speak_ready_tells_the_platform_and_nobody_else(
    fake: FakeShop, port: ShopifyShop
) -> None:
    one = sold(fake)
    for _ in range(2):
        await port.tell_ready(telling(one))
    assert fake.orders[one["id"]]["tags"] == READY_TAG
    assert fake.prepared == set()


async def test_when_the_platform_speaks_ready_is_its_own_notification(
    fake: FakeShop, port: ShopifyShop
) -> None:
    one = sold(fake)
    await port.tell_ready(telling(one, "platform"))
    assert fake.prepared == {fake.works[one["id"]][0]["id"]}


async def test_collected_is_one_fulfillment_however_often_it_is_told(
    fake: FakeShop, port: ShopifyShop
) -> None:
    one = sold(fake)
    first = await port.tell_collected(telling(one))
    second = await port.tell_collected(telling(one))
    assert (first.split()[0], second) == ("fulfillment", "was fulfilled there before")
    assert len(fake.orders[one["id"]]["fulfillments"]) == 1


async def test_collected_in_part_leaves_the_rest_open(fake: FakeShop, port: ShopifyShop) -> None:
    one = sold(fake)
    await port.tell_collected(telling(one, units=1))
    assert fake.orders[one["id"]]["fulfillment_status"] == "partial"
    await port.tell_collected(telling(one, units=1))
    assert fake.orders[one["id"]]["fulfillment_status"] == "fulfilled"


async def test_a_parcel_with_what_is_sent_again_and_more_changes_the_old_number_too(
    fake: FakeShop, api: FakeShopApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is new in it is a fulfillment under that number already. Shopify tells nobody: the customer hears of it from us."""
    one = sold(fake)
    for work in fake.works[one["id"]]:
        work["delivery_method"]["method_type"] = "shipping"
    asked: list[dict[str, Any]] = []
    post = api._post

    def heard(path: list[str], said: dict[str, Any]) -> Reply:
        asked.append(said)
        return post(path, said)

    monkeypatch.setattr(api, "_post", heard)
    lost, new = (Tracking("DHL", number, "", ()) for number in ("LOST-1", "NEW-2"))
    again = replace(new, instead_of=("LOST-1",))
    port = connected(api)
    for tracking in (lost, new, again, again):
        await port.tell_shipped(replace(telling(one, "platform", units=1), tracking=tracking))
    assert [done["tracking_number"] for done in fake.orders[one["id"]]["fulfillments"]] == ["NEW-2", "NEW-2"]
    assert [said["fulfillment"]["notify_customer"] for said in asked] == [True, True, False]


async def test_another_place_is_refused_and_not_guessed(fake: FakeShop, port: ShopifyShop) -> None:
    one = sold(fake)
    elsewhere = Telling("k", str(one["id"]), frozenset({"5"}), {}, "us")
    with pytest.raises(PlatformRefused):
        await port.tell_collected(elsewhere)


async def test_down_is_down_and_a_wrong_token_is_refused(fake: FakeShop, api: FakeShopApi) -> None:
    fake.moods.down = True
    with pytest.raises(PlatformDown):
        await connected(api).order("1")
    fake.moods.down, fake.token = False, "another"
    with pytest.raises(PlatformRefused):
        await connected(api).order("1")


async def test_nobody_there_is_down() -> None:
    client = httpx.AsyncClient(base_url="http://127.0.0.1:9")
    with pytest.raises(PlatformDown):
        await ShopifyShop(ShopHttp(client, token=TOKEN)).order("1")
    await client.aclose()


async def test_a_busy_shop_is_asked_again_when_it_says_so() -> None:
    answers = iter([429, 429, 404])

    async def busy(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return httpx.Response(next(answers), headers={"retry-after": "0.1"}, json={})

    client = httpx.AsyncClient(base_url="http://shop.test", transport=httpx.MockTransport(busy))
    assert await ShopifyShop(ShopHttp(client, token=TOKEN)).order("1") is None


def test_the_double_withholds_one_webhook_in_twenty(fake: FakeShop) -> None:
    fake.clock = lambda: datetime(2026, 3, 3, 12, tzinfo=UTC) + timedelta()
    for _ in range(400):
        sold(fake)
    ids = {hook.headers["x-shopify-webhook-id"] for hook in fake.deliveries()}
    assert len(ids) + len(fake.withheld) == 400
    assert 10 <= len(fake.withheld) <= 32
