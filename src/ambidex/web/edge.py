"""The edge of the pages: who is signed in, what a page asks of them, forged posts refused, the frame around a page.

Every page declares its rule with `page` or `open_page`; one without stops the start (api/app.py reads them).
"""

import hmac
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request

from ambidex.domains import identity, locations
from ambidex.flows.callers import SESSION_COOKIE, Callers
from ambidex.kernel.actor import Actor, Permission
from ambidex.runtime import live
from ambidex.runtime.access import Rule, Scope, SessionLocked, WrongCsrf
from ambidex.runtime.db import Read
from ambidex.runtime.house import House
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.settings import Settings
from ambidex.web.formats import clock_words
from ambidex.web.shell.nav import density_for, nav_for
from ambidex.web.shell.opening import opening
from ambidex.web.shell.view import Shell, Task, theme_of
from ambidex.web.words import translate as _

LOCK_AFTER_SECONDS = 180
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
ROLE_WORDS = {
    "associate": _("Associate"), "lead": _("Lead"), "picker": _("Picker"), "supervisor": _("Supervisor"),
    "agent": _("Agent"), "district": _("District"), "experience": _("Experience"), "reader": _("Reader"),
    "partner": _("Partner"), "admin": _("Administrator"),
}  # fmt: skip


class PageRule:
    """The dependency that carries a page's rule; every page, open or not, refuses forged posts of a session."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    async def __call__(self, request: Request) -> None:
        if self.rule.permission is not None:
            self.rule.admit(await who(request))


def page(permission: Permission, *, place: Scope = Scope.ANYWHERE) -> Any:
    """Declare what a page asks: `dependencies=[page(Permission.ORDERS_READ)]`."""
    return Depends(PageRule(Rule(permission, place)))


def open_page(because: str) -> Any:
    """Declare that a page is for everybody, or looks after itself, and why."""
    return Depends(PageRule(Rule(public_because=because)))


def house(request: Request) -> House:
    """What this process has wired together."""
    wired: House = request.app.state.house
    return wired


async def session(request: Request) -> identity.SignedIn:
    """The session of this browser, also a locked one. Raises NotSignedIn, WrongCsrf."""
    known: identity.SignedIn | None = getattr(request.state, "session", None)
    if known is None:
        callers: Callers = request.app.state.callers
        known = await callers.by_session(request.cookies.get(SESSION_COOKIE, ""))
        await _refuse_forged(request, known)
        request.state.session, request.state.actor = known, known.actor
    return known


async def who(request: Request) -> Actor:
    """The person at this browser. Raises NotSignedIn, SessionLocked, WrongCsrf."""
    found = await session(request)
    if found.locked:
        raise SessionLocked
    actor: Actor = found.actor
    return actor


async def frame(
    request: Request,
    who: Actor,
    read: Read,
    *,
    task: Task | None = None,
    counts: Mapping[str, int] | None = None,
    zone: str = "UTC",
) -> Shell:
    """The frame around a page of the signed-in person, at the place they work at; who works everywhere reads one clock."""
    place = (await locations.by_ids(read, [who.at])).get(who.at) if who.at else None
    signed_in = await session(request)
    return Shell(
        person=who.name,
        role_label=ROLE_WORDS.get(who.role, who.role),
        place=place.name if place else _("Everywhere"),
        local_time=opening(place.hours, read.now) if place else clock_words(read.now, zone),
        nav=nav_for(who.role, counts),
        path=request.url.path,
        csrf=signed_in.csrf,
        lock_after_seconds=LOCK_AFTER_SECONDS if signed_in.device.shared else 0,
        live_position=await live.head(read),
        now=read.now,
        theme=theme_of(request),
        density=density_for(who.role),
        place_icon="store" if place else "globe",
        task=task,
    )


async def _refuse_forged(request: Request, known: identity.SignedIn) -> None:
    if request.method in SAFE_METHODS:
        return
    sent = request.headers.get("x-csrf-token", "")
    if not sent and request.headers.get("content-type", "").startswith(FORMS):
        sent = str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest(sent.encode(), known.csrf.encode()):
        raise WrongCsrf


def _run(request: Request) -> Run:
    return house(request).run


def _outside(request: Request) -> Outside:
    return house(request).outside


def _settings(request: Request) -> Settings:
    return house(request).settings


Who = Annotated[Actor, Depends(who)]
Session = Annotated[identity.SignedIn, Depends(session)]
Runs = Annotated[Run, Depends(_run)]
Out = Annotated[Outside, Depends(_outside)]
Told = Annotated[Settings, Depends(_settings)]
