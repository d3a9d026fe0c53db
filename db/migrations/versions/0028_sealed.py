"""positions are sealed; the clock seals what is there (plates, free words, positions, second factors) page by page

Revision: 0028
After: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("reports", sa.Column("spot", sa.Text(), nullable=True))
    op.add_column("photos", sa.Column("spot", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("second", sa.Text(), nullable=True))
    op.execute("UPDATE staff SET second = totp")
    op.drop_column("staff", "totp")
    op.execute("ALTER TABLE staff RENAME COLUMN second TO totp")


def downgrade() -> None:
    """Go back. What is sealed stays so: only a Youli that knows the keys reads it."""
    op.drop_column("photos", "spot")
    op.drop_column("reports", "spot")
