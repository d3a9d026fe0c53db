"""What of an address anyone may read: the street, not the home; no plate, no telephone."""

import re

from civic.plates import with_masked

_HOME = re.compile(
    r"(?:[0-9０-９A-Za-z一二三四五六七八九十]+\s*(?:号楼|幢|栋|单元|室|户|层|楼)\s*)+[0-9０-９]{0,4}"
    r"|(?<![0-9])[0-9]{1,3}\s*[-—－]\s*[0-9]{1,4}(?:\s*[-—－]\s*[0-9]{1,4})*(?![0-9])"
    r"|\b(?:building|block|flat|apartment|apt|unit|room|floor)\.?\s*[0-9]+[a-z]?\b",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(
    r"(?<![0-9])(?:\+?86[ -]?)?(?:1[3-9](?:[ -]?[0-9]){9}|0[0-9]{2,3}[ -]?[0-9]{7,8}|[0-9]{7,})(?![0-9])"
)
_FIGURES = re.compile(r"-?[0-9]{1,3}\.[0-9]+, -?[0-9]{1,3}\.[0-9]+")
HIDDEN = "***"
PER_DEGREE = 1000  # squares
ROW = 1_000_000  # more than all squares on a parallel


def discreet(address: str) -> str:
    """An address for everybody; empty where it is a position in figures, which would be too exact."""
    if _FIGURES.fullmatch(address.strip()):
        return ""
    return _HOME.sub(HIDDEN, unnamed(address))


def unnamed(text: str) -> str:
    """A text without plates and telephones."""
    return _TELEPHONE.sub(HIDDEN, with_masked(text))


def about(lat: float, lon: float) -> tuple[float, float]:
    """A position rounded to a thousandth of a degree: to about 100 metres."""
    return round(lat, 3), round(lon, 3)


def square(lat: float, lon: float) -> int:
    """The same as one number: thousandths from the south pole, then from the 180th meridian, in millions and ones."""
    return (round(lat * PER_DEGREE) + 90 * PER_DEGREE) * ROW + round(lon * PER_DEGREE) + 180 * PER_DEGREE


def middle(square: int) -> tuple[float, float]:
    """The rounded position of a square."""
    north, east = divmod(square, ROW)
    return north / PER_DEGREE - 90, east / PER_DEGREE - 180
