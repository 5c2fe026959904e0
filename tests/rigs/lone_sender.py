"""One beat of the sender of letters in a program of its own, which dies where AMBIDEX_CRASH_AT says."""

from __future__ import annotations

import asyncio
import sys

from ambidex.flows.tell_customer import Telling
from ambidex.integrations.mail.smtp import SmtpCarrier
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from tests.story import KEY


def sender(run: Run, mail_port: int) -> Telling:
    """A sender of a mail server that cannot be asked what it got."""
    carrier = SmtpCarrier("127.0.0.1", mail_port, sender="orders@shop.example", sender_name="Marrow & Finch")
    return Telling(run, carrier, "https://shop.example", brand="Marrow & Finch", key=KEY)


async def main(url: str, mail_port: int) -> None:
    database = Database(url, pool_size=4)
    try:
        await sender(Run(database), mail_port).send_due()
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
