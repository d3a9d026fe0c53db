"""paces: how fast somebody writes, counted once for all processes (PostgreSQL)

Revision: 0025
After: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "paces",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("paces")
