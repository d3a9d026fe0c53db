"""What a report is resolved with: a photo taken after the work, or, at the command line, the reason for having none;
and whether somebody else goes and looks."""

import hashlib

from actions.act import Act
from civic.errors import Refused
from db import photos


def resolved(act: Act) -> dict[str, object]:
    """Raises Refused without evidence of the present round."""
    at_the_machine = act.staff is not None and act.staff.id is None
    reason = act.given.no_photo.strip() if at_the_machine else ""
    shown = photos.count_since(act.tx, act.report.id, "after", act.report.round_at)
    if not (shown or reason or act.given.ahead):
        raise Refused("move.needs_reason" if at_the_machine else "move.needs_photo")
    rounds = act.report.rounds + 1
    return {"resolved_at": act.tx.ms, "rounds": rounds, "solved": None, "checking": int(drawn(act, rounds))}


def drawn(act: Act, rounds: int) -> bool:
    """Whether this round is to be checked: its category always is, or the lot fell on it. The lot is the report's own
    moment of arrival, which those who resolve it do not see to the millisecond: the same however often it is drawn."""
    city = act.library.city.handling
    if act.report.category in city.check_categories:
        return True
    lot = hashlib.sha256(f"{act.report.number}/{act.report.created_at}/{rounds}".encode()).digest()
    return int.from_bytes(lot[:4]) < city.check_share * 2**32
