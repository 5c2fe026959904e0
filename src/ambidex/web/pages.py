"""The list of pages: one line per page.py, by who uses them; each carries its own rule (web/edge.py)."""

from __future__ import annotations

from fastapi import APIRouter

from ambidex.web import live
from ambidex.web.board import page as board
from ambidex.web.customer import page as customer
from ambidex.web.find import page as find
from ambidex.web.gallery import page as gallery
from ambidex.web.home import page as home
from ambidex.web.hq import pages as hq
from ambidex.web.more import page as more
from ambidex.web.orders import address, money
from ambidex.web.orders import page as orders
from ambidex.web.orders.receipt import page as receipt
from ambidex.web.promise import page as promise
from ambidex.web.scan import page as scan
from ambidex.web.signin import page as signin
from ambidex.web.store import pages as store

PAGES: tuple[APIRouter, ...] = (
    live.router,
    gallery.router,
    signin.router,
    *store.PAGES,
    scan.router,
    find.router,
    promise.router,
    home.router,
    board.router,
    orders.router,
    address.router,
    money.router,
    receipt.router,
    *hq.PAGES,
    customer.router,
    more.router,
)
