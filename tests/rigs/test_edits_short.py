"""The rig of edits past the program in its short form: each kind once, and once with the guards off."""

from ambidex.runtime.db import Database
from tests.rigs import edits
from tests.rigs.edits import rig
from tests.rigs.edits_kinds import KINDS


async def test_every_edit_past_the_program_is_told_and_nothing_else(own_database: Database) -> None:
    verdict = await rig(
        own_database, plants=len(KINDS), seconds=5, calm=1, every=0.5, seed=1, control=len(KINDS), within=5
    )
    assert verdict.unseen == []
    assert verdict.told_wrongly == []
    assert verdict.control_seen == 0
    assert verdict.ok, verdict


def test_there_are_twenty_kinds() -> None:
    assert len(KINDS) >= 20
    assert sum(bool(rule) for rule, _ in KINDS.values()) >= 20
    assert edits.WITHIN_SECONDS == 60
