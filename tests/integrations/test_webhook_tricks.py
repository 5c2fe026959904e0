"""Names and addresses that somebody writes into a feed to reach what is ours, or to break the delivery."""

from __future__ import annotations

import ipaddress

import pytest

from ambidex.integrations.webhooks.addresses import is_public
from ambidex.integrations.webhooks.sender import WebhookSender
from tests.integrations.test_webhooks import message


@pytest.mark.parametrize(
    "host",
    [
        "a" * 64 + ".example",
        "a..example",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "localhost",
    ],
)
async def test_a_name_that_leads_nowhere_or_to_us_is_a_failure_and_no_fault(host: str) -> None:
    sender = WebhookSender()
    answer = await sender.send(message(f"https://{host}/hooks"))
    await sender.close()
    assert answer.failure in {
        "the name is not known",
        "the address is private, or none that a webhook may go to",
    }


@pytest.mark.parametrize("address", ["fec0::1", "fe80::1", "fd00::1", "::127.0.0.1", "64:ff9b:1::a00:1"])
def test_addresses_of_a_site_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
