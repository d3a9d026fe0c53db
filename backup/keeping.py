"""Which archives are kept, and what they are called. Pure: names and numbers in, names out."""

import re
from collections.abc import Collection
from datetime import UTC, datetime

_NAME = re.compile(r"youli-(\d{8}T\d{6})Z\.tar\.gz(?:\.age)?")
_STAMP = "%Y%m%dT%H%M%S"


def name(at: datetime, encrypted: bool) -> str:
    """The name of an archive that is made at a moment (UTC)."""
    return f"youli-{at:{_STAMP}}Z.tar.gz" + (".age" if encrypted else "")


def made_at(archive: str) -> datetime | None:
    """When an archive was made, by its name; None for a file that is none of ours."""
    found = _NAME.fullmatch(archive)
    return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC) if found else None


def outdated(archives: Collection[str], days: int, weeks: int) -> set[str]:
    """Those that may go: kept are the last of each of the newest days that have one, and of each of the newest
    weeks. The newest of all stays in any case."""
    dated = {one: at for one in archives if (at := made_at(one)) is not None}
    newest_first = sorted(dated, key=lambda one: (dated[one], one), reverse=True)
    by_day: dict[str, str] = {}
    by_week: dict[str, str] = {}
    for one in newest_first:
        by_day.setdefault(f"{dated[one]:%Y-%m-%d}", one)
        by_week.setdefault(f"{dated[one]:%G-%V}", one)
    kept = {*newest_first[:1], *list(by_day.values())[:days], *list(by_week.values())[:weeks]}
    return set(newest_first) - kept
