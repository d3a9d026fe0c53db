"""Positions: what can be one, how far apart two are, which area one lies in, and China's shifted maps."""

from math import inf, nan, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.geo import (
    EARTH_RADIUS,
    gcj02_to_wgs84,
    haversine,
    in_range,
    point_in_polygon,
)
from tests.shifted import wgs84_to_gcj02

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


@pytest.mark.parametrize(("lat", "lon"), [(0, 0), (32.39, 119.42), (-90, 180), (90, -180)])
def test_positions(lat: float, lon: float) -> None:
    assert in_range(lat, lon)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(90.001, 0), (-91, 0), (0, 180.5), (119.42, 32.39), (nan, 0), (0, nan), (inf, 0), (0, -inf)],
)
def test_what_is_no_position(lat: float, lon: float) -> None:
    assert not in_range(lat, lon)


def test_distances_known_by_geometry() -> None:
    assert haversine(0, 0, 0, 90) == pytest.approx(EARTH_RADIUS * pi / 2)
    assert haversine(90, 10, -90, 99) == pytest.approx(EARTH_RADIUS * pi)
    assert haversine(32, 119, 33, 119) == pytest.approx(111_195, abs=1)
    assert haversine(0, 179.5, 0, -179.5) == pytest.approx(111_195, abs=1)
    assert haversine(60, 10, 60, 11) == pytest.approx(111_195 / 2, rel=1e-3)


def test_a_few_steps_are_measured_exactly_enough() -> None:
    ten_metres = 10 / EARTH_RADIUS * 180 / pi
    assert haversine(32.39, 119.42, 32.39 + ten_metres, 119.42) == pytest.approx(10, abs=0.001)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_globe(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> None:
    there = haversine(lat1, lon1, lat2, lon2)
    assert there == pytest.approx(haversine(lat2, lon2, lat1, lon1))
    assert 0 <= there <= EARTH_RADIUS * pi
    assert haversine(lat1, lon1, lat1, lon1) == 0


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        # Shanghai, Shenzhen, Beijing: reference values of other implementations of the public formula
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_the_public_formula(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-6)
    assert gcj02_to_wgs84(*gcj02) == pytest.approx(wgs84, abs=1e-6)
    assert 100 < haversine(*wgs84, *gcj02) < 1000


@pytest.mark.parametrize("place", [(39.7392, -104.9903), (51.5073, -0.1276), (-33.86, 151.21), (60.0, 100.0)])
def test_abroad_nothing_is_shifted(place: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*place) == place
    assert gcj02_to_wgs84(*place) == place


@given(st.floats(18.2, 53.5), st.floats(73.5, 134.8))
def test_there_and_back_is_within_a_millimetre(lat: float, lon: float) -> None:
    assert haversine(*gcj02_to_wgs84(*wgs84_to_gcj02(lat, lon)), lat, lon) < 0.001


SQUARE = [(32.0, 119.0), (32.0, 120.0), (33.0, 120.0), (33.0, 119.0)]
HORSESHOE = [(0.0, 0.0), (3.0, 0.0), (3.0, 3.0), (0.0, 3.0), (0.0, 2.0), (2.0, 2.0), (2.0, 1.0), (0.0, 1.0)]


def test_inside_and_outside_of_an_area() -> None:
    assert point_in_polygon(32.5, 119.5, SQUARE)
    assert not point_in_polygon(32.5, 120.5, SQUARE)
    assert not point_in_polygon(119.5, 32.5, SQUARE)
    assert point_in_polygon(1.0, 0.5, HORSESHOE)
    assert point_in_polygon(1.0, 2.5, HORSESHOE)
    assert not point_in_polygon(1.0, 1.5, HORSESHOE)


@given(st.floats(-1, 4), st.floats(-1, 4))
def test_a_ring_may_be_closed_or_not_and_run_either_way(lat: float, lon: float) -> None:
    expected = point_in_polygon(lat, lon, HORSESHOE)
    assert point_in_polygon(lat, lon, [*HORSESHOE, HORSESHOE[0]]) is expected
    assert point_in_polygon(lat, lon, HORSESHOE[::-1]) is expected


@given(st.floats(32.0, 33.0, exclude_min=True, exclude_max=True))
def test_a_border_belongs_to_exactly_one_of_two_neighbours(lat: float) -> None:
    east = [(lat_, lon + 1) for lat_, lon in SQUARE]
    assert point_in_polygon(lat, 120.0, SQUARE) != point_in_polygon(lat, 120.0, east)


@pytest.mark.parametrize("polygon", [[], [(1.0, 1.0)], [(0.0, 0.0), (2.0, 2.0)]])
def test_what_is_no_area_contains_nothing(polygon: list[tuple[float, float]]) -> None:
    assert not point_in_polygon(1.0, 1.0, polygon)
