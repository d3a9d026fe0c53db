"""The documentation tells the truth where a test can see it."""

import re
from pathlib import Path

import pytest

from civic.tips import WEIGHTS
from commands.content import city, content
from commands.reports import reports
from content.export import lines
from content.library import Library
from db.tables import metadata
from main import cli
from tests.play import ROOT

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "bench" / "README.md", ROOT / "content" / "README.md"]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|(?:src|href)=\"([^\"#]+)\"")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    links = [one or other for one, other in LINK.findall(page.read_text(encoding="utf-8"))]
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_every_command_is_explained_for_operators() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    names = [command.name or command.callback.__name__ for command in cli.registered_commands if command.callback]
    missing = [name for name in names if f"main.py {name}" not in text]
    assert missing == []
    spoken = [str(command.name) for command in reports.registered_commands]
    assert all(name in text for name in spoken)


def test_every_command_of_the_editors_is_explained_to_them_and_none_that_is_not() -> None:
    text = (ROOT / "docs" / "content.md").read_text(encoding="utf-8")
    names = {command.name or command.callback.__name__ for command in content.registered_commands if command.callback}
    names |= {f"city {command.name}" for command in city.registered_commands}
    told = {name.strip() for name in re.findall(r"main\.py content ((?:city )?[a-z]+)", text)}
    assert told == names


def test_the_weights_of_the_daily_tip_are_told_as_they_are() -> None:
    text = (ROOT / "docs" / "content.md").read_text(encoding="utf-8")
    table = [row.split("|")[2] for row in text.splitlines() if row.startswith("| ") and row.count("|") == 3]
    points = {int(found[0].replace("−", "-")) for row in table if (found := re.findall(r"^ (−?\d+)", row))}
    assert points == {WEIGHTS[rule] for rule in WEIGHTS if rule not in {"reports", "planned"}}
    assert f"gets {WEIGHTS['reports']} points for each time more" in text
    assert f"against {WEIGHTS['planned']} for" in text


def test_every_key_of_the_json_lines_is_in_the_editors_page(library: Library) -> None:
    text = (ROOT / "docs" / "content.md").read_text(encoding="utf-8")
    table = text[text.index("## JSON lines") : text.index("## ", text.index("## JSON lines") + 4)]
    kinds = frozenset({"tip", "question", "answer"})
    keys = {key for line in lines(library, kinds, frozenset()) for key in line}
    sources = {key for line in lines(library, kinds, frozenset({"dogs"})) for one in line["sources"] for key in one}
    assert [key for key in keys | sources if f"`{key}`" not in table] == []


def test_every_path_of_the_chat_is_in_its_reference() -> None:
    text = (ROOT / "docs" / "chat-api.md").read_text(encoding="utf-8")
    for path in ("/chat/messages", "/chat/read", "/chat/events", "/stats.json", "/healthz", "/readyz", "/metrics"):
        assert path in text


def test_every_table_is_in_the_page_on_personal_data() -> None:
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    cells = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    told = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert told == set(metadata.tables)
