"""schemathesis over the whole OpenAPI document, against a real server: no 5xx, no answer off its schema."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from ambidex.flows.place_order import place_order
from ambidex.flows.shop_port import SYSTEMS
from ambidex.integrations.systems import ConnectedSystems, token_from
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.outside import Outside
from tests.api.test_events import served
from tests.apps import callers_of
from tests.shop import Shop
from tests.story import new_order

EXAMPLES = os.environ.get("AMBIDEX_SCHEMA_EXAMPLES", "2")
# Its lists of items and places may be longer than any address a server takes.
LEFT_OUT = "/api/v1/availability"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


# a program of its own that asks for every operation: minutes on a busy machine
@pytest.mark.timeout(1_200)
async def test_no_answer_is_off_its_schema(own_shop: Shop, tmp_path: Path) -> None:
    await own_shop.shelf("camden", "MUG-01", 50)
    await own_shop.run.perform(SYSTEM, place_order, new_order())
    token = await callers_of(own_shop.run).token("admin")
    outside = Outside({SYSTEMS: ConnectedSystems(token_from({}))})
    async with served(own_shop.run, outside) as address:
        code, said = await _schemathesis(address, token, tmp_path)
    assert code == 0, said[-6000:]


async def _schemathesis(address: str, token: str, folder: Path) -> tuple[int, str]:
    words = [
        *("run", f"{address}/api/openapi.json", "--phases", "fuzzing", "--max-examples", EXAMPLES),
        *("--checks", CHECKS, "--seed", "1", "--generation-deterministic", "--workers", "2", "--no-color"),
        *("--exclude-path", LEFT_OUT),
        *("-H", f"Authorization: Bearer {token}", "--request-timeout", "20"),
    ]
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", *words),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await program.communicate()
    return program.returncode or 0, said.decode()
