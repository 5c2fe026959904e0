"""Tables of identity: accounts, grants by place and time, sessions, tokens, failed attempts."""

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Column, Index, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

ROLES = (
    "associate", "lead", "picker", "supervisor", "agent", "district", "experience", "reader", "partner", "admin",
    "integration",
)  # fmt: skip
_ROLE_CHECK = "role in (" + ",".join(f"'{role}'" for role in ROLES) + ")"

accounts = Table(
    "accounts",
    METADATA,
    Column("account_id", UUID(as_uuid=True), primary_key=True),
    Column("staff_id", UUID(as_uuid=True), unique=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("pin_hash", Text, nullable=False, server_default=""),
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
    schema="identity",
)

grants = Table(
    "grants",
    METADATA,
    Column("account_id", UUID(as_uuid=True), primary_key=True),
    Column("grant_no", SmallInteger, primary_key=True),
    Column("role", Text, nullable=False),
    # without a place it counts everywhere
    Column("location_id", UUID(as_uuid=True)),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    CheckConstraint(_ROLE_CHECK, name="role"),
    schema="identity",
)

sessions = Table(
    "sessions",
    METADATA,
    Column("session_hash", LargeBinary, primary_key=True),
    Column("account_id", UUID(as_uuid=True), nullable=False),
    Column("device", Text, nullable=False, server_default=""),
    # a shared device belongs to a place, locks itself, and is switched by PIN
    Column("shared", Boolean, nullable=False, server_default="false"),
    Column("at_location", UUID(as_uuid=True)),
    Column("csrf", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("locked_at", Instant),
    Column("revoked_at", Instant),
    schema="identity",
)
Index("ix_sessions_account_id", sessions.c.account_id)

tokens = Table(
    "tokens",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("token_id", UUID(as_uuid=True), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    # none: it counts everywhere
    Column("locations", ARRAY(UUID(as_uuid=True)), nullable=False, server_default="{}"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    CheckConstraint(_ROLE_CHECK, name="role"),
    schema="identity",
)

# failed sign-ins, PINs and guessed guest links, counted per key
attempts = Table(
    "attempts",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("tries", SmallInteger, nullable=False, server_default="1"),
    schema="identity",
)
