"""The communities' shapes: positions find their community, what is wrong is told, none is needed."""

import json
from pathlib import Path
from typing import Any

import pytest

from content.library import Library
from content.shapes import read_shapes
from content.sheets import Shelf

SQUARE = [[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.1], [120.0, 30.0]]
HOLE = [[120.04, 30.04], [120.06, 30.04], [120.06, 30.06], [120.04, 30.06], [120.04, 30.04]]


def shelf(folder: Path, *features: Any) -> Shelf:
    """A pack whose areas.geojson has these features."""
    (folder / "cities" / "x").mkdir(parents=True)
    document = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "cities" / "x" / "areas.geojson").write_text(document, "utf-8")
    return Shelf(folder)


def feature(area: str, coordinates: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {"type": "Feature", "properties": {"id": area}, "geometry": {"type": kind, "coordinates": coordinates}}


def test_the_demo_city_is_drawn_whole_and_without_overlap(library: Library) -> None:
    assert set(library.shapes.rings) == set(library.city.communities)
    assert library.shapes.bounds is not None
    south, west, north, east = library.shapes.bounds
    found = []
    for row in range(20):
        for column in range(20):
            lat, lon = south + (row + 0.5) * (north - south) / 20, west + (column + 0.5) * (east - west) / 20
            inside = [area for area in library.shapes.rings if library.shapes.community_at(lat, lon) == area]
            assert len(inside) <= 1
            found += inside
    assert len(set(found)) == 13


def test_a_hole_and_an_island_belong_where_they_are_drawn(tmp_path: Path) -> None:
    island = [[[lon + 1, lat] for lon, lat in SQUARE]]
    given = shelf(tmp_path, feature("a", [SQUARE, HOLE]), feature("b", [[HOLE], island], "MultiPolygon"))
    shapes = read_shapes(given, "cities/x", ("a", "b"))
    assert given.problems == []
    assert shapes.community_at(30.02, 120.02) == "a"
    assert shapes.community_at(30.05, 120.05) == "b"
    assert shapes.community_at(30.05, 121.05) == "b"
    assert shapes.community_at(31.0, 120.05) is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (feature("c", [SQUARE]), "没有这个社区"),
        (feature("a", [SQUARE[:-1]]), "没有闭合"),
        (feature("a", [[[lat, lon * 2] for lon, lat in SQUARE]]), "不在地球上"),
        (feature("a", "here"), "坐标"),
        (feature("a", [SQUARE], "Point"), "Polygon"),
        (feature("a", [[[10**400, 1]] * 4]), "properties.id"),  # more than a float holds
        ({"type": "Feature"}, "properties.id"),
        ("nonsense", "properties.id"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, wrong: Any, words: str) -> None:
    given = shelf(tmp_path, wrong)
    read_shapes(given, "cities/x", ("a", "b"))
    assert [words in str(problem) and "areas.geojson" in str(problem) for problem in given.problems] == [True]


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"features": 1}', "[" * 100_000])
def test_a_file_that_is_no_geojson_is_told(tmp_path: Path, text: str) -> None:
    given = shelf(tmp_path)
    (tmp_path / "cities" / "x" / "areas.geojson").write_text(text or " ", "utf-8")
    read_shapes(given, "cities/x", ())
    assert "FeatureCollection" in str(given.problems[0])


def test_no_shapes_are_needed(tmp_path: Path) -> None:
    shapes = read_shapes(Shelf(tmp_path), "cities/x", ("a",))
    assert shapes.bounds is None and shapes.community_at(30, 120) is None
