"""Tables of payments: each tender its own, and money facts as reported. Refunded never exceeds captured."""

from sqlalchemy import BigInteger, CheckConstraint, Column, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, append_only

tenders = Table(
    "tenders",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("payment_no", SmallInteger, primary_key=True),
    Column("method", Text, nullable=False, server_default=""),
    Column("provider_reference", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("authorized_minor", BigInteger, nullable=False, server_default="0"),
    Column("captured_minor", BigInteger, nullable=False, server_default="0"),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    Column("expires_at", Instant),
    CheckConstraint(
        "state in ('pending','authorized','captured','partly_refunded','refunded','voided','expired','failed','disputed')",
        name="state",
    ),
    CheckConstraint("0 <= refunded_minor and refunded_minor <= captured_minor", name="refund_within_capture"),
    schema="payments",
)

facts = Table(
    "facts",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("fact_no", SmallInteger, nullable=False),
    Column("payment_no", SmallInteger),
    # authorized, captured, refunded, voided as reported; refund_due: what we owe; agreed: what a person says needs no money
    Column("kind", Text, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reported_by", Text, nullable=False),
    # what tells a repeated report
    Column("reference", Text, primary_key=True),
    Column("cause", Text, nullable=False, server_default=""),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint(
        "kind in ('authorized','captured','refunded','voided','refund_due','agreed')", name="kind"
    ),
    schema="payments",
)
append_only(facts)
