"""Talking to one shop over HTTP: its token, its version, its limits; what fails for now, what fails for good.

Never called while a transaction is open (decide, do, record).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httpx

from ambidex.flows.shop_port import PlatformDown, PlatformRefused, Unreadable
from ambidex.integrations.shopify.fields import Json, load
from ambidex.runtime.perform import must_be_outside

VERSION = "2026-07"
TIMEOUT_SECONDS = 8.0
BUSY_TRIES_MAX = 3
BUSY_WAIT_SECONDS_MAX = 2.0
_NEXT = re.compile(r'<[^>]*[?&]page_info=([^&>]+)[^>]*>;\s*rel="?next"?')


class ShopHttp:
    """`client` carries the address of the shop; the token goes into a header and nowhere else."""

    def __init__(self, client: httpx.AsyncClient, *, token: str) -> None:
        self._client = client
        self._headers = {"X-Shopify-Access-Token": token, "Accept": "application/json"}

    async def get(self, path: str, **query: str) -> Json | None:
        """The answer; None when there is no such thing."""
        found, _ = await self.get_page(path, **query)
        return found

    async def get_page(self, path: str, **query: str) -> tuple[Json | None, str]:
        """The answer and the `page_info` of the next page ("" at the end)."""
        answer = await self._ask("GET", path, params=query)
        if answer.status_code == 404:
            return None, ""
        following = _NEXT.search(answer.headers.get("link", ""))
        return _body(answer), unquote(following[1]) if following else ""

    async def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, Json]:
        """The status (below 300, or 422) and what came with it."""
        answer = await self._ask("POST", path, json=body)
        return answer.status_code, _body(answer)

    async def graphql(self, query: str, variables: Mapping[str, Any]) -> Json:
        """The result of the one operation in the query, without user errors."""
        _, answer = await self.post("graphql.json", {"query": query, "variables": dict(variables)})
        result = next(iter((answer.get("data") or {}).values()), None)
        faults = answer.get("errors") or (result or {}).get("userErrors")
        if faults or not isinstance(result, dict):
            raise PlatformRefused(str(faults)[:300])
        return result

    async def _ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        must_be_outside()
        for attempt in range(1, BUSY_TRIES_MAX + 1):
            answer = await self._send(method, path, content)
            if answer.status_code != 429 or attempt == BUSY_TRIES_MAX:
                break
            await asyncio.sleep(_wait(answer))
        _check(answer, path)
        return answer

    async def _send(self, method: str, path: str, content: Mapping[str, Any]) -> httpx.Response:
        address = f"/admin/api/{VERSION}/{path}"
        try:
            return await self._client.request(
                method, address, headers=self._headers, timeout=TIMEOUT_SECONDS, **content
            )
        except httpx.HTTPError as cause:
            raise PlatformDown(type(cause).__name__) from cause


def _check(answer: httpx.Response, path: str) -> None:
    status = answer.status_code
    if status == 429 or status >= 500:
        raise PlatformDown(f"answered {status}")
    if status not in {404, 422} and status >= 300:
        raise PlatformRefused(f"answered {status} to {path.partition('?')[0]}", status=status)


def _wait(answer: httpx.Response) -> float:
    try:
        asked = float(answer.headers.get("retry-after", "1"))
    except ValueError:
        asked = 1.0
    return min(max(asked, 0.1), BUSY_WAIT_SECONDS_MAX)


def _body(answer: httpx.Response) -> Json:
    try:
        return load(answer.content)
    except Unreadable as cause:
        raise PlatformDown(f"answered {answer.status_code} with something that is not JSON") from cause
