"""Feeds of stock to channels: what was published, who subscribes, how far each has come.

Revision ID: 0004
"""

from alembic import op

from ambidex.entry.migrate import statements_beside

revision = "0004"
down_revision = "0003"
deployment = "before"


def upgrade() -> None:
    for statement in statements_beside(__file__):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("restore a backup; stock facts are never thrown away")
