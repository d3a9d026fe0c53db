"""report photos: by photo, so that one that went into no report is found

Revision: 0013
After: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_report_photos_photo_id", "report_photos", ["photo_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_report_photos_photo_id", "report_photos")
