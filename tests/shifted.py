"""Positions as China's maps show them: the way there, of which the product only needs the way back."""

from civic.geo import _shift, in_gcj02_area


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """WGS-84 (GPS) to GCJ-02 (Chinese maps, WeChat), (lat, lon). Outside China unchanged."""
    if not in_gcj02_area(lat, lon):
        return lat, lon
    d_lat, d_lon = _shift(lat, lon)
    return lat + d_lat, lon + d_lon
