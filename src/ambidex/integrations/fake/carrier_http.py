"""The double's API over HTTP (plain ASGI, no web framework): same paths, same JSON, same refusals as EasyPost's."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ambidex.integrations.fake.carrier import FakeCarrier, Json, Refused
from ambidex.kernel.values import dataclass

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
NOT_FOUND = {"error": {"code": "NOT_FOUND", "message": "The requested resource could not be found."}}


@dataclass(frozen=True)
class Reply:
    """An answer before it is written."""

    status: int
    said: Json | bytes


class FakeCarrierApi:
    """An ASGI application over one FakeCarrier."""

    def __init__(self, carrier: FakeCarrier) -> None:
        self.carrier = carrier
        self.calls: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        self.calls.append(f"{scope['method']} {scope['path']}")
        moods = self.carrier.moods
        if moods.slow_seconds:
            await asyncio.sleep(moods.slow_seconds)
        reply = self._reply(scope, body)
        if scope["method"] == "POST" and moods.loses_answers > 0:
            moods.loses_answers -= 1
            reply = Reply(502, {"error": {"message": "the answer was lost"}})
        await _write(send, reply)

    def _reply(self, scope: Scope, body: bytes) -> Reply:
        if self.carrier.moods.down:
            return Reply(503, {"error": {"message": "Service Unavailable"}})
        path = scope["path"]
        if path in self.carrier.papers:
            return Reply(200, self.carrier.papers[path])
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if headers.get("authorization") != f"Basic {_basic(self.carrier.token)}":
            return Reply(401, {"error": {"message": "This api key is not valid."}})
        try:
            return self._shipments(scope["method"], path.removeprefix("/v2/").split("/"), body)
        except Refused as cause:
            return Reply(422, {"error": {"code": "UNPROCESSABLE_ENTITY", "message": str(cause)}})

    def _shipments(self, method: str, path: list[str], body: bytes) -> Reply:
        match method, path:
            case "POST", ["shipments"]:
                return Reply(201, self.carrier.create(json.loads(body)["shipment"]))
            case "GET", ["shipments", name] if found := self.carrier.find(name):
                return Reply(200, found)
            case "POST", ["shipments", ident, "buy"] if ident in self.carrier.shipments:
                return Reply(200, self.carrier.buy(ident, json.loads(body)["rate"]["id"]))
            case "POST", ["shipments", ident, "refund"] if ident in self.carrier.shipments:
                return Reply(200, self.carrier.refund(ident))
        return Reply(404, NOT_FOUND)


def _basic(token: str) -> str:
    return base64.b64encode(f"{token}:".encode()).decode()


async def _read(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        piece = await receive()
        body += bytes(piece.get("body", b""))
        if not piece.get("more_body"):
            return body


async def _write(send: Send, reply: Reply) -> None:
    is_paper = isinstance(reply.said, bytes)
    kind = b"image/svg+xml" if is_paper else b"application/json; charset=utf-8"
    content = reply.said if isinstance(reply.said, bytes) else json.dumps(reply.said).encode()
    start = {"type": "http.response.start", "status": reply.status, "headers": [(b"content-type", kind)]}
    await send(start)
    await send({"type": "http.response.body", "body": content})
