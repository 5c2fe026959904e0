"""`ambidex audit --json`: one JSON object and exit 0, or exit 1 with every violation named."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from ambidex.entry.audit import THINGS, audit, sentences
from ambidex.entry.cli_audit import answer
from ambidex.reads.audit import Report, Violation
from ambidex.reads.audit_checks import COUNTED
from ambidex.reads.audit_guards import AUDIT
from tests.conftest import Clock
from tests.reads.house import house_with_a_past
from tests.shop import Shop


async def test_the_command_answers_in_json_and_by_its_exit_code(
    own_shop: Shop, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    await house_with_a_past(own_shop, clock)
    capsys.readouterr()
    code = answer(await audit(own_shop.run), as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert (code, report["ok"], report["violations"]) == (0, True, [])
    assert report["checked"]["1 stock"] > 0

    async with own_shop.run.database.engine.begin() as connection:
        await connection.execute(text("UPDATE orders.orders SET reference = 'W-1'"))
    report_after = await audit(own_shop.run)
    assert answer(report_after, as_json=True) == 1
    found = json.loads(capsys.readouterr().out)["violations"]
    assert {one["rule"] for one in found} == {"one order for each source and reference"}
    assert answer(report_after, as_json=False) == 1
    assert "7 inbox | one order for each source and reference | source" in capsys.readouterr().out


def test_a_person_reads_what_was_counted_and_how_many_rules_asked() -> None:
    assert {*COUNTED, AUDIT} == set(THINGS)
    one = Violation("2 quantity", "a rule", "order 7", "3 of 4")
    words = sentences(Report({"1 stock": 3929, "2 quantity": 108, AUDIT: 12}, (one,)))
    assert "rules asked of 3,929 shelf positions with their ledger, no violations" in words
    assert "108 order lines, 1 violation\n" in words
    assert "8 audit: " in words
    assert "  2 quantity | a rule | order 7 | 3 of 4" in words
