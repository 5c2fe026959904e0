"""An order is called the same wherever the API names it, so that a program may join what it reads by the text."""

from __future__ import annotations

from ambidex.domains import tasks
from ambidex.domains.tasks import TaskKind
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.publisher import publish_all
from tests.api.test_packages import API, ONE, PACKAGES, client_of, parcel
from tests.conftest import NOON
from tests.flows.parcels import Sender

__all__ = ["parcel"]


async def test_an_order_is_called_the_same_everywhere(parcel: Sender) -> None:
    async with client_of(parcel) as client:
        await client.post(f"{API}/{parcel.work_id()}/pack", json=ONE)
    await parcel.run.perform(
        SYSTEM,
        tasks.open_task,
        kind=TaskKind.COUNT,
        title="Count the mugs",
        key="count",
        role="associate",
        location_id=parcel.shop.places["camden"].location_id,
        due_at=NOON,
        order_id=parcel.order_id,
    )
    await publish_all(parcel.run.database)
    async with client_of(parcel, "admin") as client:
        order = (await client.get(f"/api/v1/orders/{parcel.order_id}")).json()["id"]
        lists = [
            (await client.get(path)).json()["items"]
            for path in (API, PACKAGES, "/api/v1/tasks", "/api/v1/events")
        ]
    named = [[one["order"] for one in found if one["order"]] for found in lists]
    assert all(named), named
    assert {name for names in named for name in names} == {order}
