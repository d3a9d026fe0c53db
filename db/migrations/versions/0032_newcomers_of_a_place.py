"""newcomers of a place: who came where is found without going through the whole city

Revision: 0032
After: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

NAME = "ix_residents_area_joined_day_source_id"


def upgrade() -> None:
    """Go forward."""
    known = sa.text("erased_at IS NULL")
    columns = ["area", "joined_day", "source", "id"]
    op.create_index(NAME, "residents", columns, sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    """Go back."""
    op.drop_index(NAME, "residents")
