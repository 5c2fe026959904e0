"""What the words of a receipt need beside it: names of places, titles of lines, the money and the clock of the order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from babel.numbers import format_decimal

from ambidex.domains import routing
from ambidex.kernel.values import dataclass
from ambidex.web.formats import local_day, local_when, money, span
from ambidex.web.words import locale
from ambidex.web.words import translate as _

# what the engine's words are called here
Receipt = routing.model.Receipt
Plan = routing.model.Plan
PlannedPart = routing.model.PlannedPart
Candidate = routing.model.Candidate
Cost = routing.model.Cost
Flip = routing.model.Flip
Change = routing.model.Change
Snapshot = routing.Snapshot
Site = routing.Site
FAR_METRES = routing.model.FAR_METRES
MILLS = 1000
KILOMETER = 1000
FAR_KILOMETERS = 10


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of a score that a person tells apart; `shade` of its bar."""

    shade: int
    word: str
    costs: tuple[Cost, ...]


SENDING = Group(1, _("Sending"), (Cost.PACKAGE, Cost.DISTANCE, Cost.WEIGHT))
WORK = Group(2, _("Work there"), (Cost.HANDLING, Cost.CAPACITY))
DOUBT = Group(3, _("Doubt"), (Cost.RISK,))
LATENESS = Group(4, _("Lateness"), (Cost.LATENESS,))
SPLIT = Group(5, _("Split"), (Cost.SPLIT,))
SCARCE = Group(6, _("Scarcity and rules"), (Cost.SCARCITY, Cost.MARKDOWN, Cost.RULES))
GROUPS = (SENDING, WORK, DOUBT, LATENESS, SPLIT, SCARCE)


@dataclass(frozen=True, slots=True)
class Known:
    """Places by code, titles by line number."""

    names: Mapping[str, str]
    zones: Mapping[str, str]
    titles: Mapping[int, str]
    currency: str
    now: datetime

    def place(self, code: str) -> str:
        return self.names.get(code, code)

    def places(self, codes: Iterable[str]) -> str:
        return listed([self.place(code) for code in codes])

    def title(self, line_no: int) -> str:
        return self.titles.get(line_no) or _("line %(n)s", n=line_no)

    def money(self, mills: int) -> str:
        minor, rest = divmod(abs(mills), MILLS)
        whole = minor + (2 * rest >= MILLS)
        return money(-whole if mills < 0 else whole, self.currency)

    def cheaper(self, saves: int) -> str:
        """How another plan compares with the chosen one."""
        if abs(saves) < MILLS:
            return _("for the same money")
        said = self.money(abs(saves))
        return _("%(money)s cheaper", money=said) if saves > 0 else _("%(money)s dearer", money=said)

    def when(self, seconds: int, code: str) -> str:
        """A time on the clock of a place."""
        return local_when(datetime.fromtimestamp(seconds, UTC), self.zones.get(code, "UTC"), self.now)

    def day(self, seconds: int, code: str) -> str:
        return local_day(datetime.fromtimestamp(seconds, UTC), self.zones.get(code, "UTC"))


def listed(words: Sequence[str]) -> str:
    """One, two or many in a sentence."""
    if len(words) < 2:  # one or none needs no word between
        return "".join(words)
    return _("%(first)s and %(last)s", first=", ".join(words[:-1]), last=words[-1])


def distance(metres: int) -> str:
    """Kilometers as people say them; empty when it is not known."""
    if metres == FAR_METRES:
        return ""
    if metres < KILOMETER:
        return _("%(n)s m", n=round(metres, -1))
    far = metres / KILOMETER
    return _("%(n)s km", n=format_decimal(round(far, 1 if far < FAR_KILOMETERS else 0), locale=locale()))


def length(seconds: int) -> str:
    return span(timedelta(seconds=seconds))


def spent(plan: Plan, group: Group) -> int:
    """What a plan pays for these parts of the score."""
    return sum(part.costs.get(cost, 0) for part in plan.parts for cost in group.costs)
