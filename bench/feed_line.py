"""The control of the feed bench: the same worker, but messages go out in one line, one after another."""

from __future__ import annotations

import asyncio
import dataclasses

from ambidex.entry.signals import run_until_told, stopping
from ambidex.entry.wiring import wired
from ambidex.entry.worker import work
from ambidex.flows.webhook_port import WEBHOOKS, Answer, Message
from ambidex.integrations.webhooks.sender import WebhookSender
from ambidex.runtime.outside import Outside
from ambidex.runtime.settings import Settings


class OneLine:
    """Carries one message at a time; who waits is in line behind a subscriber that hangs."""

    def __init__(self, inner: WebhookSender) -> None:
        self._inner = inner
        self._turn = asyncio.Lock()

    async def send(self, message: Message) -> Answer:
        """When its turn has come."""
        async with self._turn:
            return await self._inner.send(message)


async def _main(settings: Settings) -> None:
    async with wired(settings) as house:
        line = OneLine(WebhookSender(settings.webhook_networks))
        in_line = dataclasses.replace(house, outside=Outside({WEBHOOKS: line}))
        live = asyncio.create_task(house.live.watch())
        try:
            await work(in_line, stopping())
        finally:
            live.cancel()


if __name__ == "__main__":
    run_until_told(_main(Settings.load()))
