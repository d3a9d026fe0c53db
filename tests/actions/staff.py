"""Staff at work, for the tests of handling: hired, with photos, in a city with other rules."""

from typing import Any

from actions import people
from actions.people import Post
from civic.staff import ADMINISTRATOR, Staff
from content.library import Library
from db import photos, report_photos
from db.moments import from_ms
from db.tx import Tx
from tests.actions.town import Town
from tests.play import picture

MACHINE = Staff("terminal", ADMINISTRATOR)


async def hire(
    town: Town, role: str, departments: tuple[str, ...] = (), areas: tuple[str, ...] = (), login: str = ""
) -> Staff:
    """Somebody with a console of their own."""
    name = login or "-".join((role, *departments, *areas))
    post = Post(name, role, frozenset(departments), frozenset(areas))
    found, _ = await town.database.write(people.add, town.house.library, MACHINE, "", post, "zh")
    return Staff(name, role, found.id, post.departments, post.areas, "192.0.2.1")


async def after(town: Town, number: str, name: str = "after") -> int:
    """A photo taken after the work, as the console attaches it."""
    report = await town.report(number)

    def unit(tx: Tx) -> int:
        kept = photos.add_photo(tx, None, "console", name, picture(name).facts()).id
        report_photos.attach(tx, report.id, [kept], "after")
        return kept

    return await town.database.write(unit)


def local(town: Town, at: int) -> str:
    return f"{from_ms(at).astimezone(town.house.zone):%m-%d %H:%M}"


def handling(town: Town, **changes: Any) -> None:
    """The city's rules, changed."""
    library = town.house.library
    city = library.city.model_copy(update={"handling": library.city.handling.model_copy(update=changes)})
    fields = {name: getattr(library, name) for name in library.__dataclass_fields__}
    town.house.library = Library(**fields | {"city": city})
