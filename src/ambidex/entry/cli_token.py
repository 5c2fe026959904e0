"""`ambidex token create | list | revoke`: programs that act in a role."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ambidex.domains import identity, locations
from ambidex.domains.identity import NewToken, Role
from ambidex.entry.installation import OPERATOR, joined
from ambidex.runtime.db import Tx


def arguments(parser: argparse.ArgumentParser) -> None:
    """Three things to do with tokens."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="print a new token, once")
    create.add_argument("--name", required=True)
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--location", action="append", default=[], metavar="CODE", help="none: everywhere")
    create.add_argument(
        "--expires", type=_instant, metavar="DATE", help="such as 2027-01-31; never unless given"
    )
    create.add_argument("--json", action="store_true")
    create.set_defaults(work=_create)
    listing = verbs.add_parser("list", help="the tokens that are valid")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(work=_list)
    revoke = verbs.add_parser("revoke", help="make a token worthless")
    revoke.add_argument("id", type=UUID)
    revoke.add_argument("--json", action="store_true")
    revoke.set_defaults(work=_revoke)


def run(asked: argparse.Namespace) -> int:
    """Do what was asked and print the answer."""
    answer = asyncio.run(asked.work(asked))
    print(json.dumps(answer, default=str) if asked.json else _as_text(answer))
    return 0


async def _create(asked: argparse.Namespace) -> dict[str, Any]:
    secret = f"amb_{secrets.token_urlsafe(32)}"
    async with joined() as installation:
        token_id = await installation.run.perform(OPERATOR, _create_token, asked, secret=secret)
    return {"token": secret, "id": str(token_id)}


async def _create_token(tx: Tx, asked: argparse.Namespace, *, secret: str) -> UUID:
    places = frozenset([(await locations.by_code(tx, code)).location_id for code in asked.location])
    new = NewToken(asked.name, Role(asked.role), places, asked.expires)
    return await identity.create_token(tx, new, secret=secret)


async def _list(_: argparse.Namespace) -> dict[str, Any]:
    async with joined() as installation, installation.run.reading() as read:
        rows = await identity.tokens_list(read)
    return {
        "items": [
            {"id": token_id, "name": name, "role": role, "expires": expires}
            for token_id, name, role, expires in rows
        ]
    }


async def _revoke(asked: argparse.Namespace) -> dict[str, Any]:
    async with joined() as installation:
        await installation.run.perform(OPERATOR, identity.revoke_token, asked.id)
    return {"revoked": str(asked.id)}


def _as_text(answer: dict[str, Any]) -> str:
    if "items" in answer:
        return "\n".join(f"{row['id']}  {row['role']:<12} {row['name']}" for row in answer["items"])
    return str(answer.get("token", answer.get("revoked")))


def _instant(text: str) -> datetime:
    """A day or an instant; without a zone it is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
