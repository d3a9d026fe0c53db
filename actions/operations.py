"""What operators do with what got stuck."""

from actions.audit import record
from civic.errors import Refused
from civic.staff import Staff
from db import dead_letters
from db.tx import Tx


def retry_letter(tx: Tx, staff: Staff, letter: int) -> None:
    """Have a dead letter tried again. Raises Refused."""
    _allowed(staff)
    if not dead_letters.revive(tx, letter):
        raise Refused("operations.no_letter", number=letter)
    record(tx, staff, "letter.retried", str(letter))


def drop_letter(tx: Tx, staff: Staff, letter: int) -> None:
    """Give a dead letter up. Raises Refused."""
    _allowed(staff)
    if not dead_letters.let_go(tx, letter):
        raise Refused("operations.no_letter", number=letter)
    record(tx, staff, "letter.dropped", str(letter))


def _allowed(staff: Staff) -> None:
    if not staff.may("operations"):
        raise Refused("staff.may_not")
