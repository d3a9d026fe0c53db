"""retention: reports whose time is over are cleared; residents who may not send reports for a while

Revision: 0012
After: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward."""
    op.add_column("reports", sa.Column("cleared_at", sa.BigInteger()))
    op.create_index("ix_reports_closed_at", "reports", ["closed_at"])
    op.create_table(
        "mutes",
        sa.Column("resident_id", Identity, autoincrement=False, nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", Identity),
        sa.Column("actor_name", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_mutes_resident_id")),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_mutes")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("mutes")
    op.drop_index("ix_reports_closed_at", "reports")
    op.drop_column("reports", "cleared_at")
