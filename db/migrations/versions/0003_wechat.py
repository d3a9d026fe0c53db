"""wechat: allowances, consents, pages, token, media, rights, mass messages

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _talk(table: str) -> list[sa.Column[int] | sa.ForeignKeyConstraint]:
    """The column ``talk_id``, whose rows go with the talk."""
    return [
        sa.Column("talk_id", Identity, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["talk_id"], ["talks.id"], name=op.f(f"fk_{table}_talk_id"), ondelete="CASCADE"),
    ]


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "wechat_followers",
        *_talk("wechat_followers"),
        sa.Column("message_at", sa.BigInteger(), nullable=False),
        sa.Column("message_left", sa.SmallInteger(), nullable=False),
        sa.Column("tap_at", sa.BigInteger(), nullable=False),
        sa.Column("tap_left", sa.SmallInteger(), nullable=False),
        sa.Column("tagged_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("talk_id", name=op.f("pk_wechat_followers")),
    )
    op.create_table(
        "wechat_tickets",
        *_talk("wechat_tickets"),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("talk_id", "template", name=op.f("pk_wechat_tickets")),
    )
    op.create_table(
        "wechat_pages",
        sa.Column("id", Identity, autoincrement=True, nullable=False),
        *_talk("wechat_pages"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_pages")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wechat_pages_talk_id", "wechat_pages", ["talk_id"])
    op.create_table(
        "wechat_tokens",
        sa.Column("app_id", sa.String(32), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(32), nullable=True),
        sa.Column("owned_until", sa.BigInteger(), nullable=False),
        sa.Column("forced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_wechat_tokens")),
    )
    op.create_table(
        "wechat_media",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_id", sa.String(128), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_wechat_media")),
    )
    op.create_table(
        "wechat_refusals",
        sa.Column("app_id", sa.String(32), nullable=False),
        sa.Column("api", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "api", name=op.f("pk_wechat_refusals")),
    )
    op.create_table(
        "wechat_mass",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("told", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_wechat_mass")),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("mass", "refusals", "media", "tokens", "pages", "tickets", "followers"):
        op.drop_table(f"wechat_{table}")
