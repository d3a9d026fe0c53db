"""``main.py bulletin``: the figures of a period as a text with drawings, for paper, offices and chats."""

from base64 import b64decode
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from commands.asking import ask
from commands.stats import Area, Language, Period
from commands.terminal import read_settings


class Kind(StrEnum):
    """What it can be."""

    PDF = "pdf"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"


def bulletin(
    period: Period = "last-7",
    area: Area = None,
    language: Language = "zh",
    kinds: Annotated[
        list[Kind] | None, typer.Option("--kind", help="One or several of them; all of them if left out.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--to", help="Where to; bulletins in the data directory if left out.")
    ] = None,
) -> None:
    """A bulletin: PDF for paper, DOCX to edit, XLSX with all figures, PNG as a card for chats."""
    target = folder or read_settings().data_dir / "bulletins"
    target.mkdir(parents=True, exist_ok=True)
    for kind in kinds or list(Kind):
        made = ask("bulletin", period=period, area=area, language=language, kind=kind.value)
        file = target / made["name"]
        file.write_bytes(b64decode(made["content"]))
        typer.echo(str(file))
