"""JSON as the database keeps it: compact text, read and written at every turn, so by orjson."""

from typing import Any

import orjson


def pack(value: Any) -> str:
    """JSON text of dicts, lists, tuples, strings, numbers, booleans and None. Raises TypeError for anything else."""
    return "{}" if value == {} else orjson.dumps(value).decode()


def unpack(text: str) -> Any:
    """The value of a JSON text."""
    return orjson.loads(text) if len(text) > 2 else [] if text == "[]" else {}
