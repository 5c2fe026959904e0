"""Real payloads of other systems, read where they lie beside the checkout; tests skip when they are absent."""

import json
from pathlib import Path
from typing import Any

import pytest

REAL = Path(__file__).resolve().parents[2] / "shared" / "payloads"
OURS = Path(__file__).parent / "inbound" / "samples"


def real(system: str, name: str) -> bytes:
    """The bytes of one real file; skips the test when the folder is not there."""
    place = REAL / system / name
    if not place.exists():
        pytest.skip(f"real payloads are not beside this checkout ({system}/{name})")
    return place.read_bytes()


def real_json(system: str, name: str) -> dict[str, Any]:
    """The same as JSON."""
    found: dict[str, Any] = json.loads(real(system, name))
    return found


def sample(name: str) -> bytes:
    """A made-up payload of the same shape, of our own."""
    return (OURS / name).read_bytes()
