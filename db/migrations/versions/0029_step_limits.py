"""report_moves: by when the step that a move left should have been left; of earlier moves that is not known

Revision: 0029
After: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("report_moves", sa.Column("step_due_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("report_moves", "step_due_at")
