"""rollups: channels are added up as one, too, so the journal is added up anew

Revision: 0034
After: 0033
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; the clock fills them from the journal."""
    for table in ("rollups", "rollup_spans"):
        op.execute(f"DELETE FROM {table}")  # nosec B608 # noqa: S608 - our own names
    op.execute("UPDATE marks SET line = 0, version = version + 1 WHERE name = 'journal'")


def downgrade() -> None:
    """Go back: sums that nobody asks for hurt nobody."""
