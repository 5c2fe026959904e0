"""Watch: watchdogs on deadlines, the one owner of each order, and exceptions that need a person."""

from ambidex.domains.watch.commands import (
    advance,
    arm,
    cancel,
    let_go,
    open_exception,
    own,
    resolve,
    resolve_exception,
)
from ambidex.domains.watch.model import (
    Cause,
    NewOwner,
    NewWatchdog,
    Owner,
    Trouble,
    Waiting,
    WaitsFor,
    Watchdog,
)
from ambidex.domains.watch.rules import COLLECT_LADDER, Step, next_look, step_of
from ambidex.domains.watch.store import look_now, open_exceptions, open_watchdogs, orders_due, owner

__all__ = [
    "COLLECT_LADDER",
    "Cause",
    "NewOwner",
    "NewWatchdog",
    "Owner",
    "Step",
    "Trouble",
    "Waiting",
    "WaitsFor",
    "Watchdog",
    "advance",
    "arm",
    "cancel",
    "let_go",
    "look_now",
    "next_look",
    "open_exception",
    "open_exceptions",
    "open_watchdogs",
    "orders_due",
    "own",
    "owner",
    "resolve",
    "resolve_exception",
    "step_of",
]
