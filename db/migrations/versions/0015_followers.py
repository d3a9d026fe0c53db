"""followers: residents whom a report also concerns

Revision: 0015
After: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "report_followers",
        sa.Column("report_id", Identity, autoincrement=False, nullable=False),
        sa.Column("resident_id", Identity, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_followers_report_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_report_followers_resident_id")),
        sa.PrimaryKeyConstraint("report_id", "resident_id", name=op.f("pk_report_followers")),
    )
    op.create_index("ix_report_followers_resident_id", "report_followers", ["resident_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("report_followers")
