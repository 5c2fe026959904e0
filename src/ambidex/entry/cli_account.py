"""`ambidex account create`: the sign-in of a person; the password comes from standard input, never from the command line."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import sys

from ambidex.domains import identity, locations
from ambidex.domains.identity import Grant, NewAccount, Role
from ambidex.entry.installation import OPERATOR, joined
from ambidex.runtime.db import Tx
from ambidex.runtime.passwords import Passwords


def arguments(parser: argparse.ArgumentParser) -> None:
    """Who, as what, where."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="create a sign-in, or change it; asks for the password")
    create.add_argument("--login", required=True)
    create.add_argument("--name", required=True)
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--location", action="append", default=[], metavar="CODE", help="none: everywhere")
    create.add_argument("--pin", action="store_true", help="ask for a PIN for shared devices, too")
    create.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """Ask for the password, hash it, store the account."""
    password, pin = _ask("Password: "), _ask("PIN: ") if asked.pin else ""
    identity.check_secrets(password=password, pin=pin)
    asyncio.run(_create(asked, password=password, pin=pin))
    print(json.dumps({"login": asked.login}) if asked.json else f"{asked.login} can sign in.")
    return 0


def _ask(prompt: str) -> str:
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


async def _create(asked: argparse.Namespace, *, password: str, pin: str) -> None:
    passwords = Passwords()
    hashes = await passwords.hash(password), await passwords.hash(pin) if pin else ""
    async with joined() as installation:
        await installation.run.perform(OPERATOR, _put, asked, password_hash=hashes[0], pin_hash=hashes[1])


async def _put(tx: Tx, asked: argparse.Namespace, *, password_hash: str, pin_hash: str) -> None:
    known = await locations.by_codes(tx, asked.location)
    for code in asked.location:
        if code not in known:
            raise locations.UnknownLocation(code)
    role = Role(asked.role)
    grants = tuple(Grant(role, place.location_id) for place in known.values()) or (Grant(role),)
    new = NewAccount(asked.login.lower(), asked.name, password_hash, grants, pin_hash=pin_hash)
    await identity.put_accounts(tx, [new])
