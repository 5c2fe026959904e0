"""What the forms of a place offer, and what they say."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal

from pydantic import BaseModel, Field

from ambidex.domains.capacity import Fence
from ambidex.domains.locations import Location
from ambidex.flows.pause_place import LimitSaid
from ambidex.kernel.problem import BadInput
from ambidex.web.channels import CHANNELS
from ambidex.web.words import translate as _

METHODS = [
    ("", _("Any work")),
    ("pickup", _("Pickups")),
    ("ship", _("What is sent")),
    ("deliver", _("Local delivery")),
]
DAY_NAMES = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip
WHICH_DAYS = [
    ("0123456", _("Every day")),
    ("01234", _("Monday to Friday")),
    ("56", _("The weekend")),
    *((str(no), name) for no, name in enumerate(DAY_NAMES)),
]
LENGTHS = [("30", _("half an hour")), ("60", _("an hour")), ("120", _("two hours")), ("1440", _("the day"))]
UNTIL = [
    ("30", _("For half an hour")),
    ("60", _("For an hour")),
    ("120", _("For two hours")),
    ("closing", _("Until we close")),
    ("", _("Until somebody ends it")),
]
CHANNEL_OPTIONS = list(CHANNELS.items())
Method = Literal["", "pickup", "ship", "deliver"]


class PauseForm(BaseModel):
    """`until` is minutes from now, the closing time, or empty."""

    csrf: str = ""
    method: Method = ""
    until: Literal["30", "60", "120", "closing", ""] = "60"
    reason: str = Field(default="", max_length=200)

    def ends_at(self, place: Location, now: datetime) -> datetime | None:
        """When the pause is over; None: until somebody ends it."""
        if self.until == "closing":
            return place.hours.closes_at(now)
        return now + timedelta(minutes=int(self.until)) if self.until else None


class LimitForm(BaseModel):
    """One more limit. `kept` of every slot are for one channel, if it says which."""

    csrf: str = ""
    method: Method = ""
    days: str = Field(default="0123456", pattern="^[0-6]{1,7}$")
    opens: str = "00:00"
    until: str = "00:00"
    slot_minutes: int = Field(default=60, ge=5, le=1_440)
    works: int = Field(ge=0, le=100_000)
    kept: int = Field(default=0, ge=0, le=100_000)
    kept_for: str = Field(default="", max_length=40)

    def said(self) -> LimitSaid:
        """As flows say it. Raises BadInput for a time that is none."""
        fences = [Fence(self.kept, channel=self.kept_for)] if self.kept and self.kept_for else []
        return LimitSaid(
            works=self.works,
            method=self.method,
            days=frozenset(int(day) for day in self.days),
            opens=wall(self.opens, "opens"),
            until=wall(self.until, "until"),
            slot_minutes=self.slot_minutes,
            fences=fences,
        )


class DayForm(BaseModel):
    """Other hours on one day; nothing opens when both times are empty."""

    csrf: str = ""
    day: str = ""
    opens: str = ""
    until: str = ""


def wall(text: str, field: str) -> time:
    """A time of the day. Raises BadInput."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise BadInput(errors=[{"field": field, "expected": "a time such as 09:00"}]) from None
