"""queue: the words of reports, indexes of what is open, of departments, areas and categories

Revision: 0006
After: 0005
"""

import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN: dict[str, Any] = {
    "sqlite_where": sa.text("closed_at IS NULL"),
    "postgresql_where": sa.text("closed_at IS NULL"),
}
INDEXES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "ix_reports_open_due_at_id": (["due_at", "id"], OPEN),
    "ix_reports_open_department_due_at_id": (["department", "due_at", "id"], OPEN),
    "ix_reports_open_status_due_at_department_area": (["status", "due_at", "department", "area"], OPEN),
    "ix_reports_department_id": (["department", "id"], {}),
    "ix_reports_area_id": (["area", "id"], {}),
    "ix_reports_category_id": (["category", "id"], {}),
}


def upgrade() -> None:
    """Go forward; the words of reports that are there already are gathered."""
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, "reports", columns, **where)
    words = op.create_table(
        "report_words",
        sa.Column("report_id", Identity, autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_words_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_words")),
    )
    there = op.get_bind().execute(sa.text("SELECT id, number, place, note FROM reports")).all()
    gathered = [{"report_id": row[0], "words": _plain(" ".join(row[1:]))} for row in there]
    if gathered:
        op.bulk_insert(words, gathered)


def downgrade() -> None:
    """Go back."""
    op.drop_table("report_words")
    for name in INDEXES:
        op.drop_index(name, "reports")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
