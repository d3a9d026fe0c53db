"""bulletin_readers: residents who want each bulletin

Revision: 0024
After: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "bulletin_readers",
        sa.Column("resident_id", Identity, autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_bulletin_readers_resident_id")),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_bulletin_readers")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("bulletin_readers")
