"""The edge of the API: who is calling, what an operation asks of them, and how a change is answered once.

Every operation declares its rule with `operation` or `public`; one without stops the start (app.py).
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

import orjson
from fastapi import Depends, Request, params
from pydantic import BaseModel
from starlette.responses import Response

from ambidex.api import problems
from ambidex.flows.callers import SESSION_COOKIE, Callers
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime import idempotency
from ambidex.runtime.access import NotSignedIn, Rule, Scope, SessionLocked, WrongCsrf
from ambidex.runtime.coalesce import Asked, Coalescer
from ambidex.runtime.db import Tx
from ambidex.runtime.house import House
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

__all__ = ["Asks", "House", "Out", "Runs", "Scope", "Shown", "Who", "operation", "public"]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

P = ParamSpec("P")
T = TypeVar("T")
I = TypeVar("I")  # noqa: E741  # the item of a list


@dataclass(frozen=True, slots=True)
class Shown:
    """What is answered with another status than 200."""

    body: BaseModel
    status: int = 201


class Admission:
    """The dependency that carries an operation's rule and asks the caller for it."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    async def __call__(self, request: Request) -> None:
        if self.rule.permission is not None:
            self.rule.admit(await who(request))


def operation(permission: Permission, *, place: Scope = Scope.ANYWHERE) -> Any:
    """Declare what an operation asks: `dependencies=[operation(Permission.WORK_DO, place=Scope.OWN_PLACE)]`."""
    return Depends(Admission(Rule(permission, place)))


def public(because: str) -> Any:
    """Declare that nobody needs to be signed in, and why."""
    return Depends(Admission(Rule(public_because=because)))


def rule_of(dependencies: Sequence[params.Depends]) -> Rule | None:
    """The rule among a route's dependencies; pages carry theirs in the same way."""
    found = [getattr(each.dependency, "rule", None) for each in dependencies]
    return next((rule for rule in found if isinstance(rule, Rule)), None)


def house(request: Request) -> House:
    """What this process has wired together."""
    wired: House = request.app.state.house
    return wired


async def who(request: Request) -> Actor:
    """The actor of the bearer token or the session cookie. Raises NotSignedIn, WrongCsrf."""
    known: Actor | None = getattr(request.state, "actor", None)
    if known is None:
        known = request.state.actor = await _who(request)
    return known


async def _who(request: Request) -> Actor:
    callers: Callers = request.app.state.callers
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise NotSignedIn("bearer tokens are taken here")
        return await callers.by_token(token.strip())
    session = await callers.by_session(request.cookies.get(SESSION_COOKIE, ""))
    if session.locked:
        raise SessionLocked
    sent = request.headers.get("x-csrf-token", "")
    if request.method not in SAFE_METHODS and not hmac.compare_digest(sent.encode(), session.csrf.encode()):
        raise WrongCsrf
    return session.actor


def _run(request: Request) -> Run:
    return house(request).run


def _outside(request: Request) -> Outside:
    return house(request).outside


Who = Annotated[Actor, Depends(who)]
Runs = Annotated[Run, Depends(_run)]
Out = Annotated[Outside, Depends(_outside)]


class Asking:
    """One request that changes something: answered from inside the transaction, once per Idempotency-Key."""

    def __init__(self, request: Request, actor: Actor, key: idempotency.Key | None) -> None:
        self.request = request
        self.actor = actor
        self.key = key
        self.house = house(request)

    async def answer(
        self,
        shown: Callable[[Tx, T], Awaitable[BaseModel | Shown | idempotency.Answer]],
        command: Callable[Concatenate[Tx, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Perform the command and answer with what `shown` makes of its result, in the same transaction."""

        async def work(tx: Tx) -> idempotency.Answer:
            return as_answer(await shown(tx, await command(tx, *args, **kwargs)))

        try:
            return respond(await self.house.run.perform(self.actor, idempotency.once, self.key, work))
        except Problem as refused:
            if self.key is None or not idempotency.is_kept(refused):
                raise
            answer = problems.as_answer(refused)
            return respond(
                await self.house.run.perform(self.actor, idempotency.keep_refusal, self.key, answer)
            )

    async def together(self, coalescer: Coalescer[Asked[I], idempotency.Answer], command: I) -> Response:
        """Answer as part of a list that gathers while others are being worked on (`once_each` in its work)."""
        return respond(await coalescer.ask(Asked(self.actor, self.key, command)))


async def asking(request: Request, actor: Who) -> Asking:
    """Raises BadInput for a key that cannot be one."""
    return Asking(request, actor, await _key(request, actor))


Asks = Annotated[Asking, Depends(asking)]


def as_answer(shown: BaseModel | Shown | idempotency.Answer) -> idempotency.Answer:
    """The bytes of an answer."""
    if isinstance(shown, idempotency.Answer):
        return shown
    body, status = (shown.body, shown.status) if isinstance(shown, Shown) else (shown, 200)
    return idempotency.Answer(status, orjson.dumps(body.model_dump(mode="json", by_alias=True)))


def respond(answer: idempotency.Answer) -> Response:
    """The stored bytes as a response."""
    media_type = "application/json" if answer.status < 400 else problems.MEDIA_TYPE
    headers = {"Idempotent-Replayed": "true"} if answer.is_repeated else {}
    return Response(answer.body, answer.status, headers, media_type)


async def _key(request: Request, actor: Actor) -> idempotency.Key | None:
    name = request.headers.get("idempotency-key")
    if name is None:
        return None
    if not 0 < len(name) <= idempotency.KEY_LENGTH_MAX:
        wanted = f"1 to {idempotency.KEY_LENGTH_MAX} characters"
        raise BadInput(errors=[{"field": "Idempotency-Key", "expected": wanted}])
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return idempotency.Key(actor.id, name, hashlib.sha256(asked + await request.body()).digest())
