"""The life of a version: written with examples, in shadow, canary, live, archived; and keeping receipts of decisions.

No version goes on that fails one of its examples. Who changes a version of a brand does it one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ambidex.domains.routing import queries, store
from ambidex.domains.routing.events import (
    DayReplayed,
    PricesMade,
    Routed,
    TrialAsked,
    VersionMoved,
    VersionWritten,
)
from ambidex.domains.routing.problems import (
    AnotherInTheWay,
    CannotGoOn,
    ExamplesFail,
    NoExamples,
    NotADraft,
    TooManyTrials,
    TrialIsOver,
    UnknownExample,
    UnknownVersion,
    VersionChanged,
)
from ambidex.domains.routing.rules import examples, price_list, reading
from ambidex.domains.routing.rules.document import DEFAULT_DOCUMENT, parse
from ambidex.domains.routing.rules.trials import (
    TRIAL,
    After,
    Pair,
    Replay,
    Shadow,
    Trial,
    TrialVerb,
    check_span,
)
from ambidex.domains.routing.rules.versions import (
    EVERY_BRAND,
    VERSION,
    Canary,
    NewReceipt,
    Version,
    VersionState,
    VersionVerb,
    check_canary,
)
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import FieldError
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import dataclass, replace
from ambidex.runtime.db import Tx, Write

TRIALS_WAITING_MAX = 5
# one version of a brand in each of these
ALONE = frozenset({VersionState.SHADOW, VersionState.CANARY, VersionState.LIVE})


@dataclass(frozen=True, slots=True)
class Seen:
    """Which version, as its writer saw it: `revision` None takes it as it is."""

    brand: str
    number: int
    revision: int | None = None


async def begin_draft(
    tx: Tx, brand: str, document: Mapping[str, Any] | None = None, *, why: str, of: int | None = None
) -> Version:
    """A new draft; of a copied version it has the examples and, where none is given, the document. BadRules,
    UnknownVersion.
    """
    tx.actor.must_everywhere(Permission.ROUTING_CHANGE)
    await store.take_turn(tx, brand)
    origin = None if of is None else await _seen(tx, Seen(brand, of))
    written = (
        document if document is not None else origin.document if origin is not None else DEFAULT_DOCUMENT
    )
    parse(written)
    version = await store.begin(tx, brand, written)
    if origin is not None:
        await store.copy_examples(tx, version, (brand, origin.number))
    what = "begun" if origin is None else f"copied from {origin.number}"
    await _note(tx, version, store.Change(what, why, after=reading.lines_of(written)), version.revision)
    return version


async def write_draft(tx: Tx, seen: Seen, document: Mapping[str, Any], *, why: str) -> Version:
    """Another text of a draft. BadRules, NotADraft, VersionChanged when it is no longer as it was seen."""
    version = await _draft(tx, seen)
    parse(document)
    moved = await store.write(tx, version, document)
    change = store.Change(
        "rules changed", why, reading.lines_of(version.document), reading.lines_of(document)
    )
    return await _written(tx, version, moved, change)


async def put_example(
    tx: Tx, seen: Seen, name: str, *, situation: Mapping[str, Any], expected: Mapping[str, Any], why: str
) -> Version:
    """Add an example to a draft, or change the one of that name."""
    version = await _draft(tx, seen)
    examples.check(situation, expected)
    await store.put_example(tx, version, name, situation=situation, expected=expected)
    moved = await store.write(tx, version, version.document)
    return await _written(tx, version, moved, store.Change("example written", why, after=name))


async def drop_example(tx: Tx, seen: Seen, name: str, *, why: str) -> Version:
    """Remove an example of a draft. UnknownExample."""
    version = await _draft(tx, seen)
    if not await store.drop_example(tx, version, name):
        raise UnknownExample(name)
    moved = await store.write(tx, version, version.document)
    return await _written(tx, version, moved, store.Change("example removed", why, before=name))


async def go_shadow(tx: Tx, seen: Seen, *, why: str) -> Version:
    """From now on it decides what it would have done, beside every decision. Refused like `go_live`."""
    return await _go_on(tx, await _sound(tx, seen), VersionVerb.SHADOW, why=why)


async def go_canary(tx: Tx, seen: Seen, terms: Canary, *, why: str) -> Version:
    """It decides a share of the orders, watched by a metric. Refused like `go_live`; BadRules names wrong terms."""
    check_canary(terms)
    version = await _sound(tx, seen)
    if await store.lock_in_state(tx, seen.brand, VersionState.LIVE) is None:
        raise CannotGoOn("there is no live version to measure it against", brand=seen.brand)
    return await _go_on(tx, version, VersionVerb.CANARY, why=why, canary=terms)


async def go_live(tx: Tx, seen: Seen, *, why: str) -> Version:
    """It decides all orders of the brand; what did so is archived. UnknownVersion, VersionChanged, NoExamples,
    ExamplesFail, CannotGoOn.
    """
    version = await _sound(tx, seen)
    live = await store.lock_in_state(tx, version.brand, VersionState.LIVE)
    if live is not None and VERSION.allows(version.state, VersionVerb.GO_LIVE):
        await _move(tx, live, VersionVerb.ARCHIVE, why=f"version {version.number} went live")
    return await _go_on(tx, version, VersionVerb.GO_LIVE, why=why)


async def archive(tx: Tx, seen: Seen, *, why: str) -> Version:
    """It decides nothing any more. The live version of every brand stays until another goes live."""
    version = await _taken(tx, seen)
    if version.state is VersionState.LIVE and version.brand == EVERY_BRAND:
        raise CannotGoOn("something must decide: make another version live instead")
    if version.state is VersionState.LIVE:
        tried = await store.lock_in_state(tx, version.brand, VersionState.CANARY)
        if tried is not None:
            raise CannotGoOn(
                f"version {tried.number} is measured against it: archive that first", canary=tried.number
            )
    return await _go_on(tx, version, VersionVerb.ARCHIVE, why=why)


async def roll_back(tx: Tx, seen: Seen, *, why: str) -> Version | None:
    """The canary did harm: live decides all orders again. None when it is no canary any more."""
    version = await _taken(tx, seen)
    if version.state is not VersionState.CANARY:
        return None
    return await _go_on(tx, version, VersionVerb.ROLL_BACK, why=why)


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


async def forget_receipts(tx: Tx, keys: Sequence[tuple[OrderId, int]]) -> int:
    """Old receipts with their snapshots, and what shadows and replays noted beside them; how many were there."""
    return await store.forget_receipts(tx, keys)


async def ask_trial(
    tx: Tx,
    version: Version,
    against: tuple[str, int],
    *,
    from_at: datetime,
    until_at: datetime,
    decisions_max: int,
) -> Trial:
    """What the version would have decided in this span, beside the live one; the worker finds out. TooManyTrials."""
    tx.actor.must_everywhere(Permission.ROUTING_CHANGE)
    check_span(from_at, until_at, decisions_max=decisions_max, now=tx.now)
    if await queries.trials_waiting(tx) >= TRIALS_WAITING_MAX:
        raise TooManyTrials(waiting=TRIALS_WAITING_MAX)
    trial = Trial(
        tx.new_id(), version.brand, version.number, *against, from_at, until_at, decisions_max,
        asked_at=tx.now, asked_by_name=tx.actor.name,
    )  # fmt: skip
    await store.ask_trial(tx, trial)
    _tell(tx, version, TrialAsked(version.brand, version.number, str(trial.trial_id)))
    return trial


async def stop_trial(tx: Tx, trial_id: UUID) -> Trial:
    """It is not needed any more. UnknownTrial, TrialIsOver."""
    tx.actor.must_everywhere(Permission.ROUTING_CHANGE)
    trial = await queries.trial(tx, trial_id)
    if not TRIAL.allows(trial.state, TrialVerb.STOP) or not await store.move_trial(tx, trial, TrialVerb.STOP):
        raise TrialIsOver(state=trial.state.value)
    return await queries.trial(tx, trial_id)


async def break_off(tx: Tx, trial: Trial) -> bool:
    """It cannot go on; False when it has ended meanwhile."""
    return await store.move_trial(tx, trial, TrialVerb.STOP)


async def begin_trial(tx: Tx, trial: Trial, *, total: int) -> bool:
    """So many decisions lie in its span; False when it was stopped."""
    return await store.move_trial(tx, trial, TrialVerb.BEGIN, total=total)


async def step_trial(tx: Tx, trial: Trial, *, looked: int, after: After, pairs: Sequence[Pair]) -> bool:
    return await store.step_trial(tx, trial, looked=looked, after=after, pairs=pairs)


async def finish_trial(tx: Tx, trial: Trial, *, result: Mapping[str, Any]) -> bool:
    return await store.move_trial(tx, trial, TrialVerb.FINISH, result=result)


async def keep_shadows(tx: Tx, found: Sequence[Shadow]) -> None:
    """What a version in shadow would have done, once for a decision."""
    await store.keep_shadows(tx, found)


async def begin_replay(tx: Tx, day: date, *, anew: bool = False) -> Replay:
    """The replay of a day, begun if it was not; `anew`: once more if it had ended."""
    await store.begin_replay(tx, day, anew=anew)
    found = await queries.replay(tx, day)
    assert found is not None, "it was begun above"
    return found


async def step_replay(
    tx: Tx, replay: Replay, *, looked: int, differences: Sequence[tuple[UUID, int, str]], after: After | None
) -> bool:
    """So many decisions were made once more; without `after` the day has ended. False when somebody else did it."""
    if not await store.step_replay(tx, replay, looked=looked, differences=differences, after=after):
        return False
    if after is None:
        same = replay.same + looked - len(differences)
        told = DayReplayed(replay.day.isoformat(), replay.total + looked, same)
        tx.announce(Ref("routing-day", replay.day.isoformat()), told)
    return True


async def _taken(tx: Tx, seen: Seen) -> Version:
    tx.actor.must_everywhere(Permission.ROUTING_CHANGE)
    await store.take_turn(tx, seen.brand)
    return await _seen(tx, seen)


async def _sound(tx: Tx, seen: Seen) -> Version:
    """A version all of whose examples pass."""
    version = await _taken(tx, seen)
    outcomes = await queries.outcomes(tx, version)
    failed = [outcome for outcome in outcomes if not outcome.passes]
    if failed:
        errors = [FieldError(field=one.name, expected="; ".join(one.wrong)) for one in failed]
        raise ExamplesFail(f"{len(failed)} of {len(outcomes)}", errors=errors)
    if not outcomes:
        raise NoExamples(brand=seen.brand, number=seen.number)
    return version


async def _go_on(
    tx: Tx, version: Version, verb: VersionVerb, *, why: str, canary: Canary | None = None
) -> Version:
    """A second canary or shadow of a brand waits until the first is archived."""
    if not VERSION.allows(version.state, verb):
        raise CannotGoOn(f"{version.state.value} version, {verb.value}", state=version.state.value)
    state = VERSION.after(version.state, verb)
    other = await store.lock_in_state(tx, version.brand, state) if state in ALONE else None
    if other is not None:
        raise AnotherInTheWay(
            f"version {other.number} is the {state.value} of this brand", other=other.number
        )
    return await _move(tx, version, verb, why=why, canary=canary)


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


async def _written(tx: Tx, version: Version, moved: int | None, change: store.Change) -> Version:
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
    await store.note(
        tx, version, moved, store.Change(_verb_words(verb, canary), why, version.state, after.state)
    )
    _tell(tx, version, VersionMoved(version.brand, version.number, after.state.value, why))
    return after


def _verb_words(verb: VersionVerb, canary: Canary | None) -> str:
    if canary is None:
        return verb.value.replace("_", " ")
    terms = f"{canary.metric.value} worse by more than {canary.threshold} per mille"
    return f"canary for {canary.share} orders in 1000, back when {terms}"


async def _note(tx: Tx, version: Version, change: store.Change, revision: int) -> None:
    await store.note(tx, version, revision, change)
    _tell(tx, version, VersionWritten(version.brand, version.number, change.what, change.why))


async def _again(tx: Tx, version: Version) -> Version:
    after = await store.lock(tx, version.brand, version.number)
    assert after is not None, "versions are never deleted"
    return after


def _tell(tx: Tx, version: Version, event: Event) -> None:
    tx.announce(Ref("routing-version", f"{version.brand}:{version.number}"), event)


async def keep_prices(
    tx: Tx, made: price_list.PriceList, *, begun_behind: int | None = None
) -> price_list.PriceList:
    """These prices count from now on, as far as they proved themselves; not where a person stopped them since list
    `begun_behind`, when their making began.
    """
    tx.actor.must_everywhere(Permission.ROUTING_CHANGE)
    await store.take_prices_turn(tx)
    newest = None if begun_behind is None else await queries.price_list(tx)
    if newest is not None and newest.is_stopped and newest.number > (begun_behind or 0):
        return newest
    number = await store.keep_prices(tx, made)
    told = PricesMade(number, made.state.value, round(1000 * made.proof.saved))
    tx.announce(Ref("routing-prices", str(number)), told)
    return replace(made, number=number, made_at=tx.now, made_by=tx.actor.name)


async def ask_prices(tx: Tx) -> price_list.PriceList:
    """Have them made and tried anew; the worker begins within a minute, and until then there are none."""
    return await keep_prices(tx, price_list.PriceList(price_list.PricesState.OFF, price_list.WhyOff.ASKED))


async def stop_prices(tx: Tx) -> price_list.PriceList:
    """Nothing is scarcer than anything else until somebody has prices made again."""
    return await keep_prices(
        tx, price_list.PriceList(price_list.PricesState.STOPPED, price_list.WhyOff.PERSON)
    )
