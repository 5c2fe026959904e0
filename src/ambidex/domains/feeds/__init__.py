"""Feeds: channels are told what they may sell, in the order it changed, as often as it takes."""

from ambidex.domains.feeds.commands import (
    asked,
    change_feed,
    hold,
    lease,
    move,
    open_feed,
    publish,
    record,
    refreshed,
    rotate_secret,
    send_again,
)
from ambidex.domains.feeds.model import Area, Attempt, Bands, Feed, FeedVerb, Lease, NewFeed
from ambidex.domains.feeds.problems import NoWebhook
from ambidex.domains.feeds.queries import feed, page
from ambidex.domains.feeds.rules import secrets
from ambidex.domains.feeds.store import let_go, note_stuck, refresh_all

__all__ = [
    "Area",
    "Attempt",
    "Bands",
    "Feed",
    "FeedVerb",
    "Lease",
    "NewFeed",
    "NoWebhook",
    "asked",
    "change_feed",
    "feed",
    "hold",
    "lease",
    "let_go",
    "move",
    "note_stuck",
    "open_feed",
    "page",
    "publish",
    "record",
    "refresh_all",
    "refreshed",
    "rotate_secret",
    "secrets",
    "send_again",
]
