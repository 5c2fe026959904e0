"""Every kind of system we speak with, and the connections to single sources, opened when first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from ambidex.domains import channels
from ambidex.flows.shop_port import ShopPort, SourceSystem
from ambidex.integrations.easypost.messages import EasyPost
from ambidex.integrations.shopify.http import ShopHttp
from ambidex.integrations.shopify.messages import Shopify
from ambidex.integrations.shopify.shop import ShopifyShop
from ambidex.integrations.till.messages import Till
from ambidex.integrations.warehouse.messages import Warehouse

# what reads an access token: the source's code in, the token out ("" when there is none)
TokenOf = Callable[[str], str]
KINDS: Mapping[str, SourceSystem] = {
    "shopify": Shopify(),
    "till": Till(),
    "warehouse": Warehouse(),
    "third_party": Warehouse(),
    "easypost": EasyPost(),
}


class ConnectedSystems:
    """The protocol Systems over HTTP. `transport` lets tests and the simulator stand in for the network."""

    def __init__(self, token_of: TokenOf, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._token_of = token_of
        self._transport = transport
        self._clients: dict[str, httpx.AsyncClient] = {}

    def of_kind(self, kind: str) -> SourceSystem | None:
        """How systems of this kind talk."""
        return KINDS.get(kind)

    def shop(self, source: channels.Source) -> ShopPort | None:
        """The connection that `connection.url` of the source names."""
        url, token = str(source.connection.get("url", "")), self._token_of(source.code)
        if source.kind != "shopify" or not url or not token:
            return None
        return ShopifyShop(ShopHttp(self._client(url), token=token))

    async def close(self) -> None:
        """Give all connections back."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def _client(self, url: str) -> httpx.AsyncClient:
        if url not in self._clients:
            self._clients[url] = httpx.AsyncClient(base_url=url, transport=self._transport)
        return self._clients[url]


def token_from(environment: Mapping[str, str]) -> TokenOf:
    """Tokens stand in the environment: AMBIDEX_SOURCE_TOKEN_SHOPIFY_MAIN for the source shopify:main."""

    def token_of(code: str) -> str:
        name = "".join(letter if letter.isalnum() else "_" for letter in code.upper())
        return environment.get(f"AMBIDEX_SOURCE_TOKEN_{name}", "")

    return token_of
