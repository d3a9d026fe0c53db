"""newcomers: who came when, from where and by what is found without the residents' rows

Revision: 0030
After: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

NAME = "ix_residents_joined_day_source_area_id"


def upgrade() -> None:
    """Go forward."""
    known = sa.text("erased_at IS NULL")
    columns = ["joined_day", "source", "area", "id"]
    op.create_index(NAME, "residents", columns, sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    """Go back."""
    op.drop_index(NAME, "residents")
