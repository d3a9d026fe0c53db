"""reminders: what staff are to know of reports, and supervisions that wait for a signature

Revision: 0010
After: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward."""
    op.add_column("reports", sa.Column("chased", sa.SmallInteger(), nullable=False, server_default="0"))
    op.create_table(
        "staff_notices",
        sa.Column("id", Identity, autoincrement=True, nullable=False),
        sa.Column("staff_id", Identity, nullable=False),
        sa.Column("report_id", Identity, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_notices_staff_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_staff_notices_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notices")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_notices_staff_id_id", "staff_notices", ["staff_id", "id"])
    op.create_index("ix_staff_notices_report_id", "staff_notices", ["report_id"])
    op.create_table(
        "supervisions",
        sa.Column("id", Identity, autoincrement=True, nullable=False),
        sa.Column("report_id", Identity, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(8)),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("staff_id", Identity),
        sa.Column("name", sa.String(64)),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_supervisions_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_supervisions_report_id", "supervisions", ["report_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("supervisions")
    op.drop_table("staff_notices")
    op.drop_column("reports", "chased")
