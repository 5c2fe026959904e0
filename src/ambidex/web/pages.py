"""The list of pages: one line per page.py; each carries its own rule (web/edge.py)."""

from __future__ import annotations

from fastapi import APIRouter

from ambidex.web import live
from ambidex.web.board import page as board
from ambidex.web.customer import page as customer
from ambidex.web.find import page as find
from ambidex.web.gallery import page as gallery
from ambidex.web.home import page as home
from ambidex.web.hq.capacity import page as capacity
from ambidex.web.hq.drift import page as drift
from ambidex.web.hq.feeds import page as feeds
from ambidex.web.hq.mailbox import page as mailbox
from ambidex.web.hq.messages import page as messages
from ambidex.web.hq.parked import page as parked
from ambidex.web.hq.routing import deeds as routing_deeds
from ambidex.web.hq.routing import going as routing_going
from ambidex.web.hq.routing import page as routing
from ambidex.web.hq.routing import tryout as routing_tryout
from ambidex.web.hq.stock import page as stock
from ambidex.web.more import page as more
from ambidex.web.orders import page as orders
from ambidex.web.orders.receipt import page as receipt
from ambidex.web.scan import page as scan
from ambidex.web.signin import page as signin
from ambidex.web.store import (
    dispatch_page,
    goods_deeds,
    goods_page,
    pack_deeds,
    pack_page,
    wave_deeds,
    wave_page,
)
from ambidex.web.store import page as store

PAGES: tuple[APIRouter, ...] = (
    live.router,
    gallery.router,
    signin.router,
    store.router,
    goods_page.router,
    goods_deeds.router,
    wave_page.router,
    wave_deeds.router,
    pack_page.router,
    pack_deeds.router,
    dispatch_page.router,
    scan.router,
    find.router,
    home.router,
    board.router,
    orders.router,
    receipt.router,
    routing.router,
    routing_deeds.router,
    routing_going.router,
    routing_tryout.router,
    customer.router,
    messages.router,
    mailbox.router,
    parked.router,
    stock.router,
    capacity.router,
    feeds.router,
    drift.router,
    more.router,
)
