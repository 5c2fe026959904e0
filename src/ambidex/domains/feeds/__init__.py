"""Feeds: channels are told what they may sell, in the order it changed, as often as it takes."""

from ambidex.domains.feeds.commands import (
    asked,
    change_feed,
    close,
    lease,
    open_feed,
    pause,
    publish,
    record,
    refreshed,
    resume,
    rotate_secret,
    send_again,
)
from ambidex.domains.feeds.model import Area, Attempt, Bands, Feed, FeedState, Lease, NewFeed
from ambidex.domains.feeds.ports import Message, Webhooks
from ambidex.domains.feeds.queries import feed, page
from ambidex.domains.feeds.store import let_go, locked, refresh_all

__all__ = [
    "Area",
    "Attempt",
    "Bands",
    "Feed",
    "FeedState",
    "Lease",
    "Message",
    "NewFeed",
    "Webhooks",
    "asked",
    "change_feed",
    "close",
    "feed",
    "lease",
    "let_go",
    "locked",
    "open_feed",
    "page",
    "pause",
    "publish",
    "record",
    "refresh_all",
    "refreshed",
    "resume",
    "rotate_secret",
    "send_again",
]
