"""The local mailbox holds everybody's letters with their codes and links: who may open it, and who may not."""

from __future__ import annotations

import pytest

from ambidex.domains.identity import Role
from tests.shop import Shop
from tests.web.floor import on_the_floor


@pytest.mark.parametrize("role", [Role.ASSOCIATE, Role.LEAD, Role.AGENT, Role.DISTRICT, Role.READER])
async def test_letters_of_customers_are_not_for_everybody(shop: Shop, role: Role) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=role, place=None) as window:
        await window.page("/mailbox", status=403)
        await window.page("/mailbox/any-letter", status=403)
        assert "/mailbox" not in await window.markup("/more")


@pytest.mark.parametrize("role", [Role.EXPERIENCE, Role.ADMIN])
async def test_head_office_reads_them(shop: Shop, role: Role) -> None:
    async with on_the_floor(shop, role=role, place=None) as window:
        await window.page("/mailbox")
        assert "/mailbox" in await window.markup("/more")
