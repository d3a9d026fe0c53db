"""Who lives in the made-up city: they learn and forget, a campaign works, and the same seed makes the same people."""

import io
from collections import Counter
from datetime import date, timedelta

import pytest
from PIL import Image

from actions.evidence import ALIKE
from civic.phash import distance
from content.library import Library
from demo.drawing import THINGS, Sight, draw
from demo.memory import Memory
from demo.people import settle
from demo.script import read_script
from demo.seasons import Seasons
from tests.bot.test_photos import look
from tests.play import ROOT

TODAY = date(2026, 11, 23)


@pytest.fixture
def seasons(library: Library) -> Seasons:
    return Seasons(library.calendar, TODAY - timedelta(days=90), TODAY)


def test_what_was_met_is_known_better_and_forgotten_the_more_slowly_the_oftener_it_was_met(library: Library) -> None:
    question = next(iter(library.questions.values()))
    memory = Memory(0.0)
    strange = memory.chance(question, TODAY)
    memory.meet(question, TODAY)
    once = [memory.chance(question, TODAY + timedelta(days=days)) for days in (0, 3, 10, 60)]
    assert once[0] > 0.95 and once == sorted(once, reverse=True)
    assert abs(once[-1] - strange) < 0.01
    memory.meet(question, TODAY)
    assert memory.chance(question, TODAY + timedelta(days=10)) > once[2]
    memory.tips[question.topic] += 1
    assert memory.chance(question, TODAY + timedelta(days=600)) > strange


def test_the_campaign_brings_people_and_takes_away_litter(seasons: Seasons) -> None:
    before, after = seasons.campaign - timedelta(days=21), seasons.campaign + timedelta(days=28)
    assert seasons.campaign.weekday() == 0
    assert seasons.mood(seasons.campaign) > seasons.mood(before)
    assert seasons.chance("litter", before) > 2 * seasons.chance("litter", after)
    assert seasons.chance("facility", before) == seasons.chance("facility", after)


def test_a_short_history_has_a_campaign_too(library: Library) -> None:
    assert Seasons(library.calendar, TODAY, TODAY).campaign == TODAY


def test_the_same_seed_makes_the_same_people_and_another_one_others(library: Library, seasons: Seasons) -> None:
    people = [settle(7, number, library.city, seasons) for number in range(200)]
    assert people == [settle(7, number, library.city, seasons) for number in range(200)]
    assert people != [settle(8, number, library.city, seasons) for number in range(200)]
    assert {one.channel for one in people} == {"web", "wechat", "telegram"}
    assert all(seasons.first <= one.arrival <= seasons.last for one in people)
    assert len(Counter(one.area for one in people)) > 10
    came_back = [one for one in people if any(last < seasons.last for _, last in one.breaks)]
    assert came_back and any(one.away(seasons.last) for one in people)


@pytest.mark.parametrize("category", [*THINGS, "noise"])
def test_photos_are_drawn_before_and_after_the_work(category: str) -> None:
    before, after = draw(Sight(category, "here")), draw(Sight(category, "here", clean=True))
    assert before == draw(Sight(category, "here"))
    assert before != after != draw(Sight(category, "there", clean=True))
    with Image.open(io.BytesIO(before)) as opened:
        assert opened.format == "JPEG" and opened.size == (640, 480)
    # To whom looks after the work they are two photos, not one that was sent again.
    assert distance(look(before).phash, look(after).phash) > ALIKE


def test_the_script_has_words_for_every_category_of_ours_and_departments_of_the_city(library: Library) -> None:
    script = read_script(ROOT / "content")
    assert script.notes.keys() == library.categories.keys()
    assert script.departments.keys() == set(library.city.department_ids)
