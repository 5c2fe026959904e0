"""The ledger knows its source, reference and the two times of late facts; claims know their promise.

Revision ID: 0002
"""

from alembic import op

from ambidex.entry.migrate import statements_beside

revision = "0002"
down_revision = "0001"
deployment = "before"


def upgrade() -> None:
    for statement in statements_beside(__file__):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("restore a backup; stock facts are never thrown away")
