"""The whole story in four windows at once: associate, lead, agent and customer, with a real letter over SMTP between.

What one does, the others see without reloading; the customer's window has no account and no script of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ambidex.flows.tell_customer import Telling
from ambidex.integrations.mail.mailbox import Mailbox
from ambidex.integrations.mail.smtp import SmtpCarrier
from tests.apps import SECRET_KEY
from tests.flows.counter import counter
from tests.free_ports import free_port
from tests.web.browsing import overflow, scan, violations
from tests.web.test_story_in_windows import House, address, house

__all__ = ["address", "house"]
CUSTOMER_PATIENCE = 50


class Post:
    """The worker's letters, over SMTP on loopback, into a folder."""

    def __init__(self, house: House, folder: Path, port: int) -> None:
        carrier = SmtpCarrier("127.0.0.1", port, sender="orders@shop.example", sender_name="Marrow & Finch")
        key = bytes.fromhex(SECRET_KEY)
        self.telling = Telling(house.shop.run, carrier, house.address, brand="Marrow & Finch", key=key)
        self.folder = folder

    async def delivered(self, kind: str) -> str:
        """Send what is due; the plain words of the newest letter of this kind."""
        for _ in range(CUSTOMER_PATIENCE):
            if not await self.telling.send_due():
                break
        [file] = self.folder.glob(f"*.{kind}.eml")
        mail = message_from_bytes(file.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@pytest.fixture
def post(house: House, tmp_path: Path) -> Iterator[Post]:
    mailbox = Mailbox(tmp_path, port=free_port())
    mailbox.start()
    yield Post(house, tmp_path, mailbox.port)
    mailbox.stop()


async def test_four_windows_agree_from_new_to_collected(house: House, post: Post) -> None:
    at = await counter(house.shop, mug_01=1)
    link = _link(await post.delivered("confirmed"))
    await house.published()
    customers = await house.browser.new_context(
        viewport={"width": 360, "height": 800}, java_script_enabled=False
    )
    async with (
        house.window("ines") as ines,
        house.window("tomasz", width=1440, scheme="dark") as tomasz,
        house.window("viktoria", width=1440) as viktoria,
    ):
        customer = await customers.new_page()
        await customer.goto(link)
        await expect(customer.get_by_text("we are on it")).to_be_visible()
        await viktoria.goto(f"{house.address}/orders/{at.order_id}")
        await expect(viktoria.get_by_text("has not accepted yet")).to_be_visible()
        await tomasz.goto(house.address + "/board")
        await ines.goto(house.address + "/work")

        await _make_ready(ines)
        await house.published()
        await expect(viktoria.get_by_text("The customer may come.")).to_be_visible()
        assert await violations(viktoria) == []
        assert await overflow(viktoria) == 0

        code = _code(await post.delivered("ready"))
        await _arrive(customer, code)
        await house.published()
        await expect(tomasz.get_by_text("Ama Owusu").first).to_be_visible()

        await _hand_over(ines, code)
        await house.published()
        await expect(viktoria.get_by_text("Handed over.").first).to_be_visible()
        await customer.reload()
        await expect(customer.get_by_text("you have your order")).to_be_visible()
    await customers.close()
    assert await at.units() == {"handed_over": 1}
    assert "collected your order" in await post.delivered("collected")


async def _make_ready(ines: Page) -> None:
    await ines.get_by_role("button", name="Accept").click()
    await expect(ines.get_by_text("Scan the item").first).to_be_attached()
    await scan(ines, "B-MUG-01")
    await expect(ines.get_by_role("heading", name="Bring it to a pickup shelf")).to_be_visible()
    await scan(ines, "SHELF-B3")
    await expect(ines.get_by_role("heading", name="Lies on Shelf B3")).to_be_visible()
    await ines.get_by_role("button", name="say it is ready").click()
    await expect(ines.get_by_text("The customer hears it now.")).to_be_visible()


async def _arrive(customer: Page, code: str) -> None:
    await customer.reload()
    await expect(customer.get_by_text("your order is ready")).to_be_visible()
    await expect(customer.get_by_text(code)).to_be_visible()
    assert await overflow(customer) == 0
    await customer.get_by_role("button", name="I’m here").click()
    await expect(customer.get_by_text("They know you are here")).to_be_visible()


async def _hand_over(ines: Page, code: str) -> None:
    await scan(ines, f"AMBIDEX-PICKUP:{code.replace(' ', '')}")
    await expect(ines.get_by_text("The code matches this order.")).to_be_visible()
    await ines.get_by_role("button", name="Hand over").click()
    await expect(ines.get_by_text("handed over to Ama Owusu")).to_be_visible()


def _link(words: str) -> str:
    found = re.search(r"http\S+/o/\S+", words)
    assert found is not None, words
    return found.group()


def _code(words: str) -> str:
    found = re.search(r"Your code: ([0-9A-Z]{4}[ -]?[0-9A-Z]{4})", words)
    assert found is not None, words
    return f"{found.group(1)[:4]} {found.group(1)[-4:]}"
