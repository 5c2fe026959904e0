"""Tables of inventory: an append-only double-entry ledger, positions projected from it, and claims on stock.

On hand changes only by a ledger entry. A reservation claims sellable units; a hold claims them until it expires.
"""

from sqlalchemy import CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, append_only

CONDITIONS = ("sellable", "suspect", "staged", "damaged", "quarantine", "display")
ACCOUNTS_OUTSIDE = ("supplier", "customer", "written_off", "found", "in_transit", "package")

positions = Table(
    "positions",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    *(Column(condition, Integer, nullable=False, server_default="0") for condition in CONDITIONS),
    Column("reserved", Integer, nullable=False, server_default="0"),
    Column("held", Integer, nullable=False, server_default="0"),
    Column("safety", Integer, nullable=False, server_default="0"),
    # claims that a physical fact left without stock; open shorts cover exactly this
    Column("gap", Integer, nullable=False, server_default="0"),
    Column("spot", Text, nullable=False, server_default=""),
    # grows with each change, so that what is recorded now comes after all that was recorded before
    Column("changed_at", Instant, nullable=False),
    # as of when the last count holds; facts from before it change the shelf no more
    Column("counted_at", Instant),
    # when the latest entry of its ledger happened; what is older comes between facts
    Column("booked_at", Instant),
    CheckConstraint(
        " and ".join(f"{c} >= 0" for c in (*CONDITIONS, "reserved", "held", "gap", "safety")),
        name="none_negative",
    ),
    CheckConstraint("reserved + held <= sellable + gap", name="never_oversold"),
    schema="inventory",
)
Index("ix_positions_location_id", positions.c.location_id)

ledger = Table(
    "ledger",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("entry_id", UUID(as_uuid=True), primary_key=True),
    # quantity leaves from_account and enters to_account: a condition at the location, or an account outside
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("from_account", Text, nullable=False),
    Column("to_account", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("order_id", UUID(as_uuid=True)),
    Column("actor_id", Text, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default="[]"),
    # the system that said it ('' is Ambidex itself) and its document
    Column("source", Text, nullable=False, server_default=""),
    Column("reference", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("from_account <> to_account", name="moves"),
    CheckConstraint(
        " and ".join(
            f"{side} in (" + ",".join(f"'{a}'" for a in (*CONDITIONS, *ACCOUNTS_OUTSIDE)) + ")"
            for side in ("from_account", "to_account")
        ),
        name="accounts",
    ),
    schema="inventory",
)
Index("ix_ledger_place", ledger.c.item_id, ledger.c.location_id, ledger.c.happened_at)
# what parcels carry, for who asks by order; written only when a parcel moves
Index(
    "ix_ledger_package", ledger.c.order_id, postgresql_where=text("'package' IN (from_account, to_account)")
)
append_only(ledger)

# what authoritative counts said lay on the shelf, and as of when
shelf_counts = Table(
    "shelf_counts",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    Column("happened_at", Instant, primary_key=True),
    Column("counted", Integer, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("counted >= 0", name="counted"),
    schema="inventory",
)
append_only(shelf_counts)

reservations = Table(
    "reservations",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("line_no", SmallInteger, primary_key=True),
    # units still claimed; 0 when consumed or released
    Column("quantity", Integer, nullable=False),
    # of these, what the place has accepted, and what is in a picker's hands
    Column("allocated", Integer, nullable=False, server_default="0"),
    Column("picked", Integer, nullable=False, server_default="0"),
    # when the promise that these units serve is due; the nearest keeps its units longest
    Column("due_at", Instant),
    Column("made_at", Instant, nullable=False),
    Column("closed_at", Instant),
    CheckConstraint("quantity >= 0", name="quantity"),
    CheckConstraint("picked >= 0 and picked <= allocated and allocated <= quantity", name="picked_allocated"),
    schema="inventory",
)

holds = Table(
    "holds",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("hold_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("order_id", UUID(as_uuid=True)),
    Column("line_no", SmallInteger),
    Column("purpose", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("released_at", Instant),
    CheckConstraint("quantity > 0", name="quantity"),
    schema="inventory",
)
Index("ix_holds_live", holds.c.expires_at, postgresql_where=holds.c.released_at.is_(None))
Index("ix_holds_place", holds.c.item_id, holds.c.location_id, postgresql_where=holds.c.released_at.is_(None))

# a claim that stock cannot meet because a physical fact lowered it
shorts = Table(
    "shorts",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("short_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("line_no", SmallInteger, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    CheckConstraint("quantity > 0", name="quantity"),
    schema="inventory",
)
Index("ix_shorts_open", shorts.c.item_id, shorts.c.location_id, postgresql_where=shorts.c.closed_at.is_(None))
