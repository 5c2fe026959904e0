"""A small copy of the building, floors and two domains, in which violations are planted."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INNER = ("model", "rules", "problems", "events", "ports", "tables", "store", "queries", "commands", "jobs")
FLOORS = {
    "kernel": ("money",),
    "runtime": ("db",),
    "reads": ("find",),
    "flows": ("reactions", "cancel"),
    "insights": ("figures",),
    "api": ("orders",),
    "web": ("pages",),
    "integrations": ("shopify",),
    "entry": ("tables", "server"),
}
# What an honest building imports; with these alone every contract is kept.
HONEST = {
    "entry.server": ("ambidex.api.orders", "ambidex.web.pages", "ambidex.domains.tea", "fastapi"),
    "entry.tables": ("ambidex.domains.tea.tables", "ambidex.domains.milk.tables", "sqlalchemy"),
    "api.orders": ("ambidex.flows.cancel", "ambidex.reads.find", "ambidex.domains.tea", "fastapi"),
    "web.pages": ("ambidex.reads.find", "starlette", "jinja2"),
    "flows.cancel": ("ambidex.domains.tea", "ambidex.domains.milk", "ambidex.runtime.db"),
    "flows.reactions": ("ambidex.domains.tea.jobs", "ambidex.domains.milk.events"),
    "reads.find": ("ambidex.domains.tea.tables", "ambidex.domains.milk", "sqlalchemy"),
    "runtime.db": ("ambidex.kernel.money", "sqlalchemy", "asyncpg"),
    "domains.tea": ("ambidex.domains.tea.commands", "ambidex.domains.tea.model"),
    "domains.tea.commands": ("ambidex.domains.tea.store", "ambidex.domains.tea.rules", "ambidex.runtime.db"),
    "domains.tea.store": ("ambidex.domains.tea.tables", "sqlalchemy"),
    "domains.tea.rules": (
        "ambidex.domains.tea.model",
        "ambidex.domains.tea.problems",
        "ambidex.kernel.money",
    ),
}


def build(place: Path, extra: Mapping[str, tuple[str, ...]] | None = None) -> Path:
    """Write the tree and the repository's own contracts into a folder; ``extra`` adds imports to modules."""
    for floor, names in FLOORS.items():
        for name in names:
            write(place, f"{floor}.{name}")
    for domain in ("tea", "milk"):
        for name in INNER:
            write(place, f"domains.{domain}.{name}")
    for name in ("model", "rules.exact", "store"):
        write(place, f"domains.sugar.{name}")
    for planted in (HONEST, extra or {}):
        for module, imports in planted.items():
            write(place, module, imports)
    (place / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return place


def write(place: Path, module: str, imports: tuple[str, ...] = ()) -> None:
    """Make a module with its packages, or add imports to one that is there."""
    folder = place / "ambidex"
    *parents, name = module.split(".")
    for parent in ("", *parents):
        folder = folder / parent
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    file = folder / name / "__init__.py" if (folder / name).is_dir() else folder / f"{name}.py"
    with file.open("a") as text:
        text.writelines(f"import {one}\n" for one in imports)


def lint(place: Path, *contracts: str) -> tuple[bool, str]:
    """Run import-linter, or some of its contracts, on the tree: whether they were kept, and what it said."""
    linter = Path(sys.executable).parent / "lint-imports"
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    ran = subprocess.run(
        [linter, "--no-cache", "--config", place / "pyproject.toml", *chosen],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place), "NO_COLOR": "1", "COLUMNS": "300"},
        check=False,
        text=True,
        capture_output=True,
    )
    return ran.returncode == 0, ran.stdout + ran.stderr
