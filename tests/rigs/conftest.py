"""Rigs play whole installations: a slow machine at a busy hour may need minutes for what a quiet one does in twenty seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

HANGS_AFTER_SECONDS = 1_200


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(HANGS_AFTER_SECONDS))
