"""Tidy rules about tests in a browser: a step that acts is followed by one that waits, so that no slow machine fails."""

import ast
from collections.abc import Iterator

from tests.repo.sources import Source

ACTS = frozenset({"click", "dblclick", "press", "type", "tap", "check", "uncheck", "select_option"})
# What waits by itself for the element it acts on.
GOES_ON = ACTS | {"fill", "focus"}
WAITS = frozenset(
    {"expect", "until", "sent", "loaded", "wait_for_url", "wait_for_function", "wait_for_load_state"}
)
# What answers at once, for whatever page stands there.
ASKS_ONCE = frozenset(
    {"is_visible", "is_hidden", "is_checked", "is_enabled", "text_content", "inner_text", "input_value"}
    | {"get_attribute", "count", "content", "all_text_contents"}
)


def steps_wait_for_the_page(source: Source) -> Iterator[str]:
    """After a click the next step expects something of what comes, or is itself one that waits for its element."""
    if not _plays_a_browser(source):
        return
    for steps in _blocks(source.tree):
        for at, step in enumerate(steps):
            if _outermost(step) not in ACTS:
                continue
            following = next((one for one in steps[at + 1 :] if _awaits(one)), None)
            if following is None or not (_outermost(following) in GOES_ON or _called(following) & WAITS):
                yield f"{step.lineno}: acts on a page, and the next step does not wait for what comes"


def pages_are_expected(source: Source) -> Iterator[str]:
    """`expect` looks until it is so; an assertion on a page looks once. And patience has one place: the conftest."""
    if not _plays_a_browser(source):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assert) and any(isinstance(one, ast.Await) for one in ast.walk(node)):
            asked = _called(node) & ASKS_ONCE
            if asked:
                yield f"{node.lineno}: {min(asked)} looks once, expect waits"
        if isinstance(node, ast.Call) and _name(node).startswith("to_") and _own_patience(node):
            yield f"{node.lineno}: has a patience of its own"


def _plays_a_browser(source: Source) -> bool:
    return source.is_python and source.path.parts[0] == "tests" and "from playwright" in source.text


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            steps = getattr(node, name, None)
            if isinstance(steps, list) and steps and isinstance(steps[0], ast.stmt):
                yield steps


def _awaits(step: ast.stmt) -> bool:
    """Whether it does more than give something a name."""
    return not isinstance(step, ast.Assign) or any(isinstance(one, ast.Await) for one in ast.walk(step))


def _outermost(step: ast.stmt) -> str:
    if (
        isinstance(step, ast.Expr)
        and isinstance(step.value, ast.Await)
        and isinstance(step.value.value, ast.Call)
    ):
        return _name(step.value.value)
    return ""


def _called(node: ast.AST) -> set[str]:
    return {_name(one) for one in ast.walk(node) if isinstance(one, ast.Call)}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _own_patience(call: ast.Call) -> bool:
    return any(each.arg == "timeout" for each in call.keywords)
