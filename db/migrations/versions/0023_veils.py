"""faces and plates are veiled on the copies of photos; those of reports so far are to be made anew

Revision: 0023
After: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("photos", sa.Column("veiled", sa.String(length=8), nullable=True))
    op.add_column("photos", sa.Column("veil_at", sa.BigInteger(), nullable=True))
    op.add_column("photos", sa.Column("veil_tries", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("photos", sa.Column("boxes", sa.Text(), nullable=True))
    op.add_column("photos", sa.Column("withheld", sa.SmallInteger(), server_default="0", nullable=False))
    where = sa.text("veil_at IS NOT NULL")
    op.create_index("ix_photos_veil_at", "photos", ["veil_at"], sqlite_where=where, postgresql_where=where)
    op.execute("UPDATE photos SET veil_at = created_at WHERE id IN (SELECT photo_id FROM report_photos)")


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_photos_veil_at", "photos")
    for name in ("withheld", "boxes", "veil_tries", "veil_at", "veiled"):
        op.drop_column("photos", name)
