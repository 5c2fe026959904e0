"""Tables of governance: who may say what, what tills and warehouses said, their numbers and gaps, and drift."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

FACTS = ("sales", "counts", "receipts", "returns", "claims")
KINDS = ("sale", "return", "void", "receipt", "adjust", "count")
LINE_STATES = ("booked", "voided", "observed", "waiting", "dismissed")
CAUSES = (
    "lost_file", "doubled_delta", "late_sale", "missed_message", "double_restock", "stuck_connector",
    "no_authority", "unknown",
)  # fmt: skip


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(word) for word in words)})"


# what was decided for one place; without a row the kind of place decides (rules.holder_of)
authorities = Table(
    "authorities",
    METADATA,
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    Column("fact", Text, primary_key=True),
    # a kind of system ("till"), the code of one source ("till:store-01"), or "ambidex"
    Column("holder", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("set_by", Text, nullable=False),
    CheckConstraint(_one_of("fact", FACTS), name="fact"),
    schema="governance",
)

# one transaction of a register, or one file of a warehouse; `document` is its own number there
documents = Table(
    "documents",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("document", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", BigInteger),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    # the document of the same stream that this one undoes
    Column("voids", Text, nullable=False, server_default=""),
    # the same for two documents that say the same of the same place, whatever they are called
    Column("content", LargeBinary, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("message_id", UUID(as_uuid=True)),
    CheckConstraint("kind in ('transaction','void','delta','full')", name="kind"),
    schema="governance",
)
Index(
    "ix_documents_voids",
    documents.c.source_id,
    documents.c.stream,
    documents.c.voids,
    postgresql_where=documents.c.voids != "",
)
Index("ix_documents_content", documents.c.source_id, documents.c.content)

# what a document says line by line, exactly once; a full file keeps only the lines that could not be counted
lines = Table(
    "lines",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("document", Text, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    # of a line that names a kit: which component it stands for
    Column("part", SmallInteger, primary_key=True, server_default="0"),
    Column("kind", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("item_id", UUID(as_uuid=True)),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    # units that left (sale), came (return, receipt), changed (adjust, may be negative) or lie there (count)
    Column("units", Integer, nullable=False),
    Column("condition", Text, nullable=False, server_default="sellable"),
    # the receipt that a return names
    Column("reference", Text, nullable=False, server_default=""),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("owner", Text, nullable=False, server_default=""),
    CheckConstraint(_one_of("kind", KINDS), name="kind"),
    CheckConstraint(_one_of("state", LINE_STATES), name="state"),
    CheckConstraint("state <> 'waiting' or (reason <> '' and owner <> '')", name="waiting_is_owned"),
    CheckConstraint("kind = 'adjust' or units >= 0", name="units"),
    CheckConstraint("condition in ('sellable','damaged','quarantine','display')", name="condition"),
    schema="governance",
)
Index("ix_lines_place", lines.c.item_id, lines.c.location_id, lines.c.happened_at)
Index("ix_lines_reference", lines.c.source_id, lines.c.reference, postgresql_where=lines.c.reference != "")
Index("ix_lines_waiting", lines.c.source_id, lines.c.item, postgresql_where=lines.c.state == "waiting")

# one sequence of numbers: a register, or the files of one place
streams = Table(
    "streams",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("last_number", BigInteger),
    Column("last_at", Instant),
    Column("heard_at", Instant, nullable=False),
    # open time that usually lies between two messages; 0 until there were two
    Column("usual_seconds", Float, nullable=False, server_default="0"),
    schema="governance",
)

# numbers that were left out; what arrives late closes them
gaps = Table(
    "gaps",
    METADATA,
    Column("gap_id", UUID(as_uuid=True), primary_key=True),
    Column("source_id", UUID(as_uuid=True), nullable=False),
    Column("stream", Text, nullable=False),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    # between these two moments the missing ones happened
    Column("after_at", Instant, nullable=False),
    Column("before_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    CheckConstraint("low <= high", name="order"),
    schema="governance",
)
Index("ix_gaps_open", gaps.c.source_id, gaps.c.stream, postgresql_where=gaps.c.closed_at.is_(None))
Index("ix_gaps_place", gaps.c.location_id, gaps.c.before_at)

# a stream that said nothing for longer than usual, while its place was open
silences = Table(
    "silences",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("noticed_at", Instant, nullable=False),
    Column("until", Instant),
    schema="governance",
)
Index("ix_silences_place", silences.c.location_id, silences.c.since)

# the newest that a source said lies at a place; `agreed_at` is when our book last said the same
levels = Table(
    "levels",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("units", Integer, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("document", Text, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("agreed_at", Instant),
    schema="governance",
)

drifts = Table(
    "drifts",
    METADATA,
    Column("drift_id", UUID(as_uuid=True), primary_key=True),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("source_id", UUID(as_uuid=True), nullable=False),
    # "stock": what lies there; "shown": what a channel shows; "unheard": facts said without authority
    Column("kind", Text, nullable=False),
    Column("document", Text, nullable=False, server_default=""),
    Column("since", Instant),
    Column("as_of", Instant, nullable=False),
    Column("said", Integer, nullable=False),
    Column("book", Integer, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("value_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("cause", Text, nullable=False, server_default="unknown"),
    Column("certain", Boolean, nullable=False, server_default="false"),
    Column("words", Text, nullable=False, server_default=""),
    Column("evidence", JSONB, nullable=False, server_default="[]"),
    # whether the source may say it: then a sure cause within the limit repairs itself
    Column("authority", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("owner_role", Text, nullable=False),
    Column("task_key", Text, nullable=False, server_default=""),
    Column("opened_at", Instant, nullable=False),
    Column("measured_at", Instant, nullable=False),
    Column("named_at", Instant),
    Column("closed_at", Instant),
    Column("closed_by", Text, nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default=""),
    CheckConstraint("kind in ('stock','shown','unheard')", name="kind"),
    CheckConstraint("state in ('open','repaired','explained','dismissed')", name="state"),
    CheckConstraint(_one_of("cause", CAUSES), name="cause"),
    CheckConstraint("owner_role <> ''", name="owned"),
    CheckConstraint("(state = 'open') = (closed_at is null)", name="closed"),
    schema="governance",
)
Index(
    "uq_drifts_open",
    drifts.c.item_id,
    drifts.c.location_id,
    drifts.c.source_id,
    drifts.c.kind,
    unique=True,
    postgresql_where=drifts.c.state == "open",
)
Index("ix_drifts_opened_at", drifts.c.opened_at)
Index("ix_drifts_task", drifts.c.task_key, postgresql_where=drifts.c.state == "open")
