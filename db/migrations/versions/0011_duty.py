"""duty: codes with which staff bind a chat, and the chats they bound

Revision: 0011
After: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "staff_codes",
        sa.Column("staff_id", Identity, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_codes_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_codes")),
        sa.UniqueConstraint("hash", name=op.f("uq_staff_codes_hash")),
    )
    op.create_table(
        "staff_talks",
        sa.Column("talk_id", Identity, autoincrement=False, nullable=False),
        sa.Column("staff_id", Identity, nullable=False),
        sa.Column("bound_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["talk_id"], ["talks.id"], name=op.f("fk_staff_talks_talk_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_talks_staff_id")),
        sa.PrimaryKeyConstraint("talk_id", name=op.f("pk_staff_talks")),
    )
    op.create_index("ix_staff_talks_staff_id", "staff_talks", ["staff_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("staff_talks")
    op.drop_table("staff_codes")
