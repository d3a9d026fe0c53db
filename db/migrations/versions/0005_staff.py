"""staff: people, invitations, sessions, absences, failed attempts, audit log

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _staff(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "staff",
        sa.Column("id", Identity, autoincrement=True, nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("departments", sa.Text(), server_default="[]", nullable=False),
        sa.Column("areas", sa.Text(), server_default="[]", nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("password", sa.String(160), nullable=True),
        sa.Column("totp", sa.String(32), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recovery", sa.Text(), server_default="[]", nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "staff_invitations",
        sa.Column("staff_id", Identity, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _staff("staff_invitations", "staff_id"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_invitations")),
        sa.UniqueConstraint("hash", name=op.f("uq_staff_invitations_hash")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("id", Identity, autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("staff_id", Identity, nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        _staff("staff_sessions", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("hash", name=op.f("uq_staff_sessions_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])
    op.create_table(
        "staff_absences",
        sa.Column("id", Identity, autoincrement=True, nullable=False),
        sa.Column("staff_id", Identity, nullable=False),
        sa.Column("deputy_id", Identity, nullable=False),
        sa.Column("from_day", sa.String(10), nullable=False),
        sa.Column("until_day", sa.String(10), nullable=False),
        _staff("staff_absences", "staff_id"),
        _staff("staff_absences", "deputy_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_absences")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_absences_staff_id", "staff_absences", ["staff_id"])
    op.create_index("ix_staff_absences_deputy_id_until_day", "staff_absences", ["deputy_id", "until_day"])
    op.create_table(
        "knocks",
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_knocks")),
    )
    op.create_table(
        "audit",
        sa.Column("id", Identity, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", Identity, nullable=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(200), server_default="", nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        _staff("audit", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_staff_id_id", "audit", ["staff_id", "id"])
    op.create_index("ix_audit_act_id", "audit", ["act", "id"])
    op.create_index("ix_audit_subject_id", "audit", ["subject", "id"])


def downgrade() -> None:
    """Go back."""
    for table in ("audit", "knocks", "staff_absences", "staff_sessions", "staff_invitations", "staff"):
        op.drop_table(table)
