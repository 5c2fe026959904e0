"""`ambidex source create | rotate | list`: systems that send to us."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from ambidex.domains import channels
from ambidex.domains.channels import NewSource, Source
from ambidex.entry.installation import OPERATOR, joined
from ambidex.runtime.db import Tx


def arguments(parser: argparse.ArgumentParser) -> None:
    """Three things to do with sources."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="register a system")
    create.add_argument("--kind", required=True, help="such as shopify")
    create.add_argument("--code", required=True, help="such as shopify:main")
    create.add_argument("--secret", default="", help="what it signs with")
    create.add_argument("--channel", default="web")
    create.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="where its own API is"
    )
    create.add_argument("--speaker", action="append", default=[], metavar="MESSAGE=us|platform")
    create.set_defaults(work=_create)
    rotate = verbs.add_parser("rotate", help="a new secret; the old one is good for an hour")
    rotate.add_argument("--code", required=True)
    rotate.add_argument("--secret", required=True)
    rotate.set_defaults(work=_rotate)
    verbs.add_parser("list", help="the systems that are registered").set_defaults(work=_list)
    for verb in verbs.choices.values():
        verb.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """Do what was asked and print the answer."""
    answer = asyncio.run(asked.work(asked))
    print(json.dumps(answer) if asked.json else _as_text(answer))
    return 0


async def _create(asked: argparse.Namespace) -> dict[str, Any]:
    new = NewSource(
        code=asked.code,
        kind=asked.kind,
        channel=asked.channel,
        secret=asked.secret,
        speakers=dict(_pair(text) for text in asked.speaker),
        connection=dict(_pair(text) for text in asked.set),
    )
    async with joined() as installation:
        return _shown(await installation.run.perform(OPERATOR, channels.register, new))


async def _rotate(asked: argparse.Namespace) -> dict[str, Any]:
    async with joined() as installation:
        return _shown(
            await installation.run.perform(OPERATOR, _rotate_secret, asked.code, secret=asked.secret)
        )


async def _rotate_secret(tx: Tx, code: str, *, secret: str) -> Source:
    source = await channels.source(tx, code)
    await channels.rotate_secret(tx, source, secret)
    return source


async def _list(_: argparse.Namespace) -> dict[str, Any]:
    async with joined() as installation, installation.run.reading() as read:
        page = await channels.page(read, limit=200)
    return {"items": [_shown(source) for source in page.items]}


def _shown(source: Source) -> dict[str, Any]:
    return {
        "code": source.code,
        "url": f"/api/v1/inbound/{source.code}",
        "kind": source.kind,
        "channel": source.channel,
    }


def _as_text(answer: dict[str, Any]) -> str:
    rows = answer.get("items", [answer])
    return "\n".join(f"{row['code']:<24} {row['kind']:<12} POST {row['url']}" for row in rows)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise SystemExit(f"{text!r}: NAME=VALUE was expected")
    return name, value
