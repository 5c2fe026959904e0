"""The import contracts of pyproject.toml: kept by an honest tree, broken by each planted violation."""

import tomllib
from pathlib import Path

import pytest

from tests.repo.small_tree import ROOT, build, lint

PLANTED = [
    # contract, the module that goes too far, what it imports
    ("floors", "kernel.money", "ambidex.runtime.db"),
    ("floors", "runtime.db", "ambidex.domains.tea"),
    ("floors", "domains.tea.commands", "ambidex.reads.find"),
    ("floors", "reads.find", "ambidex.flows.cancel"),
    ("floors", "flows.cancel", "ambidex.insights.figures"),
    ("floors", "flows.cancel", "ambidex.integrations.shopify"),
    ("floors", "api.orders", "ambidex.web.pages"),
    ("floors", "web.pages", "ambidex.entry.server"),
    ("domains", "domains.tea.commands", "ambidex.domains.milk"),
    ("domains", "domains.milk", "ambidex.domains.tea.model"),
    ("inside", "domains.tea.rules", "ambidex.domains.tea.store"),
    ("inside", "domains.tea.store", "ambidex.domains.tea.queries"),
    ("inside", "domains.tea.commands", "ambidex.domains.tea.jobs"),
    ("inside", "domains.tea.model", "ambidex.domains.tea.events"),
    ("doors", "api.orders", "ambidex.domains.tea.commands"),
    ("doors", "flows.cancel", "ambidex.domains.milk.store"),
    ("doors", "reads.find", "ambidex.domains.tea.queries"),
    ("doors", "entry.server", "ambidex.domains.tea.rules"),
    ("tables", "flows.cancel", "ambidex.domains.tea.tables"),
    ("tables", "entry.server", "ambidex.domains.tea.tables"),
    ("pure", "kernel.money", "httpx"),
    ("pure", "domains.milk.rules", "sqlalchemy"),
    ("pure", "domains.milk.model", "ambidex.runtime.db"),
    ("edge", "runtime.db", "fastapi"),
    ("edge", "integrations.shopify", "starlette"),
    ("sql", "api.orders", "sqlalchemy"),
    ("sql", "flows.cancel", "asyncpg"),
    ("sql", "domains.tea.commands", "sqlalchemy"),
]


def contract_ids() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]]


def test_an_honest_tree_keeps_every_contract(tmp_path: Path) -> None:
    kept, said = lint(build(tmp_path))

    assert kept, said
    assert f"{len(contract_ids())} kept, 0 broken" in said


@pytest.mark.parametrize(("contract", "module", "imported"), PLANTED)
def test_a_planted_violation_breaks_its_contract(
    tmp_path: Path, contract: str, module: str, imported: str
) -> None:
    kept, said = lint(build(tmp_path, {module: (imported,)}), contract)

    assert not kept, said
    assert f"ambidex.{module} -> {imported}" in said


def test_a_floor_nobody_drew_breaks_the_floors(tmp_path: Path) -> None:
    kept, said = lint(build(tmp_path, {"cellar.wine": ()}), "floors")

    assert not kept
    assert "cellar" in said


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract for contract, _, _ in PLANTED} == set(contract_ids())
