"""The repository keeps its own rules, and each rule can tell good from bad."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.repo import browser_rules, code_rules, flicker_rules, ratchets, text_rules
from tests.repo.sources import ROOT, Source, all_sources, written

Rule = Callable[[Source], Iterator[str]]
RULES: list[Rule] = [
    code_rules.files_are_short,
    code_rules.functions_are_short,
    code_rules.modules_import_few,
    code_rules.modules_say_what_they_are_for,
    code_rules.names_are_words_of_the_shop,
    code_rules.own_code_is_not_patched,
    code_rules.todos_have_an_issue,
    code_rules.ignored_types_have_a_reason,
    code_rules.time_and_chance_are_arguments,
    code_rules.sql_stands_where_it_belongs,
    code_rules.only_perform_commits,
    code_rules.no_statement_in_a_loop,
    code_rules.doors_are_narrow,
    browser_rules.steps_wait_for_the_page,
    browser_rules.pages_are_expected,
    flicker_rules.plans_are_read_apart,
    flicker_rules.patience_has_one_place,
    flicker_rules.examples_are_drawn_alike,
    flicker_rules.the_clock_stands_in_tests,
    text_rules.no_word_of_one_machine,
    text_rules.pages_carry_no_script,
    text_rules.domains_have_known_files,
    text_rules.domains_tell_their_words,
]
TEA = "src/ambidex/domains/tea"
EXPLAINS = "EXPLAIN"
PATCH = "patch"  # apart, so that the examples are none themselves
SLASH = "/"
PLAYS = "from playwright.async_api import expect\nasync def f():\n"
CLICKS = PLAYS + "    await page.button.click()\n"
EXAMPLES: dict[Rule, tuple[list[Source], list[Source]]] = {
    # rule: what it lets pass, what it finds
    browser_rules.steps_wait_for_the_page: (
        [
            written(
                "tests/a.py", CLICKS + "    await expect(new).to_be_visible()\n    await scan(page, 'B-1')\n"
            ),
            written(
                "tests/a.py",
                CLICKS + "    sheet = page.dialog\n    await sheet.button.click()\n    await until(shown)\n",
            ),
        ],
        [
            written("tests/a.py", CLICKS),
            written("tests/a.py", CLICKS + "    await scan(page, 'B-1')\n"),
            written("tests/a.py", CLICKS + "    assert await violations(page) == []\n"),
        ],
    ),
    browser_rules.pages_are_expected: (
        [
            written(
                "tests/a.py",
                PLAYS + "    await expect(one).to_be_visible()\n    assert await overflow(page) == 0\n",
            )
        ],
        [
            written("tests/a.py", PLAYS + "    assert await one.is_visible()\n"),
            written("tests/a.py", PLAYS + "    await expect(one).to_be_visible(timeout=5000)\n"),
        ],
    ),
    flicker_rules.plans_are_read_apart: (
        [
            written("tests/a.py", f"def test(own_run):\n    ask('{EXPLAINS} SELECT 1')\n"),
            written("tests/a.py", f"def database(): ...\ndef test(run):\n    ask('{EXPLAINS} SELECT 1')\n"),
            written("tests/a.py", "def test(run):\n    assert cause == 'EXPLAINED'\n"),
        ],
        [
            written("tests/a.py", f"def test(run):\n    ask('{EXPLAINS} SELECT 1')\n"),
            written("tests/a.py", f"def test(run):\n    ask(f'{EXPLAINS} {{asked}}')\n"),
            written("tests/a.py", f"def test(run):\n    ask('{EXPLAINS} (FORMAT JSON) SELECT 1')\n"),
        ],
    ),
    flicker_rules.patience_has_one_place: (
        [
            written("tests/a.py", "async def f():\n    async with asyncio.timeout(PATIENCE): ...\n"),
            written("tests/a.py", "async def f():\n    await until(done)\n"),
            written("tests/rigs/a.py", "async def f():\n    async with asyncio.timeout(5): ...\n"),
        ],
        [
            written("tests/a.py", "async def f():\n    async with asyncio.timeout(5): ...\n"),
            written("tests/a.py", "async def f():\n    await until(done, seconds=5)\n"),
            written("tests/a.py", "async def f():\n    await asyncio.wait_for(done(), timeout=5)\n"),
        ],
    ),
    flicker_rules.examples_are_drawn_alike: (
        [written("tests/a.py", "@settings(max_examples=50)\ndef test(): ...\n")],
        [written("tests/a.py", "@settings(max_examples=50, deadline=500)\ndef test(): ...\n")],
    ),
    flicker_rules.the_clock_stands_in_tests: (
        [
            written("tests/a.py", "began = time.monotonic()\n"),
            written("tests/rigs/a.py", "now = datetime.now(UTC)\n"),
        ],
        [written("tests/a.py", "now = datetime.now(UTC)\n"), written("tests/a.py", "day = date.today()\n")],
    ),
    code_rules.files_are_short: (
        [written("src/ambidex/api/a.py", "\n" * ratchets.FILE_LINES_MAX)],
        [written("src/ambidex/api/a.py", "\n" * (ratchets.FILE_LINES_MAX + 1))],
    ),
    code_rules.functions_are_short: (
        [written("tests/a.py", "def f():\n" + "    x\n" * (ratchets.FUNCTION_LINES_MAX - 1))],
        [written("tests/a.py", "async def f():\n" + "    x\n" * ratchets.FUNCTION_LINES_MAX)],
    ),
    code_rules.modules_import_few: (
        [written("src/ambidex/api/a.py", "import os\n" * ratchets.IMPORTS_MAX)],
        [written("src/ambidex/api/a.py", "import os\n" * (ratchets.IMPORTS_MAX + 1))],
    ),
    code_rules.modules_say_what_they_are_for: (
        [written("src/ambidex/api/a.py", '"""Orders."""\n'), written("tests/__init__.py", "")],
        [written("src/ambidex/api/a.py", "import os\n"), written("tests/__init__.py", "import os\n")],
    ),
    code_rules.names_are_words_of_the_shop: (
        [
            written("tests/a.py", "metadata = 1\ndef undo(processor): ...\n"),
            written("src/ambidex/database.py", ""),
        ],
        [
            written("tests/a.py", "order_data = 1\n"),
            written("tests/a.py", "class StockManager: ...\n"),
            written("tests/a.py", "def do_it(): ...\n"),
            written("tests/a.py", "def f(*, info): ...\n"),
            written("tests/a.py", "self.handle = 1\n"),
            written("src/ambidex/web/utils.py", ""),
        ],
    ),
    code_rules.own_code_is_not_patched: (
        [written("tests/a.py", f"mock.{PATCH}('smtplib.SMTP')")],
        [written("tests/a.py", f"mock.{PATCH}('ambidex.runtime.db.now')")],
    ),
    code_rules.todos_have_an_issue: (
        [written("tests/a.py", "x = 1  # TODO #17: weigh parcels"), written("tests/a.py", "TODO = 1")],
        [written("tests/a.py", "x = 1  # " + "TODO: weigh parcels")],
    ),
    code_rules.ignored_types_have_a_reason: (
        [written("src/ambidex/api/a.py", "x()  # type: ignore[misc]  # the stub is older than the library")],
        [
            written("src/ambidex/api/a.py", "x()  # type: ignore"),
            written("src/ambidex/api/a.py", "x()  # type: ignore[misc]"),
        ],
    ),
    code_rules.time_and_chance_are_arguments: (
        [
            written(f"{TEA}/rules.py", "def late(now): return now > promised\n"),
            written("src/ambidex/entry/server.py", "import random\n"),
        ],
        [
            written(f"{TEA}/rules.py", "late = datetime.now(UTC) > promised\n"),
            written("src/ambidex/kernel/ref.py", "from uuid import uuid4\nid = uuid4()\n"),
            written("src/ambidex/flows/a.py", "import random\n"),
        ],
    ),
    code_rules.sql_stands_where_it_belongs: (
        [
            written(f"{TEA}/store.py", "from sqlalchemy import select\n"),
            written("src/ambidex/reads/find.py", "import sqlalchemy as sa\n"),
        ],
        [
            written(f"{TEA}/commands.py", "from sqlalchemy import select\n"),
            written("src/ambidex/entry/cli.py", "import asyncpg\n"),
        ],
    ),
    code_rules.only_perform_commits: (
        [written("src/ambidex/runtime/perform.py", "await connection.commit()\n")],
        [written("src/ambidex/flows/a.py", "await tx.commit()\n")],
    ),
    code_rules.no_statement_in_a_loop: (
        [written(f"{TEA}/store.py", "for row in await tx.all(q):\n    seen.append(row)\n")],
        [
            written(f"{TEA}/store.py", "for line in lines:\n    await tx.execute(q)\n"),
            written("src/ambidex/flows/a.py", "while left:\n    await orders.line(tx, left.pop())\n"),
        ],
    ),
    code_rules.doors_are_narrow: (
        [written(f"{TEA}/__init__.py", f"__all__ = {['n'] * ratchets.DOOR_NAMES_MAX}\n")],
        [written(f"{TEA}/__init__.py", f"__all__ = {['n'] * (ratchets.DOOR_NAMES_MAX + 1)}\n")],
    ),
    text_rules.no_word_of_one_machine: (
        [
            written("README.md", "open http://127.0.0.1/work/list and edit src/work/a"),
            written("a.md", "/orders/opt/in"),
        ],
        [
            written("README.md", f"cd {SLASH}home/ama/ambidex"),
            written("requirements.lock", "-i https://pypi" + ".org/simple"),
        ],
    ),
    text_rules.pages_carry_no_script: (
        [written("src/ambidex/web/a.html", '<script type="module" src="/static/a.js"></script><p one="x">')],
        [
            written("src/ambidex/web/a.html", "<script>alert(1)</script>"),
            written("src/ambidex/web/a.html", '<a onclick="go()">'),
        ],
    ),
    text_rules.domains_have_known_files: (
        [
            written(f"{TEA}/model.py", ""),
            written(f"{TEA}/templates/ready.mjml", ""),
            written(f"{TEA}/rules/exact.py", ""),
        ],
        [written(f"{TEA}/service.py", ""), written(f"{TEA}/more/model.py", "")],
    ),
    text_rules.domains_tell_their_words: (
        [written(f"{TEA}/README.md", "# Tea\n## Words\n## States\n## Invariants\n## Events\n")],
        [written(f"{TEA}/README.md", "# Tea\n## Words\n## States\n")],
    ),
}


def name_of(rule: Rule) -> str:
    return rule.__name__


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return list(all_sources())


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_repository_keeps_the_rule(rule: Rule, sources: list[Source]) -> None:
    broken = [f"{source.path}:{found}" for source in sources for found in rule(source)]
    if broken:
        pytest.fail("\n".join([rule.__name__.replace("_", " "), *broken]), pytrace=False)


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_rule_tells_good_from_bad(rule: Rule) -> None:
    good, bad = EXAMPLES[rule]

    assert [found for source in good for found in rule(source)] == []
    for source in bad:
        assert list(rule(source)), f"not found: {source}"


def test_the_rules_look_at_the_whole_repository(sources: list[Source]) -> None:
    seen = {str(source.path) for source in sources}

    assert {
        "dev",
        "README.md",
        "requirements.lock",
        "src/ambidex/runtime/postgres.py",
        "tests/repo/test_tidy.py",
    } <= seen


def test_every_domain_has_a_readme() -> None:
    domains = [
        place for place in (ROOT / "src/ambidex/domains").iterdir() if (place / "__init__.py").exists()
    ]

    assert [place.name for place in domains if not (place / "README.md").exists()] == []


def test_the_lock_file_pins_every_package_with_a_hash() -> None:
    blocks = Path(ROOT / "requirements.lock").read_text().split("\n    --hash")

    assert len(blocks) > 1
    assert all("==" in line and line.endswith("\\") for line in requirement_lines())


def requirement_lines() -> list[str]:
    lines = Path(ROOT / "requirements.lock").read_text().splitlines()
    return [line for line in lines if not line.startswith("    --hash=sha256:")]
