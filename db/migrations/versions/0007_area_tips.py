"""area_tips: the day's tip of an area where it is not the city's

Revision: 0007
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "area_tips",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("area", sa.String(64), nullable=False),
        sa.Column("tip_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("day", "area", name=op.f("pk_area_tips")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("area_tips")
