"""What ``python -m bench fuzz`` sends where. A target is made for an empty folder; it takes bytes and returns quietly
when they were handled or refused as documented; all that it raises is a finding."""

from collections.abc import Callable

Target = Callable[[bytes], None]
APP = "wx0123456789abcdef"


class Found(Exception):
    """Something that may not be: an answer of 500, an error in the log, a file or a message left behind."""
