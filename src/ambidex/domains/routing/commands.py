"""The life of a version, and keeping receipts. Whether its examples pass is found out by flows, which know the engine's
facts; here a version goes on only when it is told so for the revision that it has now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ambidex.domains.routing import store
from ambidex.domains.routing.events import Routed, VersionMoved, VersionWritten
from ambidex.domains.routing.problems import (
    CannotGoOn,
    NotADraft,
    UnknownExample,
    UnknownVersion,
    VersionChanged,
)
from ambidex.domains.routing.rules.document import parse
from ambidex.domains.routing.rules.reading import lines_of
from ambidex.domains.routing.rules.versions import (
    VERSION,
    Canary,
    NewReceipt,
    Version,
    VersionState,
    VersionVerb,
)
from ambidex.domains.routing.store import Change
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx, Write

# one version of a brand in each of these; another that comes takes its place or is in the way
ALONE = {
    VersionVerb.SHADOW: VersionState.SHADOW,
    VersionVerb.CANARY: VersionState.CANARY,
    VersionVerb.GO_LIVE: VersionState.LIVE,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Which version, as its writer saw it: `revision` None takes it as it is."""

    brand: str
    number: int
    revision: int | None = None


async def begin_draft(
    tx: Tx, brand: str, document: Mapping[str, Any], *, why: str, of: int | None = None
) -> Version:
    """A new draft; with the examples of version `of`. BadRules, UnknownVersion."""
    tx.actor.must_everywhere(Permission.ROUTING_CHANGE)
    parse(document)
    await store.take_turn(tx, brand)
    version = await store.begin(tx, brand, document)
    if of is not None:
        if await store.lock(tx, brand, of) is None:
            raise UnknownVersion(brand=brand, number=of)
        await store.copy_examples(tx, version, (brand, of))
    what = "begun" if of is None else f"copied from {of}"
    await _note(tx, version, Change(what, why, after=lines_of(document)), version.revision)
    return version


async def write_draft(tx: Tx, seen: Seen, document: Mapping[str, Any], *, why: str) -> Version:
    """Another text of a draft. BadRules, NotADraft, VersionChanged when it is no longer as it was seen."""
    version = await _draft(tx, seen)
    parse(document)
    moved = await store.write(tx, version, document)
    change = Change("rules changed", why, lines_of(version.document), lines_of(document))
    return await _written(tx, version, moved, change)


async def put_example(
    tx: Tx, seen: Seen, name: str, *, situation: Mapping[str, Any], expected: Mapping[str, Any], why: str
) -> Version:
    """Add an example to a draft, or change the one of that name."""
    version = await _draft(tx, seen)
    await store.put_example(tx, version, name, situation=situation, expected=expected)
    moved = await store.write(tx, version, version.document)
    return await _written(tx, version, moved, Change("example written", why, after=name))


async def drop_example(tx: Tx, seen: Seen, name: str, *, why: str) -> Version:
    """Remove an example of a draft. UnknownExample."""
    version = await _draft(tx, seen)
    if not await store.drop_example(tx, version, name):
        raise UnknownExample(name)
    moved = await store.write(tx, version, version.document)
    return await _written(tx, version, moved, Change("example removed", why, before=name))


async def locked(tx: Tx, seen: Seen) -> Version:
    """A version for whoever decides about it now; the brand's turn is taken. UnknownVersion, VersionChanged."""
    tx.actor.must_everywhere(Permission.ROUTING_CHANGE)
    await store.take_turn(tx, seen.brand)
    return await _seen(tx, seen)


async def go_on(
    tx: Tx, version: Version, verb: VersionVerb, *, why: str, canary: Canary | None = None
) -> Version:
    """Move a version that `locked` gave. What is live is archived when another goes live; a second canary or shadow
    must wait. CannotGoOn.
    """
    if not VERSION.allows(version.state, verb):
        raise CannotGoOn(f"{version.state} version, {verb.value}", state=version.state.value)
    if verb in ALONE and (other := await store.lock_in_state(tx, version.brand, ALONE[verb])):
        if verb is not VersionVerb.GO_LIVE:
            raise CannotGoOn(
                f"version {other.number} is the {other.state.value} of this brand", other=other.number
            )
        await _move(tx, other, VersionVerb.ARCHIVE, why=f"version {version.number} went live")
    return await _move(tx, version, verb, why=why, canary=canary)


def begin(new: Sequence[NewReceipt]) -> Write:
    """The first receipts of orders that are being placed, in the one statement of placing; the order's event tells."""
    return store.begun(new)


async def record(tx: Tx, new: Sequence[NewReceipt]) -> list[NewReceipt]:
    """Receipts of later decisions, the orders locked: numbered after those they have, and told."""
    if not new:
        return []
    last = Counter(await store.last_numbers(tx, [one.order_id for one in new]))
    numbered = []
    for one in new:
        last[one.order_id] += 1
        numbered.append(replace(one, receipt_no=last[one.order_id]))
    await tx.write(store.begun(numbered))
    for one in numbered:
        told = Routed(one.receipt_no, one.receipt.chosen.sites, one.receipt.version)
        tx.announce(Ref("order", str(one.order_id)), told, order_id=one.order_id, cause=one.cause)
    return numbered


async def _draft(tx: Tx, seen: Seen) -> Version:
    tx.actor.must_everywhere(Permission.ROUTING_CHANGE)
    version = await _seen(tx, seen)
    if version.state is not VersionState.DRAFT:
        raise NotADraft(f"version {version.number} is {version.state.value}", state=version.state.value)
    return version


async def _seen(tx: Tx, seen: Seen) -> Version:
    version = await store.lock(tx, seen.brand, seen.number)
    if version is None:
        raise UnknownVersion(brand=seen.brand, number=seen.number)
    if seen.revision not in {None, version.revision}:
        said = f"{version.changed_by_name} changed it; it is revision {version.revision} now"
        raise VersionChanged(said, by=version.changed_by_name, revision=version.revision)
    return version


async def _written(tx: Tx, version: Version, moved: int | None, change: Change) -> Version:
    assert moved is not None, "a locked draft stays what it is"
    await _note(tx, version, change, moved)
    return await _again(tx, version)


async def _move(
    tx: Tx, version: Version, verb: VersionVerb, *, why: str, canary: Canary | None = None
) -> Version:
    moved = await store.move(tx, version, verb, canary=canary)
    if moved is None:
        raise VersionChanged(brand=version.brand, number=version.number)
    after = await _again(tx, version)
    await store.note(tx, version, moved, Change(_verb_words(verb, canary), why, version.state, after.state))
    _tell(tx, version, VersionMoved(version.brand, version.number, after.state.value, why))
    return after


def _verb_words(verb: VersionVerb, canary: Canary | None) -> str:
    if canary is None:
        return verb.value.replace("_", " ")
    terms = f"{canary.metric.value} worse by more than {canary.threshold} per mille"
    return f"canary for {canary.share} orders in 1000, back when {terms}"


async def _note(tx: Tx, version: Version, change: Change, revision: int) -> None:
    await store.note(tx, version, revision, change)
    _tell(tx, version, VersionWritten(version.brand, version.number, change.what, change.why))


async def _again(tx: Tx, version: Version) -> Version:
    after = await store.lock(tx, version.brand, version.number)
    assert after is not None, "versions are never deleted"
    return after


def _tell(tx: Tx, version: Version, event: Event) -> None:
    tx.announce(Ref("routing-version", f"{version.brand}:{version.number}"), event)
