"""squares: each report knows the square of about 100 metres that it lies in; open ones have indexes of their own

Revision: 0026
After: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; those that are there are put into their squares (civic.discretion.square)."""
    op.add_column("reports", sa.Column("square", sa.BigInteger()))
    north, east = (f"CAST(ROUND({name} * 1000) AS BIGINT)" for name in ("lat", "lon"))
    square = f"({north} + 90000) * 1000000 + {east} + 180000"
    op.execute(f"UPDATE reports SET square = {square} WHERE lat IS NOT NULL AND lon IS NOT NULL")  # nosec B608 # noqa: S608 - our own names
    columns = ["square", "status", "department", "area", "category", "id"]
    op.create_index("ix_reports_square_status_department_area_category_id", "reports", columns)
    few, closed = sa.text("hidden = 1"), sa.text("closed_at IS NOT NULL")
    op.create_index("ix_reports_hidden_id", "reports", ["id"], sqlite_where=few, postgresql_where=few)
    op.drop_index("ix_reports_closed_at", "reports")  # SQLite took it for the open ones, too, and sorted all of them
    op.create_index("ix_reports_closed_at", "reports", ["closed_at"], sqlite_where=closed, postgresql_where=closed)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_reports_closed_at", "reports")
    op.create_index("ix_reports_closed_at", "reports", ["closed_at"])
    op.drop_index("ix_reports_hidden_id", "reports")
    op.drop_index("ix_reports_square_status_department_area_category_id", "reports")
    op.drop_column("reports", "square")
