"""Counts: directed, blind, recounted, approved; and the pocket of work done without a network.

Revision ID: 0006
"""

from alembic import op

from ambidex.entry.migrate import statements_beside

revision = "0006"
down_revision = "0005"
deployment = "before"


def upgrade() -> None:
    for statement in statements_beside(__file__):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("restore a backup; stock facts are never thrown away")
