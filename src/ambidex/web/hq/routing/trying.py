"""What a version would do, as the page shows it: one order decided by both, and figures of a trial with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ambidex.domains import routing
from ambidex.kernel.values import dataclass
from ambidex.web.formats import local_day, local_when
from ambidex.web.hq.routing import words
from ambidex.web.orders.receipt.known import Known, Receipt, distance, listed
from ambidex.web.orders.receipt.why import headline
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.plots import Interval
from ambidex.web.parts.views import Chip, Column
from ambidex.web.words import translate as _

Trial = routing.trials.Trial
ZONE = "UTC"
MIDDLE, ROOM = 50.0, 1.15
# name, and whether more of it is better
FIGURES = {
    "fill_rate": (_("Units that somebody can send"), True),
    "cost": (_("Cost of an order"), False),
    "split": (_("Orders in several parcels"), False),
    "parcels": (_("Parcels an order"), False),
    "meters": (_("Way of an order"), False),
    "on_time": (_("There in time"), True),
}
AN_INSTANT = timedelta(microseconds=1)  # a trial ends before `until_at`; people name its last day
TRIAL_STATES = {
    "asked": (_("Waits for the worker"), "hourglass"),
    "running": (_("Is being decided"), "refresh-cw"),
    "done": (_("Done"), "circle-check"),
    "stopped": (_("Stopped"), "ban"),
}


@dataclass(frozen=True, slots=True)
class PlanCard:
    """One of the two plans of a test drive."""

    title: str
    places: str
    sentence: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrialCard:
    """One simulation: its terms, how far it is, its figures."""

    id: str
    title: str
    chip: Chip
    sentence: str
    done: int
    total: int
    is_open: str
    intervals: tuple[Interval, ...]
    places: tuple[tuple[Column, ...], list[list[str]]]


def plan_card(title: str, receipt: Receipt, known: Known) -> PlanCard:
    """A plan in the words of its receipt."""
    plan = receipt.chosen
    facts = [
        (_("Parcels"), str(len(plan.parts))),
        (_("Cost"), known.money(plan.cost)),
        (_("Way"), listed([distance(part.metres) or _("not known") for part in plan.parts]) or "-"),
        (_("Arrives"), listed([known.day(part.arrives_at, part.site) for part in plan.parts]) or "-"),
    ]
    return PlanCard(title, known.places(plan.sites) or _("Nobody"), headline(receipt, known), tuple(facts))


def trial_card(trial: Trial, currency: str, names: Mapping[str, str], now: datetime) -> TrialCard:
    """A simulation as the page shows it."""
    text, icon = TRIAL_STATES[trial.state.value]
    result = trial.result or {}
    facts = {
        "from": local_day(trial.from_at, ZONE),
        "until": local_day(trial.until_at - AN_INSTANT, ZONE),
        "n": trial.against,
    }
    return TrialCard(
        id=str(trial.trial_id),
        title=_against(trial, facts),
        chip=Chip(text=_(text), icon=icon, mean=Mean.ON_TRACK if trial.state.value == "done" else Mean.NONE),
        sentence=_sentence(trial, result, now),
        done=trial.done,
        total=trial.total,
        is_open="yes" if trial.state.value in {"asked", "running"} else "",
        intervals=tuple(intervals(result.get("figures", {}), currency)),
        places=places(result.get("places", {}), names),
    )


def _against(trial: Trial, facts: Mapping[str, Any]) -> str:
    """The days, and the version beside it; that of every brand is said to be so."""
    if trial.against_brand == trial.brand:
        return _("%(from)s to %(until)s against version %(n)s", **facts)
    return _("%(from)s to %(until)s against version %(n)s of every brand", **facts)


def _sentence(trial: Trial, result: Mapping[str, Any], now: datetime) -> str:
    asked = local_when(trial.asked_at, ZONE, now) if trial.asked_at else ""
    said = _("Asked by %(who)s, %(when)s UTC.", who=trial.asked_by_name, when=asked)
    if not result:
        return said
    if not result["orders"]:
        return said + " " + _("Nothing was decided in these days.")
    facts = {"n": result["orders"], "m": result["differs"]}
    return said + " " + _("Of %(n)s decisions %(m)s would send from elsewhere.", **facts)


def intervals(figures: Mapping[str, Any], currency: str) -> list[Interval]:
    """One bar a figure; each on its own scale, no difference in the middle."""
    return [_interval(name, figures[name], currency) for name in FIGURES if name in figures]


def _interval(name: str, said: Mapping[str, Sequence[float]], currency: str) -> Interval:
    value, low, high = said["change"]
    scale = max(abs(low), abs(high), abs(value), 1e-9) * ROOM
    title, more_is_better = FIGURES[name]
    return Interval(
        name=_(title),
        before=figure(name, said["live"][0], currency),
        after=figure(name, said["other"][0], currency),
        change=_signed(name, value, currency),
        low=_at(low, scale),
        at=_at(value, scale),
        high=_at(high, scale),
        zero=MIDDLE,
        chip=_verdict(low, high, more_is_better=more_is_better),
    )


def _at(value: float, scale: float) -> float:
    return round(MIDDLE + MIDDLE * value / scale, 2)


def _verdict(low: float, high: float, *, more_is_better: bool) -> Chip:
    if low <= 0 <= high:
        return Chip(text=_("The same") if low == high else _("Cannot tell"), icon="minus")
    if (low > 0) is more_is_better:
        return Chip(text=_("Better"), mean=Mean.ON_TRACK)
    return Chip(text=_("Worse"), mean=Mean.BROKEN)


def figure(name: str, value: float, currency: str) -> str:
    """A figure as people say it: a share, an amount, a distance or a number."""
    if name in {"fill_rate", "split", "on_time"}:
        return words.percent(1000 * value)
    if name == "cost":
        return words.amount(value, currency)
    if name == "meters":
        return distance(round(value))
    return f"{value:.2f}"


def _signed(name: str, value: float, currency: str) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign} {figure(name, abs(value), currency)}"


def places(said: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[Column, ...], list[list[str]]]:
    """Which share of the units each place would send."""
    columns = (
        Column(title=_("Place")),
        Column(title=_("Now"), kind="n"),
        Column(title=_("Then"), kind="n"),
        Column(title=_("Change"), kind="n"),
        Column(title=_("Between"), kind="n"),
    )
    rows = [
        [
            names.get(code, code),
            words.percent(1000 * one["live"][0]),
            words.percent(1000 * one["other"][0]),
            _signed("split", one["change"][0], ""),
            _("%(low)s to %(high)s", low=_signed("split", one["change"][1], ""), high=_signed("split", one["change"][2], "")),
        ]
        for code, one in said.items()
    ]  # fmt: skip
    return columns, rows
