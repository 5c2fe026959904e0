"""The import contracts of pyproject.toml: kept by an honest tree, broken by each planted violation.

All violations are planted in one tree and looked for in what is said of their own contract: a run of the linter costs
a second, and what one contract says of an import is not changed by the other imports.
"""

import tomllib
from collections import defaultdict
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
    ("pure", "domains.sugar.rules.exact", "asyncpg"),
    ("inside", "domains.sugar.rules.exact", "ambidex.domains.sugar.store"),
    ("doors", "entry.server", "ambidex.domains.sugar.rules.exact"),
    ("edge", "runtime.db", "fastapi"),
    ("edge", "integrations.shopify", "starlette"),
    ("sql", "api.orders", "sqlalchemy"),
    ("sql", "flows.cancel", "asyncpg"),
    ("sql", "domains.tea.commands", "sqlalchemy"),
]


def contract_names() -> dict[str, str]:
    """The title of each contract by its id."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["id"]: contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


@pytest.fixture(scope="module")
def said_of(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter says of a tree with every planted violation, by the title of the broken contract."""
    extra: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for _, module, imported in PLANTED:
        extra[module] += (imported,)
    kept, said = lint(build(tmp_path_factory.mktemp("planted"), extra))

    assert not kept, said
    return by_contract(said)


def by_contract(said: str) -> dict[str, str]:
    """The broken contracts of a report: each title stands above a line of dashes."""
    lines = said.partition("Broken contracts")[2].splitlines()
    starts = [n for n, under in enumerate(lines[1:]) if lines[n] and set(under) == {"-"}]
    return {
        lines[start]: "\n".join(lines[start:end])
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    }


def test_an_honest_tree_keeps_every_contract(tmp_path: Path) -> None:
    kept, said = lint(build(tmp_path))

    assert kept, said
    assert f"{len(contract_names())} kept, 0 broken" in said


@pytest.mark.parametrize(("contract", "module", "imported"), PLANTED)
def test_a_planted_violation_breaks_its_contract(
    said_of: dict[str, str], contract: str, module: str, imported: str
) -> None:
    said = said_of.get(contract_names()[contract], "")

    assert f"ambidex.{module} -> {imported}" in said, said or said_of.keys()


def test_a_floor_nobody_drew_breaks_the_floors(tmp_path: Path) -> None:
    kept, said = lint(build(tmp_path, {"cellar.wine": ()}), "floors")

    assert not kept
    assert "cellar" in said


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract for contract, _, _ in PLANTED} == set(contract_names())
