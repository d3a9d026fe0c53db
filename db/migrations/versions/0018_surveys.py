"""surveys: what residents say of each round; how often they sent a report back

Revision: 0018
After: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITS = sa.text("answered_at IS NULL AND reminded_at IS NULL")


def upgrade() -> None:
    """Go forward: what was said so far becomes the answer to the last round."""
    op.create_table(
        "surveys",
        sa.Column("report_id", Identity, autoincrement=False, nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("first_solved", sa.SmallInteger(), nullable=True),
        sa.Column("first_satisfaction", sa.String(length=12), nullable=True),
        sa.Column("solved", sa.SmallInteger(), nullable=True),
        sa.Column("satisfaction", sa.String(length=12), nullable=True),
        sa.Column("reasons", sa.Text(), server_default="[]", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_surveys_report_id")),
        sa.PrimaryKeyConstraint("report_id", "round", name=op.f("pk_surveys")),
    )
    op.create_index("ix_surveys_asked_at", "surveys", ["asked_at"], sqlite_where=_WAITS, postgresql_where=_WAITS)
    op.add_column("reports", sa.Column("reopens", sa.SmallInteger(), server_default="0", nullable=False))
    op.execute(
        "INSERT INTO surveys (report_id, round, asked_at, answered_at, first_solved, solved)"
        " SELECT id, rounds, coalesce(resolved_at, round_at),"
        " CASE WHEN solved IS NULL THEN NULL ELSE coalesce(closed_at, round_at) END, solved, solved"
        " FROM reports WHERE rounds > 0 AND (status = 'resolved' OR solved IS NOT NULL)"
    )
    op.execute(
        "UPDATE reports SET reopens = (SELECT count(*) FROM report_moves WHERE report_moves.report_id = reports.id"
        " AND report_moves.move = 'reopen' AND report_moves.actor = 'resident')"
    )
    op.drop_column("reports", "solved")


def downgrade() -> None:
    """Go back."""
    op.add_column("reports", sa.Column("solved", sa.SmallInteger(), nullable=True))
    op.execute(
        "UPDATE reports SET solved = (SELECT surveys.solved FROM surveys WHERE surveys.report_id = reports.id"
        " AND surveys.round = reports.rounds)"
    )
    op.drop_column("reports", "reopens")
    op.drop_table("surveys")
