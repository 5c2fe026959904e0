"""Tidy rules about tests that would fail now and then: by the hour, by what ran before, or by how busy the machine is."""

import ast
import re
from collections.abc import Iterator

from tests.repo.code_rules import Function, functions
from tests.repo.sources import Source

# A question for a plan, not the word; apart, so that this rule is none itself.
PLAN = re.compile(r"\bEXPL" + r"AIN (\(|SELECT|$)")
REAL_CLOCKS = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"})
# Where a limit is the last argument, or has this name.
LIMITED = {"timeout": "", "wait_for": "timeout", "until": "seconds"}
OWN_OF_A_TEST = frozenset({"max_examples", "stateful_step_count"})


def plans_are_read_apart(source: Source) -> Iterator[str]:
    """What earlier tests left in the files of the shared database has a say in its plans."""
    if not _is_test(source) or any(function.name == "database" for function in functions(source)):
        return
    for function in functions(source):
        if any(each.arg.startswith("own_") for each in _arguments(function)):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and PLAN.search(node.value):
                yield f"{node.lineno}: reads a plan on the shared database"


def patience_has_one_place(source: Source) -> Iterator[str]:
    """How long a test waits for what must come stands in tests/waits.py: a number of its own is too short one day."""
    if not _is_test(source):
        return
    for call in _calls(source):
        name = _called(call)
        if name not in LIMITED or (name == "timeout" and ast.unparse(call.func) != "asyncio.timeout"):
            continue
        limits = [each.value for each in call.keywords if each.arg == LIMITED[name]]
        limits += call.args if name == "timeout" else []
        if any(isinstance(limit, ast.Constant) and limit.value is not None for limit in limits):
            yield f"{call.lineno}: {name} has a patience of its own"


def examples_are_drawn_alike(source: Source) -> Iterator[str]:
    """Deadlines, seeds and health checks stand in the profile of tests/conftest.py; a test says how many it wants."""
    if not _is_test(source):
        return
    for call in _calls(source):
        if isinstance(call.func, ast.Name) and call.func.id == "settings":
            other = {each.arg for each in call.keywords} - OWN_OF_A_TEST
            if other:
                yield f"{call.lineno}: {', '.join(map(str, other))} belongs to the profile"


def the_clock_stands_in_tests(source: Source) -> Iterator[str]:
    """Only rigs play real programs, which have real clocks."""
    if not _is_test(source):
        return
    for call in _calls(source):
        if ast.unparse(call.func) in REAL_CLOCKS:
            yield f"{call.lineno}: reads the real clock"


def _is_test(source: Source) -> bool:
    return source.is_python and source.path.parts[0] == "tests" and "rigs" not in source.path.parts


def _calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _arguments(function: Function) -> list[ast.arg]:
    return [*function.args.args, *function.args.kwonlyargs]
