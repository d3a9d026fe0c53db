"""What a photo's EXIF says about how, when and where it was taken. Whatever it cannot say is None.

EXIF is written by thousands of devices and by anybody who likes to: no field is to be trusted, and no garbage
in one field may cost us another, or the photo. Nothing read here is ever logged.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from civic.geo import in_range

_UPRIGHT = 1
_OFFSET = re.compile(r"([+-])([01]\d):([0-5]\d)")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Exif:
    """``orientation`` 1–8; ``taken_at`` the camera's local time, without zone; ``taken_offset`` that time's
    distance from UTC, where the camera knew it; ``place`` WGS-84 (lat, lon) in degrees.
    """

    orientation: int
    taken_at: datetime | None
    taken_offset: timedelta | None
    place: tuple[float, float] | None


def read(image: Image.Image) -> Exif:
    """Read a loaded image's EXIF (a PNG may carry it after the pixels). Never raises."""
    return Exif(
        _attempt(lambda: _orientation(image.getexif())) or _UPRIGHT,
        _attempt(lambda: _taken_at(image.getexif().get_ifd(IFD.Exif))),
        _attempt(lambda: _taken_offset(image.getexif().get_ifd(IFD.Exif))),
        _attempt(lambda: _place(image.getexif().get_ifd(IFD.GPSInfo))),
    )


def _attempt(read_field: Callable[[], _Answer | None]) -> _Answer | None:
    try:
        return read_field()
    except Exception:  # garbage makes the parser raise almost anything
        return None


def _orientation(exif: Image.Exif) -> int | None:
    value = exif.get(Base.Orientation)
    return value if value in range(1, 9) else None


def _taken_at(camera: dict[int, Any]) -> datetime | None:
    """DateTimeOriginal, «2026:11:20 08:30:00» (Exif 2.32, 4.6.5); unset clocks write zeros or blanks."""
    day, time = str(camera[Base.DateTimeOriginal]).strip("\0 ").split(" ")
    return datetime.fromisoformat(f"{day.replace(':', '-')} {time}").replace(tzinfo=None)


def _taken_offset(camera: dict[int, Any]) -> timedelta | None:
    """OffsetTimeOriginal, «+08:00» (Exif 2.31)."""
    found = _OFFSET.fullmatch(str(camera[Base.OffsetTimeOriginal]).strip("\0 "))
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    return (1 if sign == "+" else -1) * timedelta(hours=int(hours), minutes=int(minutes))


def _place(gps: dict[int, Any]) -> tuple[float, float] | None:
    """GPSLatitude and GPSLongitude with their hemispheres; a receiver without a fix writes 0/0 or zeros."""
    lat = _degrees(gps[GPS.GPSLatitude], gps[GPS.GPSLatitudeRef], "N", "S")
    lon = _degrees(gps[GPS.GPSLongitude], gps[GPS.GPSLongitudeRef], "E", "W")
    return (lat, lon) if in_range(lat, lon) and (lat, lon) != (0, 0) else None


def _degrees(value: Any, hemisphere: Any, positive: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in value)
    if not (degrees >= 0 and 0 <= minutes <= 60 and 0 <= seconds <= 60):
        raise ValueError("no angle")
    sign = {positive: 1, negative: -1}[str(hemisphere).strip("\0 ").upper()]
    return sign * (degrees + minutes / 60 + seconds / 3600)
