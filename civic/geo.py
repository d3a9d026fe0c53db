"""Positions on the earth: range, distance, membership in an area, and China's shifted coordinates.

Every position is a latitude and a longitude in decimal degrees, in that order.
"""

from collections.abc import Sequence
from math import asin, cos, pi, radians, sin, sqrt

EARTH_RADIUS = 6_371_008.8  # metres; mean radius R1 of the IUGG (Moritz, Geodetic Reference System 1980)

# Krasovsky's ellipsoid (1940) as the public GCJ-02 formula uses it: axis in metres, eccentricity squared.
_AXIS = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943_23


def in_range(lat: float, lon: float) -> bool:
    """Whether this can be a position at all. NaN and infinities cannot."""
    return -90 <= lat <= 90 and -180 <= lon <= 180


def haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in metres on a sphere, within 0.6 % of the ellipsoid's.

    Source: the haversine formula, R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984).
    """
    phi1, phi2 = radians(lat1), radians(lat2)
    half_chord_squared = sin((phi2 - phi1) / 2) ** 2 + cos(phi1) * cos(phi2) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half_chord_squared)))


def point_in_polygon(lat: float, lon: float, polygon: Sequence[tuple[float, float]]) -> bool:
    """Whether the point lies inside the ring of (lat, lon) vertices, closed or not, in either direction.

    Straight edges in degrees; the ring must not cross the 180th meridian. A point exactly on an edge may fall
    on either side, but of two areas that share the edge it belongs to exactly one.
    Source: even-odd ray casting, W. R. Franklin, "PNPOLY" (1970, revised 2018).
    """
    inside = False
    for (lat1, lon1), (lat2, lon2) in zip(polygon, (*polygon[1:], *polygon[:1]), strict=True):
        if (lat1 > lat) != (lat2 > lat) and lon < (lon2 - lon1) * (lat - lat1) / (lat2 - lat1) + lon1:
            inside = not inside
    return inside


def in_gcj02_area(lat: float, lon: float) -> bool:
    """Whether the public GCJ-02 formula shifts this position: a rectangle wider than China."""
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """GCJ-02 (Chinese maps, WeChat) to WGS-84 (GPS), (lat, lon), within a millimetre. Outside China unchanged.

    Source: the public formula behind «EvilTransform» (2013), as ported in eviltransform, inverted by fixed-point
    iteration: between two positions the shift differs by less than a hundredth of their distance, so each round
    gains two digits or more.
    """
    if not in_gcj02_area(lat, lon):
        return lat, lon
    guess_lat, guess_lon = lat, lon
    for _ in range(4):
        d_lat, d_lon = _shift(guess_lat, guess_lon)
        guess_lat, guess_lon = lat - d_lat, lon - d_lon
    return guess_lat, guess_lon


def _shift(lat: float, lon: float) -> tuple[float, float]:
    """The published GCJ-02 displacement at a WGS-84 position, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    root = sqrt(abs(x))
    common = 20.0 * (sin(6.0 * x * pi) + sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = radians(lat)
    magic = 1 - _ECCENTRICITY_SQUARED * sin(phi) ** 2
    metres_per_degree_north = _AXIS * (1 - _ECCENTRICITY_SQUARED) / (magic * sqrt(magic)) * pi / 180.0
    metres_per_degree_east = _AXIS / sqrt(magic) * cos(phi) * pi / 180.0
    return north / metres_per_degree_north, east / metres_per_degree_east
