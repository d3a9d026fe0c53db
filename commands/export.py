"""``main.py export``: the public figures of a period as files for open-data portals."""

import json
from pathlib import Path
from typing import Annotated

import typer

from commands.asking import ask
from commands.stats import Language, Period
from commands.terminal import read_settings


def export(
    period: Period = "",
    language: Language = "zh",
    folder: Annotated[
        Path | None, typer.Option("--to", help="Where to; opendata in the data directory if left out.")
    ] = None,
) -> None:
    """Open data: figures.csv, figures.json, figures.parquet, and dictionary.json that explains them.

    Without a period: the last whole week, or month, as the city tells them apart.
    """
    from base64 import b64decode

    found = ask("opendata", period=period, language=language)
    target = (folder or read_settings().data_dir / "opendata") / found["period"]
    target.mkdir(parents=True, exist_ok=True)
    for name, content in found["files"].items():
        (target / name).write_bytes(b64decode(content))
        typer.echo(str(target / name))
    (target / "dictionary.json").write_text(json.dumps(found["dictionary"], ensure_ascii=False, indent=2), "utf-8")
    typer.echo(str(target / "dictionary.json"))
