"""unanswered: questions in free words that no answer fitted

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "unanswered",
        sa.Column("words", sa.String(60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("words", name=op.f("pk_unanswered")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("unanswered")
