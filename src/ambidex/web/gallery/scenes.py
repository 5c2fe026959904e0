"""Whole pages made of parts with made-up values: the frames in use, for people to copy and for tests to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ambidex.kernel.values import dataclass
from ambidex.web.gallery.customer_scene import for_customer
from ambidex.web.gallery.receipt_scene import receipt as made_up
from ambidex.web.parts.axis.story import marks, ticks
from ambidex.web.parts.cannot.story import given as cannot
from ambidex.web.parts.card.story import pairs, rows
from ambidex.web.parts.hands import story as hands
from ambidex.web.parts.miles.story import four
from ambidex.web.parts.pick import story as pick
from ambidex.web.parts.segments.story import tabs
from ambidex.web.parts.stat.story import STORY as STATS
from ambidex.web.parts.story import NOON, clock
from ambidex.web.parts.talk.story import said
from ambidex.web.parts.work import story as work
from ambidex.web.shell.nav import nav_for
from ambidex.web.shell.view import Shell, Task

Context = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    title: str
    template: str
    context: Context
    language: str = "en-GB"


def shell(theme: str, *, path: str, role: str, task: Task | None = None) -> Shell:
    """The frame of a made-up associate or agent."""
    desk = role == "agent"
    return Shell(
        person="Bo Lindqvist" if desk else "Inès Caron",
        role_label="Agent" if desk else "Store associate",
        place="Contact center" if desk else "Camden",
        place_icon="phone" if desk else "store",
        local_time="14:18 London" if desk else "Open until 20:00",
        nav=nav_for(role, {"/arrivals": 2, "/parked": 9}),
        path=path,
        csrf="gallery",
        live_position=0,
        now=NOON,
        theme=theme,
        density="desk" if desk else "touch",
        lock_after_seconds=0,
        task=task,
    )


def order(theme: str) -> Mapping[str, Any]:
    return {
        "shell": shell(theme, path="/find", role="agent"),
        "open": (hands.ready, hands.choice, hands.throw, hands.unkept),
        "closed": (hands.kept, hands.broken, hands.released),
        "clock": clock("Camden by", left=12, given=147),
        "miles": four,
        "owner": hands.INES,
        "rows": rows,
        "pairs": pairs,
        "said": said,
    }


def my_work(theme: str) -> Mapping[str, Any]:
    return {
        "shell": shell(theme, path="/work", role="associate"),
        "marks": marks,
        "ticks": ticks,
        "tabs": tabs,
        "here": (work.here,),
        "next": (work.late, work.accept, work.count),
        "waiting": (work.waiting,),
    }


def picking(theme: str) -> Mapping[str, Any]:
    task = Task(
        title="Pick 3, MF-10428",
        back="/parts",
        back_label="Back to my work",
        sub="Σοφία Παπαδοπούλου",
        ask="#ask",
    )
    return {
        "shell": shell(theme, path="/work", role="associate", task=task),
        "clock": clock("Ready by", left=12, given=147),
        "units": pick.units,
        "lines": (pick.kettle, pick.shirt, pick.mugs),
        **cannot,
    }


def board(theme: str) -> Mapping[str, Any]:
    given = STATS.states[0].given
    return {**my_work(theme), "stats": given["s"]}


def receipt(theme: str) -> Mapping[str, Any]:
    return {"shell": shell(theme, path="/routing", role="experience"), **made_up()}


def nothing(theme: str) -> Mapping[str, Any]:
    return {"theme": theme}


SCENES: dict[str, Scene] = {
    "order": Scene(title="Order, at a desk", template="order", context=order),
    "order-ar": Scene(title="Order, right to left", template="order", context=order, language="ar"),
    "work": Scene(title="My work, on a phone", template="work", context=my_work),
    "pick": Scene(title="Picking, a task", template="pick", context=picking),
    "customer": Scene(title="Customer's page", template="customer", context=for_customer),
    "receipt": Scene(title="Receipt of a decision", template="receipt", context=receipt),
    "board": Scene(title="Board on a wall", template="board", context=board),
    "sign-in": Scene(title="Before sign in", template="bare", context=nothing),
}
