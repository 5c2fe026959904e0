"""Channels: sources that send orders to us, who speaks to their customers, and what they are told back."""

from ambidex.domains.channels.commands import (
    connect,
    heard,
    map_external,
    move_cursor,
    not_told,
    queue_telling,
    register,
    report_stock,
    rotate_secret,
    sources_for,
    told,
    withdraw_tellings,
)
from ambidex.domains.channels.model import NewSource, Source, StockReport, Telling
from ambidex.domains.channels.queries import (
    cursor,
    mapped,
    page,
    source,
    source_by_id,
    tellings_of,
    waiting_tellings,
)
from ambidex.domains.channels.queries import valid_secrets as secrets
from ambidex.domains.channels.rules import speaker

__all__ = [
    "NewSource",
    "Source",
    "StockReport",
    "Telling",
    "connect",
    "cursor",
    "heard",
    "map_external",
    "mapped",
    "move_cursor",
    "not_told",
    "page",
    "queue_telling",
    "register",
    "report_stock",
    "rotate_secret",
    "secrets",
    "source",
    "source_by_id",
    "sources_for",
    "speaker",
    "tellings_of",
    "told",
    "waiting_tellings",
    "withdraw_tellings",
]
