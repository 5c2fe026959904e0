"""Rows that somebody changed past the program, by the database's own word: who, when, which row.

Connections of the program carry a mark (`MARK`). A row changed without it is noted by a trigger in the transaction that changes
it; with it the trigger's condition is all that is asked. Who fakes the mark is met in turn by the live audit, not here.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Identity, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from ambidex.runtime.db import METADATA, Tx
from ambidex.runtime.tables import Instant, after_create, before_any, refuse_when

# asked for each row that the program writes: comparing with a word would cost ten times as much
PAST_THE_PROGRAM = "current_setting('ambidex.program', true) IS NULL"
_NOTE_TOUCH = r"""
CREATE OR REPLACE FUNCTION runtime.note_touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was jsonb := to_jsonb(OLD);
  is_now jsonb := to_jsonb(NEW);
  changed text[] := '{}';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(n.key ORDER BY n.key) INTO changed FROM jsonb_each(is_now) AS n WHERE n.value IS DISTINCT FROM was -> n.key;
    IF changed IS NULL THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO runtime.touched (touched_at, began_at, xact, role, program, place, verb, columns, keys)
  SELECT clock_timestamp(), transaction_timestamp(), pg_current_xact_id()::text::bigint, session_user,
         left(current_setting('application_name'), 60), TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_OP, changed,
         coalesce(jsonb_agg(DISTINCT k.keys), '[]')
    FROM (VALUES (was), (is_now)) AS r (said)
   CROSS JOIN LATERAL (SELECT jsonb_object_agg(c.key, c.value) AS keys FROM jsonb_each(r.said) AS c
          WHERE c.value <> 'null' AND (c.key ~ '_(id|no)$' OR c.key = 'position')) AS k
   WHERE r.said IS NOT NULL;
  RETURN NULL;
END $$
"""
before_any(_NOTE_TOUCH)

touched = Table(
    "touched",
    METADATA,
    Column("touch_id", BigInteger, Identity(always=True), primary_key=True),
    Column("touched_at", Instant, nullable=False),
    # of its transaction; the number alone comes again in a restored cluster
    Column("began_at", Instant, nullable=False),
    Column("xact", BigInteger, nullable=False),
    Column("role", Text, nullable=False),
    # what the connection calls itself: anybody may write anything there
    Column("program", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("columns", ARRAY(Text), nullable=False),
    # ids and numbers that name the row, before and after where they differ
    Column("keys", JSONB, nullable=False),
    schema="runtime",
)
# whoever edits past the program does not also take the note away
refuse_when(touched, "touched_stay", "UPDATE OR DELETE", PAST_THE_PROGRAM)
after_create(
    touched,
    f"CREATE TRIGGER touched_no_truncate BEFORE TRUNCATE ON runtime.touched FOR EACH STATEMENT "
    f"WHEN ({PAST_THE_PROGRAM}) EXECUTE FUNCTION runtime.refuse_change()",
)


def noted(table: Table) -> None:
    """Rows of this table that are changed past the program are noted, also while a session plays replica."""
    name = f"{table.schema}.{table.name}"
    for suffix, verbs, each in (
        ("touched", "INSERT OR DELETE OR UPDATE", "ROW"),
        ("emptied", "TRUNCATE", "STATEMENT"),
    ):
        trigger = f"{table.name}_{suffix}"
        after_create(
            table,
            f"CREATE TRIGGER {trigger} AFTER {verbs} ON {name} FOR EACH {each} "
            f"WHEN ({PAST_THE_PROGRAM}) EXECUTE FUNCTION runtime.note_touch()",
        )
        after_create(table, f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {trigger}")


async def forget(tx: Tx, notes: Sequence[int]) -> None:
    """These were looked at."""
    if notes:
        await tx.run(_FORGET, {"notes": list(notes)})


_FORGET = text("DELETE FROM runtime.touched WHERE touch_id = ANY(CAST(:notes AS bigint[]))")
