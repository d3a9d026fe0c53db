"""What of an address anyone may read: the street, not the home; no plate, no telephone."""

import re

from civic.plates import PROVINCES, with_masked

_HOME = re.compile(
    r"(?:[0-9０-９A-Za-z一二三四五六七八九十]+\s*(?:号楼|幢|栋|单元|室|户|层|楼)\s*)+[0-9０-９]{0,4}"
    r"|(?<![0-9])[0-9]{1,3}\s*[-—－]\s*[0-9]{1,4}(?:\s*[-—－]\s*[0-9]{1,4})*(?![0-9])"
    r"|\b(?:building|block|flat|apartment|apt|unit|room|floor)\.?\s*[0-9]+[a-z]?\b",
    re.IGNORECASE,
)
_FIGURE = "[0-9０-９]"
_GAP = r"[ \t\u3000.．·_/\-–—－]{0,2}"
_TELEPHONE = re.compile(
    rf"(?<!{_FIGURE})(?:[+＋]?[8８][6６]{_GAP})?"
    rf"(?:[1１][3-9３-９](?:{_GAP}{_FIGURE}){{9}}|[0０]{_FIGURE}{{2,3}}{_GAP}{_FIGURE}{{3,4}}{_GAP}{_FIGURE}{{4}}"
    rf"|{_FIGURE}{{7,}})(?!{_FIGURE})"
)
_FIGURES = re.compile(r"-?[0-9]{1,3}\.[0-9]{3,}\s*[,，、]\s*-?[0-9]{1,3}\.[0-9]{3,}")
_LIKE_A_PLATE = re.compile(f"[{PROVINCES}０-９][ ·•・.．　-]{{0,3}}[A-Za-zＡ-Ｚａ-ｚ０-９]")
# Plates without a province. Each begins with what it is looked for by: such a pattern is quick.
_CALLED_PLATE = re.compile("牌.{0,12}[0-9]")
_CALLED_PLATE_EN = re.compile("plate.{0,12}[0-9]")
_DOTTED_PLATE = re.compile("·(?<=[A-Za-z]·)[A-Za-z]{0,4}[0-9]")
_ALIKE = bytes.maketrans(b"0123456789", b"0000000000")
HIDDEN = "***"
PER_DEGREE = 1000  # squares
ROW = 1_000_000  # more than all squares on a parallel


def discreet(address: str) -> str:
    """An address for everybody; empty where it is a position in figures, which would be too exact."""
    if _FIGURES.fullmatch(address.strip()):
        return ""
    return _HOME.sub(HIDDEN, unnamed(address))


def unnamed(text: str) -> str:
    """A text without plates, telephones and positions in figures."""
    return _TELEPHONE.sub(HIDDEN, with_masked(_FIGURES.sub(HIDDEN, text)))


def personal(stored: str) -> bool:
    """Whether a text, or JSON as it is stored, may hold a plate, a telephone or identity number, or a place.

    Rather too often than too seldom, for every turn asks: 1.5 µs for 200 characters. A province's sign before a letter
    is taken for a plate, seven figures (with gaps or not) for a number, four decimals for a position.
    """
    if len(stored) < 8:
        return False
    if '"place":' in stored or "WJ" in stored or _LIKE_A_PLATE.search(stored):
        return True
    figures = stored.encode("ascii", "replace").translate(_ALIKE, b" -_/").decode()  # «in» is quicker than in bytes
    if "0000000" in figures or "0.0000" in figures or "000?0000?0000" in figures:
        return True
    return bool(
        ("牌" in stored and _CALLED_PLATE.search(stored))
        or ("·" in stored and _DOTTED_PLATE.search(stored))
        or ("plate" in stored and _CALLED_PLATE_EN.search(stored))
    )


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
