"""What all tables stand on: one collection, one way to name constraints, one kind of number."""

from sqlalchemy import BigInteger, Column, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Identity = BigInteger().with_variant(Integer, "sqlite")


def identity() -> Column[int]:
    """A numbered primary key; never reused on SQLite, because history is paged by it."""
    return Column("id", Identity, primary_key=True, autoincrement=True)
