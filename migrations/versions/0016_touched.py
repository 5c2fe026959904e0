"""Rows that somebody changed past the program are noted.

Revision ID: 0016
"""

from alembic import op

from ambidex.entry.migrate import statements_beside

revision = "0016"
down_revision = "0015"
deployment = "before"


def upgrade() -> None:
    for statement in statements_beside(__file__):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("restore a backup; what was decided is never thrown away")
