"""What is logged: one line per fact, and never the values a person gave us."""

import json

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ambidex.runtime import telemetry
from ambidex.runtime.db import Database


@pytest.fixture(autouse=True)
def as_before() -> object:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("as_json", [True, False])
async def test_a_failure_is_logged_without_the_values(
    own_database: Database, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    telemetry.set_up_logs("info", as_json=as_json)
    customer = "Ama Owusu"
    try:
        async with own_database.engine.connect() as connection:
            await connection.execute(text("SELECT CAST(:name AS int[]) FROM nowhere"), {"name": [customer]})
    except DBAPIError:
        structlog.get_logger().exception("step-failed")
    said = capsys.readouterr().out
    assert "step-failed" in said
    assert "Ama" not in said


async def test_the_program_reads_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.set_up_logs("warning", as_json=True)
    log = structlog.get_logger()
    log.info("not this")
    log.warning("parked", reaction="search", position=7)
    told = json.loads(capsys.readouterr().out)
    assert (told["event"], told["position"], told["level"]) == ("parked", 7, "warning")
