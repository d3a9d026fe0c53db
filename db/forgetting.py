"""Deleting in pages: each a few milliseconds, however much there is."""

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from db.tx import Tx

PAGE = 2000  # rows in one unit


def delete_page(tx: Tx, table: Table, *where: ColumnElement[bool]) -> bool:
    """Delete at most a page of rows. Whether there may be more."""
    key = tuple(table.primary_key)
    page = select(*key).where(*where).limit(PAGE)
    which = key[0].in_(page) if len(key) == 1 else tuple_(*key).in_(page)
    return tx.execute(delete(table).where(which)).rowcount == PAGE
