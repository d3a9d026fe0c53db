"""What a report is resolved with: a photo taken after the work, or, at the command line, the reason for having none;
and whether somebody else goes and looks."""

import hashlib
from typing import Any

from actions.act import Act
from actions.terms import step_due
from civic.errors import Refused
from civic.geo import haversine
from civic.likeness import closest
from civic.reports import CHECK
from db import report_photos, reports
from db.moments import from_ms
from db.reports import Report
from db.tx import Tx

FAR = 300.0  # metres: positions of photos are off by up to some tens
ALIKE = 4  # differing bits up to which two photos are the same one, saved anew
LAST = 500  # photos of other reports that are compared by their looks


def resolved(act: Act) -> dict[str, object]:
    """Raises Refused without evidence of the present round."""
    at_the_machine = act.staff is not None and act.staff.id is None
    reason = act.given.no_photo.strip() if at_the_machine else ""
    shown = report_photos.count_since(act.tx, act.report.id, "after", act.report.round_at)
    if not (shown or reason or act.given.ahead):
        raise Refused("move.needs_reason" if at_the_machine else "move.needs_photo")
    rounds = act.report.rounds + 1
    values: dict[str, object] = {"resolved_at": act.tx.ms, "rounds": rounds, "checking": 0}
    if drawn(act, rounds):
        values |= {"checking": 1, "step_due_at": step_due(act.library, act.report.category, CHECK, act.local, None)}
    return values


def checked(act: Act) -> dict[str, object]:
    """Somebody else has been there and it is done. Raises Refused for who resolved it themselves."""
    if act.staff is not None and act.staff.id is not None:
        done = [entry for entry in reports.timeline(act.tx, act.report.id) if entry.move == "resolve"]
        if done and done[-1].staff_id == act.staff.id:
            raise Refused("move.own_work", number=act.report.number)
    return {"checking": 0, "step_due_at": None}


def doubts(tx: Tx, zone: Any, report: Report) -> list[str]:
    """What a colleague should look at in the photos taken after the work of this round: ``same_as_before``,
    ``used_elsewhere``, ``taken_before`` it was assigned, ``far_away``. There can be a good reason for each."""
    shown = report_photos.shots(tx, report.id)
    after = [one for one in shown if one.kind == "after" and one.at >= report.round_at]
    if not after:
        return []
    before = [one for one in shown if one.kind != "after"]
    files = [one.sha256 for one in after if one.sha256]
    looks = [one.phash for one in after if one.phash]
    same = {one.sha256 for one in before} & set(files) or _alike(looks, [one.phash for one in before if one.phash])
    used = report_photos.elsewhere(tx, report.id, files) or _alike(
        looks, report_photos.latest_after(tx, report.id, LAST)
    )
    begun = from_ms(_begun(tx, report)).astimezone(zone).replace(tzinfo=None).isoformat()
    early = any(one.taken_at and one.taken_at[:19] < begun for one in after)
    far = report.lat is not None and any(one.place and _metres(report, one.place) > FAR for one in after)
    found = {"same_as_before": same, "used_elsewhere": used, "taken_before": early, "far_away": far}
    return [name for name, seen in found.items() if seen]


def _alike(some: list[str], others: list[str]) -> bool:
    bits = closest(some, others)
    return bits is not None and bits <= ALIKE


def _metres(report: Report, place: tuple[float, float]) -> float:
    return haversine(report.lat or 0, report.lon or 0, *place)


def _begun(tx: Tx, report: Report) -> int:
    """When it was first assigned in this round, or else accepted; no earlier than the round."""
    begun = [entry.at for entry in reports.timeline(tx, report.id) if entry.move in {"assign", "accept"}]
    return min((at for at in begun if at >= report.round_at), default=report.round_at)


def drawn(act: Act, rounds: int) -> bool:
    """Whether this round is to be checked: its category always is, or the lot fell on it. The lot is the report's own
    moment of arrival, which those who resolve it do not see to the millisecond: the same however often it is drawn."""
    city = act.library.city.handling
    if act.report.category in city.check_categories:
        return True
    lot = hashlib.sha256(f"{act.report.number}/{act.report.created_at}/{rounds}".encode()).digest()
    return int.from_bytes(lot[:4]) < city.check_share * 2**32
