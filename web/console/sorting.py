"""What a queue's address says: filters, words, order, page; read, checked, written."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from civic.discretion import discreet
from civic.errors import Refused
from civic.reports import CLOSED, OPEN, STATUSES
from db.queue import ORDERS, WAITS, Wanted
from db.report_words import plain

GROUPS = {"open": tuple(sorted(OPEN)), "closed": tuple(sorted(CLOSED)), "all": ()}
WORDS = 8  # that are looked for at once


@dataclass(frozen=True)
class Asked:
    """The address in its parts, as they were written; what is left out is not in the address."""

    status: str = "open"
    department: str = ""
    area: str = ""
    category: str = ""
    priority: str = ""
    late: str = ""
    waits: str = ""
    q: str = ""
    order: str = ""
    after: str = ""

    def link(self, **changes: str) -> str:
        """The address of the same queue with something changed; the page is turned back to the first."""
        changed = replace(self, **{"after": ""} | changes)
        given = {name: getattr(changed, name) for name in changed.__dataclass_fields__}
        if changed.status == "open":
            del given["status"]
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/console/queue?{query}" if query else "/console/queue"

    @property
    def filters(self) -> int:
        """How many filters are set, words apart."""
        narrow = (self.department, self.area, self.category, self.priority, self.late, self.waits)
        return sum(map(bool, narrow)) + (self.status != "open")

    @property
    def told(self) -> str:
        """For the audit log: ids, and behind which report the page begins; how many words are sought, never which."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in {"q", "order"}}
        given |= {"after": str(self.key[1]) if self.key else "", "words": str(len(_words(self.q)) or "")}
        return " ".join(f"{name}={value}" for name, value in given.items() if value)

    @property
    def sorted_by(self) -> str:
        """The order: what was asked for, else urgency for what is open and age for what is not."""
        return self.order or ("due" if self.status in {"open", *OPEN} else "newest")

    def wanted(self, people: tuple[int, ...] = ()) -> Wanted:
        """For the database; ``people`` are whose work is one's own."""
        return Wanted(
            statuses=GROUPS.get(self.status, (self.status,)),
            departments=tuple(filter(None, [self.department])),
            areas=tuple(filter(None, [self.area])),
            category=self.category,
            priority=self.priority,
            late=bool(self.late),
            waits=self.waits,
            people=people,
            words=_words(self.q),
            order=self.sorted_by,
        )

    @property
    def key(self) -> tuple[int, int] | None:
        """Behind which report the page begins."""
        due, _, number = self.after.partition(".")
        return (int(due), int(number)) if due else None


def _words(typed: str) -> tuple[str, ...]:
    """What is looked for in db.report_words: masked as they are, so that a plate finds those it may be."""
    found = plain(discreet(typed)).split() or plain(typed).split()
    told = [word for word in found if word.strip("*,.")]  # a home or number alone finds wherever one was written
    return tuple((told or found)[:WORDS])


def asked(query: QueryParams) -> Asked:
    """Read an address. Raises Refused for what can't be meant."""
    given = {name: query.get(name, "").replace("\0", "").strip()[:100] for name in Asked.__dataclass_fields__}
    given["status"] = given["status"] or "open"
    found = Asked(**given)
    parts = found.after.split(".") if found.after else []
    wrong = (
        found.status not in {*GROUPS, *STATUSES}
        or found.order not in {"", *ORDERS}
        or found.waits not in {"", *WAITS}
        or found.priority not in {"", "normal", "high"}
        or (parts and (len(parts) != 2 or not all(_whole(part) for part in parts)))
    )
    if wrong:
        raise Refused("queue.bad_address")
    return found


def _whole(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 16
