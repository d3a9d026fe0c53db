"""updates: Telegram's are stored; letters keep count of what has left, circulars what they have in common

Revision: 0002
After: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "updates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=True),
        sa.Column("album", sa.String(length=64), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
        sa.UniqueConstraint("bot", "update_id", name=op.f("uq_updates_bot_update_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_updates_state_due_at", "updates", ["state", "due_at"])
    op.create_index("ix_updates_at", "updates", ["at"])
    op.add_column("talks", sa.Column("asks", sa.String(length=8), server_default="", nullable=False))
    op.create_table(
        "circulars",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("say", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circulars")),
        sa.UniqueConstraint("name", name=op.f("uq_circulars_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("letters", table_kwargs={"sqlite_autoincrement": True}) as letters:
        letters.add_column(
            sa.Column(
                "circular_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                sa.ForeignKey("circulars.id", name=op.f("fk_letters_circular_id")),
                nullable=True,
            )
        )
    op.add_column("letters", sa.Column("parts", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("letters", sa.Column("trying", sa.SmallInteger(), server_default="0", nullable=False))
    op.drop_index("ix_letters_state_due_at", "letters")
    op.create_index(
        "ix_letters_state_channel_urgency_due_at_id", "letters", ["state", "channel", "urgency", "due_at", "id"]
    )
    op.create_index("ix_letters_state_expires_at", "letters", ["state", "expires_at"])
    op.create_index("ix_letters_circular_id", "letters", ["circular_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_letters_circular_id", "letters")
    op.drop_index("ix_letters_state_expires_at", "letters")
    op.drop_index("ix_letters_state_channel_urgency_due_at_id", "letters")
    op.create_index("ix_letters_state_due_at", "letters", ["state", "due_at"])
    op.drop_column("letters", "trying")
    op.drop_column("letters", "parts")
    with op.batch_alter_table("letters", table_kwargs={"sqlite_autoincrement": True}) as letters:
        letters.drop_column("circular_id")
    op.drop_table("circulars")
    op.drop_column("talks", "asks")
    op.drop_table("updates")
