"""Prices of scarce stock: whether decisions use them, how they did on seasons of the past; stopped and asked for again."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from ambidex.domains import routing
from ambidex.kernel.actor import Permission
from ambidex.kernel.values import dataclass
from ambidex.web.edge import Runs, Who, page
from ambidex.web.formats import local_when
from ambidex.web.hq.routing import words
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False, dependencies=[page(Permission.ROUTING_CHANGE)])
ZONE = "UTC"
PriceList = routing.scarce.PriceList
Played = routing.scarce.Played
Why = routing.scarce.WhyOff
WHY = {
    Why.FEW: _("Too few orders of the last weeks were left to routing: nothing can be proved from them."),
    Why.PLENTY: _("Nothing that is asked for may run out within a week: nothing is scarce."),
    Why.CURRENCIES: _("Brands pay in several currencies here, and one stock has one price."),
    Why.LARGE: _("There is more stock than can be looked at at once."),
    Why.BROKEN: _("They could not be made; the log of the worker says why."),
    Why.PERSON: _("They are used no more until somebody has them made again."),
    Why.ASKED: _("They are being made and tried. It takes some minutes."),
}


@dataclass(frozen=True, slots=True)
class PricesCard:
    """In a word and a sentence, with the figures of the trial."""

    chip: Chip
    sentence: str
    rows: tuple[tuple[str, str], ...]
    may_stop: bool
    may_ask: bool


def prices_card(made: PriceList | None, currency: str, now: datetime) -> PricesCard:
    """The newest prices; None: none were made yet."""
    if made is None:
        said = _("They are made every night from the orders of the last weeks.")
        return PricesCard(
            Chip(text=_("Not made yet"), icon="hourglass"), said, (), may_stop=False, may_ask=True
        )
    return PricesCard(
        _chip(made, now),
        _(WHY[made.why]) if made.why in WHY else _sentence(made),
        _rows(made, currency, now),
        may_stop=made.state is routing.scarce.PricesState.ON,
        may_ask=made.why is not Why.ASKED,
    )


def _chip(made: PriceList, now: datetime) -> Chip:
    if made.counts(now):
        return Chip(text=_("Decisions use them"), mean=Mean.ON_TRACK)
    if made.why is Why.ASKED:
        return Chip(text=_("Being made"), icon="refresh-cw")
    if made.why is Why.BROKEN:
        return Chip(text=_("Not used"), mean=Mean.AT_RISK)
    if made.state is routing.scarce.PricesState.ON:
        return Chip(text=_("Too old to be used"), mean=Mean.AT_RISK)
    return Chip(text=_("Not used"), icon="minus")


def _sentence(made: PriceList) -> str:
    saved = words.percent(abs(1000 * made.proof.saved))
    facts = {"n": len(made.proof.seasons), "orders": made.season, "saved": saved}
    tried = _("Tried on %(n)s seasons of %(orders)s orders, drawn from the last weeks:", **facts)
    if made.proof.is_proved:
        return tried + " " + _("an order would have cost %(saved)s less, so they are used.", saved=saved)
    if made.proof.saved < 0:
        return tried + " " + _("an order would have cost %(saved)s more, so they are not used.", saved=saved)
    more = made.proof.priced.unfilled - made.proof.plain.unfilled
    if more > 0:
        return tried + " " + _("%(n)s more units would not have been sent, so they are not used.", n=more)
    return tried + " " + _("they would have saved nothing worth having, so they are not used.")


def _rows(made: PriceList, currency: str, now: datetime) -> tuple[tuple[str, str], ...]:
    when = () if made.made_at is None else ((_("Made (UTC)"), local_when(made.made_at, ZONE, now)),)
    if not made.proof.seasons:
        return when
    return (
        (_("An order without them"), _each(made.proof.plain, currency)),
        (_("An order with them"), _each(made.proof.priced, currency)),
        (_("From"), _span(made)),
        (
            _("Have a price"),
            _("%(n)s items at a place", n=made.count) if made.count != 1 else _("1 item at a place"),
        ),
        *when,
    )


def _span(made: PriceList) -> str:
    if made.days == 1:
        return _("%(n)s orders of a day", n=made.past)
    return _("%(n)s orders of %(days)s days", n=made.past, days=made.days)


def _each(played: Played, currency: str) -> str:
    cost = words.amount(played.cost / max(1, played.orders), currency)
    parcels = f"{played.parcels / max(1, played.orders):.2f}"
    return _("%(cost)s, %(parcels)s parcels", cost=cost, parcels=parcels)


@router.post("/routing/prices/stop")
async def stop_prices(who: Who, runs: Runs) -> RedirectResponse:
    """From the next decision on there are none."""
    await runs.perform(who, routing.change.stop_prices)
    return RedirectResponse("/routing#prices", status_code=303)


@router.post("/routing/prices/make")
async def make_prices(who: Who, runs: Runs) -> RedirectResponse:
    """The worker begins within a minute."""
    await runs.perform(who, routing.change.ask_prices)
    return RedirectResponse("/routing#prices", status_code=303)
