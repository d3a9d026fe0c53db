"""How fast somebody writes, counted for all processes: the generic cell rate algorithm (ITU-T I.371), one row each.

A row holds the moment at which everything that was let through would be used up at the steady rate. Something more is
let through while that moment is less than a whole span ahead; then it moves on by one step.
"""

from sqlalchemy import bindparam, case, select

from db.forgetting import delete_page
from db.tables import paces
from db.tx import Hot, Tx

_LATER = case((paces.c.until_at > bindparam("now"), paces.c.until_at), else_=bindparam("now")) + bindparam("step")
_HIT = Hot(
    lambda insert: (
        insert(paces)
        .values(key=bindparam("key"), until_at=bindparam("first"))
        .on_conflict_do_update(
            index_elements=["key"], set_={"until_at": _LATER}, where=paces.c.until_at <= bindparam("most")
        )
        .returning(paces.c.until_at)
    )
)


def hit(tx: Tx, key: str, amount: int, seconds: int, burst: int = 0) -> int:
    """One more of at most ``amount`` in a span of ``seconds``, all at once or only ``burst`` of them: 0 when it is let
    through, else the milliseconds until one is."""
    step = seconds * 1000 // amount
    most = tx.ms + (burst * step or seconds * 1000) - step
    if tx.hot(_HIT, key=key, now=tx.ms, first=tx.ms + step, step=step, most=most):
        return 0
    until = tx.execute(select(paces.c.until_at).where(paces.c.key == key)).scalar_one()
    return max(1, int(until) - most)


def leave(tx: Tx, channel: str, overall: int, burst: int, broadcasts: int = 0) -> int:
    """One more message of a channel, of all processes together at most ``overall`` a second and of a broadcast's
    ``broadcasts``: 0 when it may leave, else the milliseconds until one may."""
    wait = hit(tx, f"{channel}:broadcasts", broadcasts, 1, burst) if broadcasts else 0
    return wait or hit(tx, f"{channel}:all", overall, 1, burst)


def forget(tx: Tx) -> bool:
    """Delete a page of whoever has paused for long enough. Whether there may be more."""
    return delete_page(tx, paces, paces.c.until_at < tx.ms)
