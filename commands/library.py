"""The content as commands read it: all of it, checked by today's date."""

from datetime import datetime
from typing import TYPE_CHECKING

from commands.terminal import fail, read_settings

if TYPE_CHECKING:
    from content.library import Library


def loaded() -> "Library":
    """The content, or a line for each problem, and exit code 1."""
    from content.library import ContentError, load

    settings = read_settings()
    try:
        return load(settings.content_dir, settings.city, datetime.now(settings.zone).date())
    except ContentError as error:
        fail("\n".join(f"✗ {problem}" for problem in error.problems))
