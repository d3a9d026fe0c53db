"""no index on when something was said: transcripts are forgotten by their ids, and each message wrote into it

Revision: 0035
After: 0034
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.drop_index("ix_exchanges_at", "exchanges")


def downgrade() -> None:
    """Go back."""
    op.create_index("ix_exchanges_at", "exchanges", ["at"])
