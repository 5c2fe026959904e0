"""Who may say the count: authorities, reports of tills and warehouses, drift and its repairs.

Revision ID: 0005
"""

from alembic import op

from ambidex.entry.migrate import statements_beside

revision = "0005"
down_revision = "0004"
deployment = "before"


def upgrade() -> None:
    for statement in statements_beside(__file__):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("restore a backup; stock facts are never thrown away")
