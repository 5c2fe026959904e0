"""Who sees a customer's contact and the link that acts for the customer: those whose work is with this order."""

from __future__ import annotations

import pytest

from tests.api.test_orders import API, SMALLEST
from tests.apps import Callers, callers_of
from tests.shop import Shop

SEES = {"email": "ama@example.com", "phone": "+12065550100"}
MASKED = {"email": "a***@example.com", "phone": "***00"}


@pytest.fixture
async def callers(shop: Shop) -> Callers:
    await shop.shelf("camden", "MUG-01", 5)
    return callers_of(shop.run)


async def placed(callers: Callers) -> str:
    async with callers.as_role("admin") as web:
        return str((await web.post(f"{API}/orders", json=SMALLEST)).json()["id"])


@pytest.mark.parametrize(
    ("role", "place", "contact", "linked"),
    [
        ("associate", "camden", SEES, True),
        ("agent", "", SEES, True),
        ("associate", "soho", MASKED, False),
        ("lead", "soho", MASKED, False),
        ("picker", "camden", MASKED, False),
        ("reader", "", MASKED, False),
        ("integration", "", MASKED, True),
    ],
)
async def test_contact_and_link_go_to_those_who_serve_this_customer(
    shop: Shop, callers: Callers, *, role: str, place: str, contact: dict[str, str], linked: bool
) -> None:
    order = await placed(callers)
    places = [(await shop.place(place)).location_id] if place else []
    async with callers.as_role(role, *places) as client:
        seen = (await client.get(f"{API}/orders/{order}")).json()
    assert {name: seen["customer"][name] for name in SEES} == contact
    assert bool(seen["customer_url"]) is linked
