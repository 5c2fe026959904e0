"""Rules of what may be promised, groups of places, the areas they serve, and kits.

Revision ID: 0003
"""

from alembic import op

from ambidex.entry.migrate import statements_beside

revision = "0003"
down_revision = "0002"
deployment = "before"


def upgrade() -> None:
    for statement in statements_beside(__file__):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("restore a backup; stock facts are never thrown away")
