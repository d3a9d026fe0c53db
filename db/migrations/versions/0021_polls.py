"""polls: Telegram's native quiz polls, by which an answer is known again

Revision: 0021
After: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "telegram_polls",
        sa.Column("poll", sa.String(64), primary_key=True),
        sa.Column(
            "talk_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("talks.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_telegram_polls_talk_id", "telegram_polls", ["talk_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("telegram_polls")
