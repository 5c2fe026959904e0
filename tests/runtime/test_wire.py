"""Statements that go straight to the driver: arrays arrive as they were, and what is refused is refused as before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, MultipleResultsFound

from ambidex.kernel.problem import BadInput
from ambidex.runtime.perform import Run
from ambidex.runtime.refusals import refusal

KINDS: list[tuple[str, list[Any]]] = [
    (
        "text",
        ["", "NULL", None, "a,b", 'say "so"', "C:\\new", "{x}", "line\nand\ttab", "\x01", "Ẹ̀kọ́ 寿司 🍣"],
    ),
    ("uuid", [UUID(int=7), None]),
    ("integer", [0, -1, None, 2**31 - 1]),
    ("bigint", [2**62, None]),
    ("boolean", [True, False, None]),
    ("timestamptz", [datetime(2026, 3, 3, 12, 0, 0, 1, tzinfo=UTC), None]),
    ("jsonb", ['{"a": ["b\\\\n", "q\\"", null]}', None]),
    ("bytea", [b"\x00\xff", None]),
]


@pytest.mark.parametrize(("kind", "values"), KINDS)
async def test_arrays_arrive_as_they_were(run: Run, kind: str, values: list[Any]) -> None:
    asked = text(f"SELECT a.v, a.n FROM unnest(CAST(:v AS {kind}[])) WITH ORDINALITY AS a(v, n) ORDER BY a.n")  # noqa: S608  # ours
    async with run.reading() as read:
        for sent in (values, [], values[:1]):
            found = [row.v for row in await read.all(asked, {"v": sent})]
            assert found == ([{"a": ["b\\n", 'q"', None]}, None][: len(sent)] if kind == "jsonb" else sent)


async def test_the_same_parameter_twice(run: Run) -> None:
    asked = text(
        "SELECT :n + 1 AS more, CAST(:n AS integer) AS n, 'a\\:b' AS said, CAST(:all AS text[])::text AS all"
    )
    async with run.reading() as read:
        row = await read.one(asked, {"n": 4, "all": ["x"]})
    assert (row.more, row.n, row.said, row.all) == (5, 4, "a:b", "{x}")


async def test_what_cannot_be_stored_is_the_callers_mistake(run: Run) -> None:
    for kind, value in (("text", "a\x00b"), ("text", "\ud800"), ("integer", 2**31), ("bigint", 2**70)):
        async with run.reading() as read:
            async with read.connection.begin_nested() as attempt:
                with pytest.raises(DBAPIError) as told:
                    await read.all(text(f"SELECT CAST(:v AS {kind}[])"), {"v": [value]})
                await attempt.rollback()
            assert isinstance(refusal(told.value), BadInput), value


async def test_more_rows_than_one_is_a_mistake(run: Run) -> None:
    async with run.reading() as read:
        assert await read.maybe(text("SELECT 1 WHERE false")) is None
        assert await read.value(text("SELECT 1 WHERE false")) is None
        with pytest.raises(MultipleResultsFound):
            await read.value(text("SELECT generate_series(1, 2)"))


async def test_a_setting_of_one_question_lasts_for_its_reading_and_no_longer(own_run: Run) -> None:
    patience = text("SELECT current_setting('statement_timeout')")
    async with own_run.reading() as read:
        before = await read.value(patience)
        await read.value(text("SELECT set_config('statement_timeout', '600000', true)"))
        assert await read.value(patience) == "10min"
    async with own_run.reading() as read:
        assert await read.value(patience) == before


async def test_an_array_that_rows_are_held_against_is_read_once(own_run: Run) -> None:
    asked = (
        "SELECT n FROM generate_series(1, 9) AS n WHERE n = ANY(CAST(:v AS integer[])) OR n <> ALL(:others)"
    )
    async with own_run.reading() as read:
        told = {"v": [2, 3], "others": list(range(10))}
        assert [row.n for row in await read.all(text(asked), told)] == [2, 3]
        plan = [row[0] for row in await read.all(text(f"EXPLAIN (COSTS OFF) {asked}"), told)]
    assert any("InitPlan" in line for line in plan), plan
    assert not any("Filter" in line and "::text" in line for line in plan), plan


async def test_a_document_with_a_number_of_hundreds_of_digits_can_be_read(own_run: Run) -> None:
    """A row that somebody wrote with other means must not make its page unreadable."""
    async with own_run.reading() as read:
        found = await read.value(text("""SELECT CAST('{"far": 1e400, "near": 1.5}' AS jsonb)"""))
    assert found == {"far": 10**400, "near": 1.5}
