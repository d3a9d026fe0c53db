"""Where a report goes that is not ours to handle, or not a matter of its own."""

from actions.act import Act
from civic.errors import Refused
from db import followers, reports
from db.reports import Report


def referred(act: Act) -> dict[str, object]:
    """To another body, or to a hotline of the city pack, with its number or its name. Raises Refused for neither."""
    target, known = act.given.target.strip(), [hotline.number for hotline in act.library.city.hotlines]
    if not target and not act.note.strip():
        raise Refused("move.needs_target", hotlines=", ".join(known))
    if target and target not in known:
        raise Refused("move.unknown_hotline", target=target[:24], hotlines=", ".join(known))
    return {}


def merged(act: Act) -> dict[str, object]:
    """Into another report, which those that were merged into this one follow. Raises Refused for one that they do not
    see, that is this one, or that is no longer handled."""
    other = _root(act, reports.find_report(act.tx, act.given.target.strip(), lock=True))
    seen = other is not None and (act.staff is None or act.staff.sees(other.department, other.area))
    if other is None or not seen:
        raise Refused("move.needs_report", number=act.given.target[:24])
    if other.id == act.report.id or other.status in {"withdrawn", "rejected", "referred"}:
        raise Refused("move.not_mergeable", number=other.number)
    reports.merge_again(act.tx, act.report.id, other.id)
    followers.hand_over(act.tx, act.report.id, other.id, other.resident_id)
    return {"merged_into": other.id}


def _root(act: Act, report: Report | None) -> Report | None:
    while report is not None and report.merged_into is not None:
        report = reports.find_by_id(act.tx, report.merged_into)
    return report
