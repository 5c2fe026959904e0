"""The pages of stores and warehouses: one line per page."""

from __future__ import annotations

from fastapi import APIRouter

from ambidex.web.store import (
    dispatch_deeds,
    dispatch_page,
    goods_deeds,
    goods_page,
    pack_deeds,
    pack_page,
    page,
    parcels_deeds,
    parcels_page,
    wave_deeds,
    wave_page,
)

PAGES: tuple[APIRouter, ...] = (
    page.router,
    goods_page.router,
    goods_deeds.router,
    wave_page.router,
    wave_deeds.router,
    pack_page.router,
    pack_deeds.router,
    dispatch_page.router,
    dispatch_deeds.router,
    parcels_page.router,
    parcels_deeds.router,
)
