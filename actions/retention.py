"""What is deleted of a report when its time is over: photos, the resident, all words. What is counted stays."""

from collections import defaultdict

from content.library import Library
from db import retention
from db.tx import Tx

DAY = 24 * 3600 * 1000  # milliseconds
PAGE = 50  # reports in one unit


def clear(tx: Tx, library: Library) -> int:
    """Clear closed reports that were kept as long as their category is, or the city's reports are; how many."""
    usual = library.city.handling.keep_days
    own: dict[int, list[str]] = defaultdict(list)
    for category in library.categories.values():
        if category.keep_days is not None:
            own[category.keep_days].append(category.id)
    special = [name for names in own.values() for name in names]
    found = retention.over(tx, tx.ms - usual * DAY, PAGE, but=special)
    for days, names in own.items():
        found += retention.over(tx, tx.ms - days * DAY, PAGE, only=names)
    for report_id, number in found:
        retention.clear(tx, report_id, number)
    return len(found)
