"""supervised: supervisions are answered; a mute knows from which report it was made

Revision: 0017
After: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("reports", sa.Column("supervised", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("supervisions", sa.Column("answer", sa.Text()))
    op.add_column("supervisions", sa.Column("answered_at", sa.BigInteger()))
    op.add_column("supervisions", sa.Column("answered_by", sa.String(64)))
    op.add_column("mutes", sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))


def downgrade() -> None:
    """Go back."""
    op.drop_column("mutes", "report_id")
    for name in ("answered_by", "answered_at", "answer"):
        op.drop_column("supervisions", name)
    op.drop_column("reports", "supervised")
