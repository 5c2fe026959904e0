"""Watch: watchdogs on deadlines, the one owner of each order, and exceptions that need a person."""

from ambidex.domains.watch.commands import (
    advance,
    arm,
    begin,
    cancel,
    let_go,
    move_up,
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
from ambidex.domains.watch.rules import Step, look
from ambidex.domains.watch.store import due, look_now, open_exceptions, open_watchdogs, owner

__all__ = [
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
    "begin",
    "cancel",
    "due",
    "let_go",
    "look",
    "look_now",
    "move_up",
    "open_exception",
    "open_exceptions",
    "open_watchdogs",
    "own",
    "owner",
    "resolve",
    "resolve_exception",
]
