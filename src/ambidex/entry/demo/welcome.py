"""What a newcomer reads when the demo stands: where to look and who to be."""

from __future__ import annotations

from ambidex.entry.seed import Seeded
from ambidex.entry.seed.plant import PASSWORD, PIN

TEXT = """
Marrow & Finch is open: 12 stores, a DC, a third-party warehouse and a supplier ({seconds:.0f} s).

  pages     {url}/
  mailbox   {url}/mailbox     what customers are told (sign in as experience or admin)
  gallery   {url}/parts
  API       {url}/api/openapi.json

  sign in   at {url}/sign-in, password "{password}", PIN "{pin}" on shared devices
{people}

  programs  export AMBIDEX_TOKEN={token}
            curl -H "Authorization: Bearer $AMBIDEX_TOKEN" "{url}/api/v1/locations"

{day}
Ctrl-C ends it; the same data folder goes on where it ended.
"""


LIVE = "Orders come in and people work on them by themselves, except half of those at store-01, which wait for you."
QUIET = "A quiet day: nothing happens unless you do it."


def welcome(url: str, seeded: Seeded, token: str, *, seconds: float, is_live: bool) -> str:
    """The whole text."""
    people = "\n".join(f"            {one.login:<12}{one.name} ({one.place})" for one in seeded.sign_ins)
    return TEXT.format(
        url=url,
        password=PASSWORD,
        pin=PIN,
        people=people,
        token=token,
        seconds=seconds,
        day=LIVE if is_live else QUIET,
    )
