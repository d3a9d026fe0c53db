"""A request of somebody who is signed in, as the rooms of the console see it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from civic.choices import clean
from civic.errors import Refused
from civic.staff import Staff
from db.queue import Sight
from db.sessions import Session
from db.staff import Colleague

LONGEST = 4000  # characters of one field
_INSIDE = re.compile(r"/console(/[A-Za-z0-9_-]+)*(\?[A-Za-z0-9_.,:%=&+-]*)?")


@dataclass(frozen=True)
class Visit:
    """Who asks for what. ``token`` goes into every form; ``form`` is what was sent, checked already; ``stands_in`` are
    those whose work is theirs, too, today."""

    request: Request
    session: Session
    colleague: Colleague
    staff: Staff
    token: str
    stands_in: tuple[int, ...] = ()
    form: FormData = field(default_factory=FormData)

    @property
    def language(self) -> str:
        """Theirs."""
        return self.colleague.language

    @property
    def people(self) -> tuple[int, ...]:
        """Whose work is theirs: their own, and of those they stand in for."""
        return (self.colleague.id, *self.stands_in)

    @property
    def sight(self) -> Sight:
        """How far they see."""
        return Sight(self.staff.departments, self.staff.areas)

    @property
    def partial(self) -> bool:
        """Whether a part of a page is asked for, to be put into the page that is open."""
        headers = self.request.headers
        return "hx-request" in headers and "hx-history-restore-request" not in headers

    def text(self, name: str) -> str:
        """A field's text, without spaces around it."""
        return text(self.form, name)

    def texts(self, name: str) -> list[str]:
        """All texts of a field that may be there several times."""
        return [value.strip() for value in self.form.getlist(name) if isinstance(value, str)]

    def number(self, name: str) -> int:
        """A field's whole number. Raises Refused."""
        return number(self.text(name))

    def uploads(self, name: str) -> list[UploadFile]:
        """Files that were chosen."""
        return [value for value in self.form.getlist(name) if isinstance(value, UploadFile) and value.filename]


def day(written: str) -> date:
    """A day as a browser's date field writes it. Raises Refused."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refused("move.bad_day") from None


def text(form: Mapping[str, object], name: str) -> str:
    """A field's text, without spaces around it. Raises Refused when it is too long or no text."""
    value = form.get(name, "")
    if not isinstance(value, str):
        raise Refused("bot.bad_request")
    if len(value) > LONGEST:
        raise Refused("console.too_long", limit=LONGEST)
    return clean(value.replace("\r\n", "\n"))  # nothing invisible in what others will read


def number(written: str) -> int:
    """A whole number as forms and addresses have it. Raises Refused."""
    if not written.isascii() or not written.isdigit() or len(written) > 15:
        raise Refused("bot.bad_request")
    return int(written)


def inside(address: str | None) -> str:
    """An address to go on to: of the console, or its first page; never elsewhere."""
    return address if address and len(address) < 500 and _INSIDE.fullmatch(address) else "/console"
