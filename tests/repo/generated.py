"""Writes docs/generated from the code: states, events, refusals, settings, permissions, operations of the API.

`./dev docs` runs this; tests/repo/test_generated.py fails while a page on disk differs from what it says.
"""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType

import ambidex
from ambidex.api.app import declared_operations
from ambidex.domains.identity.model import Role
from ambidex.domains.identity.rules import ROLE_PERMISSIONS
from ambidex.entry.app import create_app
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.problem import Problem
from ambidex.kernel.states import States
from ambidex.runtime.access import Rule, Scope
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run, utc_now
from ambidex.runtime.settings import SETTINGS
from tests.apps import house_of

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "generated"
ABOUT_API = (
    "Everything that programs may do. A server tells the same, with every field, at `/api/openapi.json`; who has "
    "which permission stands in [permissions](permissions.md), what is refused in [refusals](problems.md)."
)
WHERE = {
    Scope.ANYWHERE: "anywhere",
    Scope.OWN_PLACE: "at the place it is about",
    Scope.FILTERED: "shows own places only",
}
MADE = "*Written by `./dev docs` from the code; change the code, not this page.*"


def modules() -> Iterator[ModuleType]:
    """Every module of the building, in the order of their names."""
    found = pkgutil.walk_packages(ambidex.__path__, "ambidex.")
    for name in sorted(one.name for one in found if not one.name.endswith("__main__")):
        yield importlib.import_module(name)


def machines() -> dict[str, States]:
    """The state machines by name, with the module that declares each."""
    found: dict[str, States] = {}
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, States):
                found.setdefault(value.name, value)
    return dict(sorted(found.items()))


def kinds(base: type) -> list[type]:
    """Every class of ours below a base, in the order of module and name."""
    list(modules())
    below, waiting = set(), [base]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind not in below and kind.__module__.startswith("ambidex."):
                below.add(kind)
                waiting.append(kind)
    return sorted(below, key=lambda kind: (kind.__module__, kind.__name__))


def states_page() -> str:
    """One diagram for each machine, and who must act in each state that waits."""
    parts = ["# States", MADE]
    for name, machine in machines().items():
        arrows = [f"    [*] --> {_drawn(machine.start)}"]
        arrows += [
            f"    {_drawn(origin)} --> {_drawn(to)}: {verb}"
            for (origin, verb), to in sorted(machine.moves.items())
        ]
        arrows += [f"    {_drawn(end)} --> [*]" for end in sorted(machine.ends)]
        parts += [f"## {name}", "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])]
        if machine.waits:
            parts.append(table(("while it is", "the next act is with"), sorted(machine.waits.items())))
    return page(parts)


def events_page() -> str:
    """Each event with its meaning and the fields of its payload."""
    named = [kind for kind in kinds(Event) if isinstance(getattr(kind, "name", None), str)]
    rows = [
        (f"`{kind.name}`", first_line(kind), ", ".join(f"`{one.name}`" for one in dataclasses.fields(kind)))
        for kind in sorted(named, key=lambda kind: str(kind.name))
    ]
    return page(["# Events", MADE, table(("event", "says", "carries"), rows)])


def problems_page() -> str:
    """Each refusal with its code, status and advice."""
    rows = sorted(
        (f"`{kind.code}`", str(kind.status), first_line(kind), kind.advice, "yes" if kind.retryable else "")
        for kind in kinds(Problem)
    )
    head = ("code", "status", "says", "advice", "try again")
    return page(["# Refusals", "Each is `application/problem+json` (RFC 9457).", MADE, table(head, rows)])


def settings_page() -> str:
    """Each variable with its default."""
    rows = [
        (f"`{one.variable}`", f"`{one.default}`" if one.default else "", one.says)
        for one in SETTINGS.values()
    ]
    return page(["# Settings", MADE, table(("variable", "default", "says"), rows)])


def permissions_page() -> str:
    """Who may do what, where a role is granted."""
    rows = [
        (f"`{permission}`", *("yes" if permission in ROLE_PERMISSIONS[role] else "" for role in Role))
        for permission in Permission
    ]
    return page(["# Permissions", MADE, table(("permission", *(str(role) for role in Role)), rows)])


def api_page() -> str:
    """Each operation of the OpenAPI document with who may call it, and where."""
    app = create_app(house_of(Run(Database("postgresql://nobody@127.0.0.1/none"), utc_now)))
    rules = {(one.method, one.path): one.rule for one in declared_operations(app)}
    rows = [
        (method.upper(), f"`{path}`", *_asked(rules[method.upper(), path]), _one_line(said))
        for path, operations in sorted(app.openapi()["paths"].items())
        for method, said in operations.items()
    ]
    head = ("method", "path", "permission", "where", "says")
    return page(["# Operations", ABOUT_API, MADE, table(head, rows)])


PAGES: dict[str, Callable[[], str]] = {
    "states.md": states_page,
    "events.md": events_page,
    "problems.md": problems_page,
    "settings.md": settings_page,
    "permissions.md": permissions_page,
    "api.md": api_page,
}


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _asked(rule: Rule) -> tuple[str, str]:
    """The permission and where it must be held; for the public, why none is needed."""
    if rule.permission is None:
        return "", rule.public_because
    return f"`{rule.permission}`", WHERE[rule.scope]


def _one_line(said: dict[str, str]) -> str:
    return " ".join(said.get("description", said["summary"]).split())


def _drawn(state: object) -> str:
    return str(state).replace("-", "_").replace(" ", "_")


def first_line(kind: type) -> str:
    """What a class says of itself; the text that dataclasses make up says nothing."""
    said = (inspect.cleandoc(kind.__doc__) if kind.__doc__ else "").partition("\n")[0]
    return "" if said.startswith(f"{kind.__name__}(") else said


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, write in PAGES.items():
        (FOLDER / name).write_text(write())
        print(f"wrote docs/generated/{name}")


if __name__ == "__main__":
    main()
