"""Transfers between places and inbound deliveries with dates.

Revision ID: 0007
"""

from alembic import op

from ambidex.entry.migrate import statements_beside

revision = "0007"
down_revision = "0006"
deployment = "before"


def upgrade() -> None:
    for statement in statements_beside(__file__):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("restore a backup; stock facts are never thrown away")
