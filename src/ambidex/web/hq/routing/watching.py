"""How versions that are tried out do: the trial on a share with its verdict, the shadow's differences, replays of nights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ambidex.domains import routing
from ambidex.kernel.values import dataclass
from ambidex.reads.routing_pages import ShadowSum
from ambidex.web.formats import local_day, local_when
from ambidex.web.hq.routing import words
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Column, Row
from ambidex.web.words import translate as _

ZONE = "UTC"
Metric = routing.versions.Metric


@dataclass(frozen=True, slots=True)
class CanaryCard:
    """A version on trial: its terms, both sides, and whether it goes back."""

    number: int
    name: str
    chip: Chip
    sentence: str
    rows: tuple[tuple[str, str], ...]
    done: int
    needed: int


@dataclass(frozen=True, slots=True)
class ShadowCard:
    """A version in the shadow: how often it would send from elsewhere, and at what cost."""

    number: int
    name: str
    sentence: str
    rows: tuple[Row, ...]


def canary_card(
    version: routing.versions.Version, verdict: routing.versions.Verdict, currency: str, now: datetime
) -> CanaryCard:
    """What is measured, against what, and what follows from it."""
    terms = version.canary
    assert terms is not None, "only a version on trial has terms"
    facts = {"since": local_when(version.state_since, ZONE, now), "share": words.percent(terms.share)}
    said = _("Decides %(share)s of the orders since %(since)s UTC.", **facts)
    limit = {"metric": _(words.METRICS[terms.metric.value]), "by": words.percent(terms.threshold)}
    return CanaryCard(
        version.number,
        version.name,
        _canary_chip(verdict, terms.threshold),
        said + " " + _("It goes back by itself when “%(metric)s” is worse by more than %(by)s.", **limit),
        (
            (_("On trial"), _side(terms.metric, verdict.canary, currency)),
            (_("Live beside it"), _side(terms.metric, verdict.live, currency)),
            (_("Worse by"), words.percent(max(0, verdict.worse_by))),
        ),
        min(verdict.canary.orders, verdict.live.orders, terms.orders_min),
        terms.orders_min,
    )


def _canary_chip(verdict: routing.versions.Verdict, threshold: int) -> Chip:
    if verdict.is_harm:
        return Chip(text=_("Does harm, goes back"), mean=Mean.BROKEN)
    if not verdict.is_enough:
        return Chip(text=_("Too few orders yet"), icon="hourglass")
    if verdict.worse_by > threshold:
        return Chip(text=_("Worse, but it may be chance"), mean=Mean.AT_RISK)
    return Chip(text=_("Does no harm"), mean=Mean.ON_TRACK)


def _side(metric: Metric, side: routing.versions.Side, currency: str) -> str:
    orders = _("%(n)s orders", n=side.orders)
    if not side.orders:
        return orders
    value = words.amount(side.mean, currency) if metric is Metric.COST else words.percent(side.mean)
    return f"{value} · {orders}"


def shadow_card(
    version: routing.versions.Version, found: ShadowSum, currency: str, names: Mapping[str, str]
) -> ShadowCard:
    """A sentence, and the newest decisions that would have been others."""
    return ShadowCard(
        version.number, version.name, _shadow_words(found, currency), tuple(_shadow_rows(found, names))
    )


def _shadow_words(found: ShadowSum, currency: str) -> str:
    if not found.decisions:
        return _("Nothing was decided since it began.")
    facts = {"n": found.decisions, "share": words.percent(1000 * found.differs / found.decisions)}
    said = _("Of %(n)s decisions %(share)s would send from elsewhere.", **facts)
    change = (found.cost - found.cost_live) / found.decisions
    each = words.amount(abs(change), currency)
    if abs(change) < 1:
        return said + " " + _("An order would cost the same.")
    dearer = _("An order would cost %(money)s more.", money=each)
    return said + " " + (dearer if change > 0 else _("An order would cost %(money)s less.", money=each))


def _shadow_rows(found: ShadowSum, names: Mapping[str, str]) -> list[Row]:
    return [
        Row(
            title=one.number,
            note=_(
                "%(was)s; it would be %(would)s", was=_called(one.was, names), would=_called(one.would, names)
            ),
            href=f"/orders/{one.order_id}/receipt?number={one.receipt_no}",
            icon="shuffle",
        )
        for one in found.latest
    ]


def _called(codes: str, names: Mapping[str, str]) -> str:
    """Places by name; they are stored by code, parted by commas."""
    return ", ".join(names.get(code, code) for code in codes.split(", ") if code) or _("nobody")


def replay_table(
    found: Sequence[routing.trials.Replay], exceptions: Mapping[str, str]
) -> tuple[tuple[Column, ...], list[list[object]]]:
    """Days with how many decisions came out the same; who has the difference."""
    columns = (
        Column(title=_("Day (UTC)")),
        Column(title=_("Decisions"), kind="n"),
        Column(title=_("The same"), kind="n"),
        Column(title=_("State")),
    )
    return columns, [
        [local_day(_noon(one), ZONE), one.total, one.same, _state(one, exceptions)] for one in found
    ]


def _noon(one: routing.trials.Replay) -> datetime:
    return datetime.combine(one.day, datetime.min.time().replace(hour=12), one.began_at.tzinfo)


def _state(one: routing.trials.Replay, owners: Mapping[str, str]) -> Chip:
    if one.ended_at is None:
        return Chip(text=_("Is being decided"), icon="refresh-cw")
    if not one.total:
        return Chip(text=_("Nothing was decided"), icon="minus")
    if one.same == one.total:
        return Chip(text=_("The same to the bit"), mean=Mean.ON_TRACK)
    owner = owners.get(one.day.isoformat(), "")
    text = _("%(n)s differ", n=one.total - one.same)
    return Chip(text=f"{text} · {owner}" if owner else text, mean=Mean.BROKEN)
