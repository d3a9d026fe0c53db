"""handling: what a report's moves keep, and between whom they went

Revision: 0008
After: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTS = ("returns", "reworks", "extensions", "checking", "hidden")
INDEXES = {"ix_reports_merged_into": ["merged_into"], "ix_reports_person_id": ["person_id"]}


def upgrade() -> None:
    """Go forward; the present round of a report that is there already began when it was sent."""
    for name in COUNTS:
        op.add_column("reports", sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0"))
    for column in (
        sa.Column("person_id", Identity),
        sa.Column("asked", sa.String(8)),
        sa.Column("asked_until", sa.BigInteger()),
        sa.Column("merged_into", Identity),
        sa.Column("resumes", sa.String(16)),
        sa.Column("paused_at", sa.BigInteger()),
        sa.Column("hold_until", sa.BigInteger()),
        sa.Column("round_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("step_due_at", sa.BigInteger()),
    ):
        op.add_column("reports", column)
    op.execute("UPDATE reports SET round_at = created_at")
    op.execute("UPDATE reports SET paused_at = resolved_at WHERE status = 'resolved'")
    for name, columns in INDEXES.items():
        op.create_index(name, "reports", columns)
    for column in (
        sa.Column("staff_id", Identity),
        sa.Column("from_department", sa.String(64)),
        sa.Column("department", sa.String(64)),
        sa.Column("target", sa.String(64)),
    ):
        op.add_column("report_moves", column)


def downgrade() -> None:
    """Go back."""
    for name in ("staff_id", "from_department", "department", "target"):
        op.drop_column("report_moves", name)
    for name in INDEXES:
        op.drop_index(name, "reports")
    for name in (
        *COUNTS,
        "person_id",
        "asked",
        "asked_until",
        "merged_into",
        "resumes",
        "paused_at",
        "hold_until",
        "round_at",
        "step_due_at",
    ):
        op.drop_column("reports", name)
