"""report_sets: reports that somebody took up are told apart, so the sets are made anew; the backlog stays as noted

Revision: 0022
After: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; the clock fills them from the reports."""
    op.execute("DELETE FROM report_sets WHERE name NOT IN ('waiting', 'late')")
    op.execute("DELETE FROM marks WHERE name = 'moves'")


def downgrade() -> None:
    """Go back: a set that nobody asks for hurts nobody."""
