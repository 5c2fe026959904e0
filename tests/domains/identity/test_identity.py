"""Letting people and programs in: hashes only, roles by place and time, limits on wrong tries."""

import asyncio
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.domains import identity
from ambidex.domains.identity import Device, Grant, NewAccount, NewToken, Role, SessionKeys
from ambidex.domains.identity.problems import TooManyAttempts
from ambidex.flows.sign_in import Credentials, sign_in, switch_by_pin
from ambidex.kernel.actor import SYSTEM, Permission
from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Read
from ambidex.runtime.passwords import Passwords
from ambidex.runtime.perform import Run
from tests.conftest import NOON, Clock

HERE, THERE = LocationId(UUID(int=1)), LocationId(UUID(int=2))
_numbers = count()


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(memory_kib=64, rounds=1)


def _keys() -> SessionKeys:
    number = next(_numbers)
    return SessionKeys(f"cookie-{number}", f"csrf-{number}")


async def _account(run: Run, passwords: Passwords, login: str, *grants: Grant) -> None:
    new = NewAccount(
        login=login,
        name=login.title(),
        password_hash=await passwords.hash("correct horse"),
        pin_hash=await passwords.hash("2468"),
        grants=grants or (Grant(Role.ASSOCIATE, HERE),),
    )
    await run.perform(SYSTEM, identity.put_accounts, [new])


async def _signed_in(read: Read, keys: SessionKeys) -> identity.SignedIn:
    found = await identity.actor_for_session(read, keys.cookie)
    assert found is not None
    return found


async def _opened(
    run: Run, passwords: Passwords, login: str, secret: str = "correct horse"
) -> identity.SignedIn:
    return await sign_in(run, passwords, typed=Credentials(login, secret, "127.0.0.1"), keys=_keys())


async def test_signing_in_gives_a_session_at_the_only_place(run: Run, passwords: Passwords) -> None:
    await _account(run, passwords, "ama")
    keys = _keys()
    session = await sign_in(run, passwords, typed=Credentials("AMA ", "correct horse"), keys=keys)
    assert (session.actor.at, session.actor.role, session.csrf) == (HERE, "associate", keys.csrf)
    async with run.reading() as read:
        again = await identity.actor_for_session(read, keys.cookie)
        assert again is not None
        assert again.actor == session.actor
        stored = await read.one(text("SELECT session_hash FROM identity.sessions"))
    assert keys.cookie.encode() not in stored.session_hash


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(run: Run, passwords: Passwords) -> None:
    await _account(run, passwords, "ama")
    for login in ("ama", "nobody"):
        with pytest.raises(identity.WrongCredentials):
            await _opened(run, passwords, login, "wrong password")


async def test_too_many_wrong_tries_close_the_door_for_a_while(
    run: Run, passwords: Passwords, clock: Clock
) -> None:
    await _account(run, passwords, "ama")
    for _ in range(8):
        with pytest.raises(identity.WrongCredentials):
            await _opened(run, passwords, "ama", "wrong password")
    with pytest.raises(TooManyAttempts):
        await _opened(run, passwords, "ama")
    clock.forward(minutes=16)
    assert (await _opened(run, passwords, "ama")).actor.name == "Ama"


async def test_a_right_try_forgets_the_wrong_ones(run: Run, passwords: Passwords) -> None:
    await _account(run, passwords, "ama")
    for _ in range(3):
        for _ in range(6):
            with pytest.raises(identity.WrongCredentials):
                await _opened(run, passwords, "ama", "wrong password")
        await _opened(run, passwords, "ama")


async def test_a_whole_house_signs_in_from_one_address(run: Run, passwords: Passwords) -> None:
    await _account(run, passwords, "ama")
    for _ in range(65):
        await _opened(run, passwords, "ama")
    for n in range(60):
        with pytest.raises(identity.WrongCredentials):
            await _opened(run, passwords, f"guess-{n}", "wrong password")
    with pytest.raises(TooManyAttempts):
        await _opened(run, passwords, "ama")


async def test_a_shared_device_locks_itself_and_is_switched_by_pin(
    run: Run, passwords: Passwords, clock: Clock
) -> None:
    await _account(run, passwords, "ama")
    await _account(run, passwords, "bo")
    await _account(run, passwords, "cy", Grant(Role.ASSOCIATE, THERE))
    async with run.reading() as read:
        account = await identity.account_by_login(read, "ama")
        assert account is not None
        assert [a.login for a in await identity.accounts_at(read, HERE)] == ["ama", "bo"]
    keys = _keys()
    session = await run.perform(
        SYSTEM,
        identity.open_session,
        account,
        keys=keys,
        device=Device("till 2", shared=True, at_location=HERE),
        tried=[],
    )
    clock.forward(minutes=11)
    async with run.reading() as read:
        session = await _signed_in(read, keys)
        assert session.locked
    await _account(run, passwords, "boss", Grant(Role.ADMIN))
    for stranger in ("cy", "boss"):
        with pytest.raises(identity.WrongCredentials):
            await switch_by_pin(run, passwords, session, typed=Credentials(stranger, "2468"), keys=_keys())
    new_keys = _keys()
    switched = await switch_by_pin(run, passwords, session, typed=Credentials("bo", "2468"), keys=new_keys)
    assert (switched.actor.name, switched.actor.at, switched.device.name) == ("Bo", HERE, "till 2")
    async with run.reading() as read:
        assert await identity.actor_for_session(read, keys.cookie) is None


async def test_wrong_pins_are_counted_per_person(run: Run, passwords: Passwords) -> None:
    await _account(run, passwords, "ama")
    session = await _opened(run, passwords, "ama")
    for _ in range(5):
        with pytest.raises(identity.WrongCredentials):
            await switch_by_pin(run, passwords, session, typed=Credentials("ama", "0000"), keys=_keys())
    with pytest.raises(TooManyAttempts):
        await switch_by_pin(run, passwords, session, typed=Credentials("ama", "2468"), keys=_keys())


async def test_the_same_person_spelled_otherwise_is_the_same_person(run: Run, passwords: Passwords) -> None:
    await _account(run, passwords, "ama")
    session = await _opened(run, passwords, "ama")
    for spelled in ("ama", "AMA", " ama", "Ama ", "aMa"):
        with pytest.raises(identity.WrongCredentials):
            await switch_by_pin(run, passwords, session, typed=Credentials(spelled, "0000"), keys=_keys())
    with pytest.raises(TooManyAttempts):
        await switch_by_pin(run, passwords, session, typed=Credentials("amA", "2468"), keys=_keys())


async def test_a_device_in_use_stays_open(run: Run, passwords: Passwords, clock: Clock) -> None:
    await _account(run, passwords, "ama")
    keys = _keys()
    typed = Credentials("ama", "correct horse", device="till 2", shared=True)
    session = await sign_in(run, passwords, typed=typed, keys=keys)
    for _ in range(4):
        clock.forward(minutes=9)
        await run.perform(session.actor, identity.touch, session)
        async with run.reading() as read:
            session = await _signed_in(read, keys)
        assert not session.locked


async def test_signing_out_ends_it(run: Run, passwords: Passwords) -> None:
    await _account(run, passwords, "ama")
    keys = _keys()
    session = await sign_in(run, passwords, typed=Credentials("ama", "correct horse"), keys=keys)
    await run.perform(session.actor, identity.sign_out, session)
    async with run.reading() as read:
        assert await identity.actor_for_session(read, keys.cookie) is None


async def test_a_token_acts_in_its_role_until_revoked(run: Run, clock: Clock) -> None:
    new = NewToken("till", Role.ASSOCIATE, frozenset({HERE}), expires_at=NOON + timedelta(days=1))
    token_id = await run.perform(SYSTEM, identity.create_token, new, secret="s" * 43)
    async with run.reading() as read:
        actor = await identity.actor_for_token(read, "s" * 43)
        assert actor is not None
        assert not await read.all(text("SELECT 1 FROM identity.tokens WHERE token_hash = 's'"))
    assert actor.may(Permission.WORK_DO, at=HERE)
    assert not actor.may(Permission.WORK_DO, at=THERE)
    assert actor.may(Permission.ORDERS_READ, at=THERE)
    await run.perform(SYSTEM, identity.revoke_token, token_id)
    async with run.reading() as read:
        assert await identity.actor_for_token(read, "s" * 43) is None


async def test_a_token_expires(run: Run, clock: Clock) -> None:
    new = NewToken("till", Role.READER, expires_at=NOON + timedelta(days=1))
    await run.perform(SYSTEM, identity.create_token, new, secret="t" * 43)
    clock.forward(days=1)
    async with run.reading() as read:
        assert await identity.actor_for_token(read, "t" * 43) is None


async def test_lead_here_is_only_associate_there(run: Run, passwords: Passwords, clock: Clock) -> None:
    ends = NOON + timedelta(hours=2)
    grants = (Grant(Role.LEAD, HERE), Grant(Role.ASSOCIATE, THERE, ends_at=ends))
    await _account(run, passwords, "ama", *grants)
    keys = _keys()
    await sign_in(run, passwords, typed=Credentials("ama", "correct horse"), keys=keys)
    async with run.reading() as read:
        actor = (await _signed_in(read, keys)).actor
    assert actor.may(Permission.ORDERS_CANCEL, at=HERE)
    assert not actor.may(Permission.ORDERS_CANCEL, at=THERE)
    assert actor.may(Permission.WORK_DO, at=THERE)
    clock.forward(hours=2)
    async with run.reading() as read:
        later = (await _signed_in(read, keys)).actor
    assert not later.may(Permission.WORK_DO, at=THERE)


async def test_nobody_without_a_grant_may_anything(run: Run, passwords: Passwords) -> None:
    await _account(run, passwords, "ama", Grant(Role.ADMIN, ends_at=NOON))
    session = await _opened(run, passwords, "ama")
    assert not any(session.actor.may(permission) for permission in Permission)


async def test_many_tries_at_once_are_counted_one_by_one(own_run: Run) -> None:
    tries = (own_run.perform(SYSTEM, identity.try_once, ["pin:ama"]) for _ in range(12))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 5
    assert sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) == 7
