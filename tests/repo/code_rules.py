"""Tidy rules about Python code. Each looks at one source and answers with what is wrong, line first."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.repo import ratchets
from tests.repo.sources import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def files_are_short(source: Source) -> Iterator[str]:
    lines = source.text.count("\n")
    if source.is_python and lines > ratchets.FILE_LINES_MAX:
        yield f"has {lines} lines, {ratchets.FILE_LINES_MAX} are allowed"


def functions_are_short(source: Source) -> Iterator[str]:
    for function in functions(source):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > ratchets.FUNCTION_LINES_MAX:
            yield f"{function.lineno}: {function.name} has {lines} lines"


def modules_import_few(source: Source) -> Iterator[str]:
    if not source.is_python or source.floor in {"", "entry"} or source.path.name == "__init__.py":
        return
    count = sum(isinstance(node, ast.Import | ast.ImportFrom) for node in source.tree.body)
    if count > ratchets.IMPORTS_MAX:
        yield f"has {count} imports, {ratchets.IMPORTS_MAX} are allowed"


def modules_say_what_they_are_for(source: Source) -> Iterator[str]:
    is_empty_package = source.path.name == "__init__.py" and not source.text.strip()
    if source.is_python and not is_empty_package and not ast.get_docstring(source.tree):
        yield "has no module docstring"


def names_are_words_of_the_shop(source: Source) -> Iterator[str]:
    if not source.is_python:
        return
    yield from _banned(1, source.path.stem)
    for node in ast.walk(source.tree):
        for name in _names_made_by(node):
            yield from _banned(getattr(node, "lineno", 1), name)


def own_code_is_not_patched(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), 1):
        if source.is_python and re.search(r"""patch(\.object)?\(\s*["']ambidex""", line):
            yield f"{number}: patches our own code"


def todos_have_an_issue(source: Source) -> Iterator[str]:
    for number, comment in comments(source):
        if re.search(r"\b(TODO|FIXME|XXX)\b(?!.*#\d)", comment):
            yield f"{number}: a thing to do without the number of its issue"


def ignored_types_have_a_reason(source: Source) -> Iterator[str]:
    for number, comment in comments(source):
        found = re.match(r"#\s*type:\s*ignore(\[[\w, -]+\]\s+#\s*\w)?", comment)
        if found and not found.group(1):
            yield f"{number}: an ignored type error without its code and a reason"


def time_and_chance_are_arguments(source: Source) -> Iterator[str]:
    if source.floor not in ratchets.BELOW_THE_EDGE or str(source.path) in ratchets.CHANCE_FILES:
        return
    if not source.is_python:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found = modules_of(node) & ratchets.CHANCE_MODULES
        elif isinstance(node, ast.Call):
            found = {ast.unparse(node.func)} & ratchets.CHANCE_CALLS
        else:
            continue
        if found:
            yield f"{node.lineno}: {', '.join(found)} below the edge"


def sql_stands_where_it_belongs(source: Source) -> Iterator[str]:
    if not source.is_python or not source.floor or _may_speak_sql(source):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and modules_of(node) & ratchets.SQL_MODULES:
            yield f"{node.lineno}: SQL outside tables, store, queries, reads and runtime"


def only_perform_commits(source: Source) -> Iterator[str]:
    if not source.is_python or source.floor in {"", "runtime"}:
        return
    for node in ast.walk(source.tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in {"commit", "rollback"}:
            yield f"{called.lineno}: {called.attr} outside runtime"


def no_statement_in_a_loop(source: Source) -> Iterator[str]:
    if not source.is_python or not (source.is_in_domain or source.floor in {"flows", "reads"}):
        return
    for loop in ast.walk(source.tree):
        if isinstance(loop, ast.For | ast.While | ast.AsyncFor):
            for node in (inner for line in loop.body for inner in ast.walk(line)):
                if isinstance(node, ast.Await) and _asks_the_database(node.value):
                    yield f"{node.lineno}: a statement in a loop"


def doors_are_narrow(source: Source) -> Iterator[str]:
    if not (source.is_in_domain and source.path.name == "__init__.py" and len(source.path.parts) == 5):
        return
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = len(ast.literal_eval(node.value))
            if names > ratchets.DOOR_NAMES_MAX:
                yield f"exports {names} names, {ratchets.DOOR_NAMES_MAX} are allowed"


def comments(source: Source) -> Iterator[tuple[int, str]]:
    """Every comment with its line; a text that only looks like one is none."""
    if source.is_python and "#" in source.text:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def functions(source: Source) -> Iterator[Function]:
    if source.is_python:
        yield from (node for node in ast.walk(source.tree) if isinstance(node, Function))


def modules_of(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The top names of what is imported."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return {name.partition(".")[0] for name in names}


def _banned(line: int, name: str) -> Iterator[str]:
    words = [word.lower() for word in WORD.findall(name)]
    banned = set(words) & ratchets.BANNED_WORDS or set(words[:1]) & ratchets.BANNED_FIRST_WORDS
    if banned and name not in ratchets.THEIR_NAMES:
        yield f"{line}: {name} is not a word of the shop"


def _names_made_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        # The name of a test is a sentence.
        yield "" if node.name.startswith("test_") else node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr


def _may_speak_sql(source: Source) -> bool:
    if source.is_in_domain:
        return source.path.name in {"tables.py", "store.py", "queries.py"}
    return source.floor in {"runtime", "reads"} or str(source.path) in ratchets.SQL_FILES


def _asks_the_database(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return False
    first = value.func.value if isinstance(value.func, ast.Attribute) else None
    return any(isinstance(one, ast.Name) and one.id in {"tx", "read"} for one in (first, *value.args[:1]))
