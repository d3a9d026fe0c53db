"""a talk's messages are found one after another from its latest: an index by talk was written at each of them

Processes of an older Youli don't know of it: what they wrote after this step would be found by nobody.

Revision: 0036
After: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COPIED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Go forward."""
    op.add_column("talks", sa.Column("last_id", NUMBER))
    op.add_column("exchanges", sa.Column("before_id", NUMBER))
    op.execute("UPDATE talks SET last_id = (SELECT max(id) FROM exchanges WHERE talk_id = talks.id)")
    op.execute(
        "UPDATE exchanges SET before_id = one.before_id FROM "
        "(SELECT id, lag(id) OVER (PARTITION BY talk_id ORDER BY id) AS before_id FROM exchanges) AS one "
        "WHERE one.id = exchanges.id"
    )
    with op.batch_alter_table("exchanges", table_kwargs=COPIED) as exchanges:
        exchanges.drop_constraint(op.f("fk_exchanges_talk_id"), type_="foreignkey")
        exchanges.drop_constraint(op.f("uq_exchanges_talk_id_key"), type_="unique")
        exchanges.create_unique_constraint(op.f("uq_exchanges_key_talk_id"), ["key", "talk_id"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("exchanges", table_kwargs=COPIED) as exchanges:
        exchanges.drop_constraint(op.f("uq_exchanges_key_talk_id"), type_="unique")
        exchanges.create_unique_constraint(op.f("uq_exchanges_talk_id_key"), ["talk_id", "key"])
        exchanges.create_foreign_key(op.f("fk_exchanges_talk_id"), "talks", ["talk_id"], ["id"])
        exchanges.drop_column("before_id")
    op.drop_column("talks", "last_id")
