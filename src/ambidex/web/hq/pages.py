"""The pages of head office: one line per page."""

from __future__ import annotations

from fastapi import APIRouter

from ambidex.web.hq.capacity import page as capacity
from ambidex.web.hq.drift import page as drift
from ambidex.web.hq.feeds import page as feeds
from ambidex.web.hq.mailbox import page as mailbox
from ambidex.web.hq.messages import page as messages
from ambidex.web.hq.parked import page as parked
from ambidex.web.hq.parking import offer_page as parking_offer
from ambidex.web.hq.parking import page as parking
from ambidex.web.hq.routing import deeds as routing_deeds
from ambidex.web.hq.routing import going as routing_going
from ambidex.web.hq.routing import page as routing
from ambidex.web.hq.routing import scarce as routing_scarce
from ambidex.web.hq.routing import simulating as routing_simulating
from ambidex.web.hq.routing import tryout as routing_tryout
from ambidex.web.hq.stock import page as stock

PAGES: tuple[APIRouter, ...] = (
    routing.router,
    routing_deeds.router,
    routing_scarce.router,
    routing_going.router,
    routing_tryout.router,
    routing_simulating.router,
    messages.router,
    mailbox.router,
    parked.router,
    parking.router,
    parking_offer.router,
    stock.router,
    capacity.router,
    feeds.router,
    drift.router,
)
