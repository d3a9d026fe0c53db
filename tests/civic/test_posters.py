"""What goes into a poster's code, and comes out of it again."""

import re

import pytest

from civic.errors import Refused
from civic.posters import LONGEST, origin, payload


@pytest.mark.parametrize(
    ("area", "campaign", "made"),
    [
        ("hefeng", None, "poster-hefeng"),
        (None, "autumn_2026", "poster_autumn_2026"),
        ("he-feng", "autumn", "poster-he-feng_autumn"),
    ],
)
def test_a_payload_names_area_and_campaign(area: str | None, campaign: str | None, made: str) -> None:
    assert payload(area, campaign) == made
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", made)
    assert origin(made) == (area, campaign)


@pytest.mark.parametrize(
    ("area", "campaign", "why"),
    [
        ("he_feng", None, "poster.bad_area"),  # the first _ parts area and campaign
        ("荷风", None, "poster.bad_area"),
        ("", None, "poster.bad_area"),
        (None, "重阳", "poster.bad_campaign"),
        (None, "_autumn", "poster.bad_campaign"),
        (None, "autumn\n", "poster.bad_campaign"),
        (None, "a&start=b", "poster.bad_campaign"),
        ("hefeng", "x" * LONGEST, "poster.too_long"),
    ],
)
def test_what_a_code_can_not_carry_is_refused(area: str | None, campaign: str | None, why: str) -> None:
    with pytest.raises(Refused) as refused:
        payload(area, campaign)
    assert refused.value.key == why


@pytest.mark.parametrize("source", ["", "friends-link", "posters", "poster-", "poster_", "poster hefeng"])
def test_other_sources_are_no_posters(source: str) -> None:
    assert origin(source) is None
