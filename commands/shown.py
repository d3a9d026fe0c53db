"""``main.py settings``: what is set, without what is secret."""

import json
import re
from collections.abc import Iterator

import typer
from pydantic import SecretStr

from commands.terminal import Json, read_settings, table
from settings import Settings, given


def settings(as_json: Json = False) -> None:
    """Every setting, its value and where it comes from. Of secrets only whether they are set; no passwords in
    addresses."""
    rows = list(_rows(read_settings()))
    if as_json:
        found = {name: {"value": value, "from": source} for name, value, source in rows}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        table([("setting", "value", "from"), *rows], "docs/settings.md explains them")


def _rows(found: Settings) -> Iterator[tuple[str, str, str]]:
    sources = given()
    for field in Settings.model_fields:
        name, value = f"YOULI_{field.upper()}", getattr(found, field)
        if isinstance(value, SecretStr):
            told = "set, not shown" if value.get_secret_value() else ""
            names = [name, f"{name}_FILE"] if told else []
        else:
            told, names = masked(str(value)), [name]
        yield name, told, next((sources[one] for one in names if one in sources), "default")


def masked(value: str) -> str:
    """An address without the password in it, and without what its query calls a key or the like."""
    value = re.sub(r"(://[^:/@?#]*):.*@", r"\1:…@", value)  # to the last @: a password may hold one
    value = re.sub(r"(?i)([?&](?:ak|tk)=)[^&#]*", r"\1…", value)  # what Baidu and Tianditu call a key
    return re.sub(r"(?i)([?&][^=&]*(?:pass|secret|key|token|sign)[^=&]*=)[^&#]*", r"\1…", value)
