"""Who asks, as the address of the page says it; what cannot be is left out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from ambidex.domains.availability import Ask
from ambidex.kernel.values import dataclass
from ambidex.web.channels import CHANNELS
from ambidex.web.hq.stock import words

COUNTRY_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A customer of a channel, the way the goods reach them, their address, and a place when one is chosen."""

    channel: str
    method: str
    country: str
    postcode: str
    place: str

    @property
    def channel_word(self) -> str:
        return CHANNELS[self.channel]

    def at(self, now: datetime) -> Ask:
        return Ask(now, self.channel, "", self.method, self.country, self.postcode)

    @property
    def routed(self) -> bool:
        """Whether nobody chooses the place."""
        return self.method in {"ship", "deliver"} and not self.place

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        return self.but()

    def but(self, **other: str) -> str:
        """The same with something else."""
        said = {name: getattr(self, name) for name in self.__slots__} | other
        return urlencode({name: value for name, value in said.items() if value})


def _asked(
    *,
    channel: str = "web",
    method: str = "",
    country: Annotated[str, Query(max_length=20)] = "",
    postcode: Annotated[str, Query(max_length=20)] = "",
    place: Annotated[str, Query(max_length=64)] = "",
) -> Asked:
    nation = country.strip().upper()
    nation = nation if len(nation) == COUNTRY_LETTERS and nation.isascii() and nation.isalpha() else ""
    known = channel if channel in CHANNELS else "web"
    way = method if method in words.WAYS else ""
    return Asked(known, way or ("ship" if nation else ""), nation, postcode.strip(), place)


Asker = Annotated[Asked, Depends(_asked)]
