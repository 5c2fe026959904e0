"""A control: a worker that says "delivered" as soon as it begins, so that its cursor moves before the delivery."""

from __future__ import annotations

import asyncio
import dataclasses

from ambidex.entry.signals import run_until_told, stopping
from ambidex.entry.wiring import wired
from ambidex.entry.worker import work
from ambidex.flows.webhook_port import WEBHOOKS, Answer, Message, Webhooks
from ambidex.integrations.webhooks.sender import WebhookSender
from ambidex.runtime.outside import Outside
from ambidex.runtime.settings import Settings

# longer than the last steps of the load take on a slow machine, so that its last numbers are still on their way
LATER_SECONDS = 5.0


class Early:
    """Carries messages later, and claims at once that they were taken."""

    def __init__(self, inner: Webhooks) -> None:
        self._inner = inner
        self._waiting: set[asyncio.Task[None]] = set()

    async def send(self, message: Message) -> Answer:
        """Taken, it says."""
        task = asyncio.create_task(self._later(message))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        return Answer()

    async def _later(self, message: Message) -> None:
        await asyncio.sleep(LATER_SECONDS)
        await self._inner.send(message)


async def _main(settings: Settings) -> None:
    async with wired(settings) as house:
        early = Early(WebhookSender(settings.webhook_networks))
        outside = Outside({**house.outside._ports, WEBHOOKS: early})  # a control, beside the product
        live = asyncio.create_task(house.live.watch())
        try:
            await work(dataclasses.replace(house, outside=outside), stopping())
        finally:
            live.cancel()


if __name__ == "__main__":
    run_until_told(_main(Settings.load()))
