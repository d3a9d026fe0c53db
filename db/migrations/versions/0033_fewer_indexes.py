"""fewer indexes: what the key beside them finds as well is not kept twice at every message

Revision: 0033
After: 0032
"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.drop_index("ix_exchanges_talk_id_id", "exchanges")
    op.drop_index("ix_reviews_resident_id_due_day", "reviews")


def downgrade() -> None:
    """Go back."""
    op.create_index("ix_exchanges_talk_id_id", "exchanges", ["talk_id", "id"])
    op.create_index("ix_reviews_resident_id_due_day", "reviews", ["resident_id", "due_day"])
