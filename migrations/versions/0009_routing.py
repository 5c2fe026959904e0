"""Routing: versions of rules, examples, receipts of decisions.

Revision ID: 0009
"""

from alembic import op

from ambidex.entry.migrate import statements_beside

revision = "0009"
down_revision = "0008"
deployment = "before"


def upgrade() -> None:
    for statement in statements_beside(__file__):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("restore a backup; what was decided is never thrown away")
