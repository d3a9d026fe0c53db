"""The documentation tells the truth where a test can see it."""

import re
from pathlib import Path

import pytest

from commands.reports import reports
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


def test_every_path_of_the_chat_is_in_its_reference() -> None:
    text = (ROOT / "docs" / "chat-api.md").read_text(encoding="utf-8")
    for path in ("/chat/messages", "/chat/read", "/chat/events", "/stats.json", "/healthz", "/readyz", "/metrics"):
        assert path in text
