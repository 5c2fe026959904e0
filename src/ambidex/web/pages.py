"""The list of pages: one line per page.py; each carries its own rule (web/edge.py)."""

from __future__ import annotations

from fastapi import APIRouter

from ambidex.web import live
from ambidex.web.gallery import page as gallery

PAGES: tuple[APIRouter, ...] = (
    live.router,
    gallery.router,
)
