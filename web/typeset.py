"""Sets a layout of templates/ as PDF or PNG: typst, in a process of its own. What it remembers of fonts and pictures,
a hundred megabytes after a dozen of them, would stay with the server for good.

«python -m web.typeset»: standard input is a JSON object of what typst is asked for, standard output the PDF or PNG;
or the exit status is 1 and standard error what is wrong.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

Kind = Literal["pdf", "png"]
ARCHIVED = ("a-2a", "ua-1")  # a PDF for archives that a screen reader can read
_SECONDS = 120  # a bulletin of many pages takes one or two, more on a slow machine
LAYOUTS = Path(__file__).parent / "templates"


class Unset(ValueError):
    """Typst could not set it; its words say why."""


def typeset(layout: str, kind: Kind, told: Mapping[str, str], *, inch: int, standards: Sequence[str] = ()) -> bytes:
    """``layout`` is a file's name, ``told`` what it reads by name, ``inch`` the dots of a PNG's inch. Raises Unset, and
    OSError if no process can be started."""
    asked = {"layout": layout, "kind": kind, "told": dict(told), "inch": inch, "standards": list(standards)}
    try:
        done = subprocess.run(  # nosec B603
            [sys.executable, "-m", "web.typeset"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            cwd=Path(__file__).parent.parent,
            env={},  # no secrets where what editors and residents wrote is read
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unset("it took too long") from None
    if done.returncode != 0:
        raise Unset(done.stderr.decode(errors="replace").strip() or f"typst ended with status {done.returncode}")
    return done.stdout


def _main() -> None:
    import pylopdf_fonts_zh_cn as fonts
    import typst

    asked = json.load(sys.stdin.buffer)
    try:
        made = typst.compile(
            LAYOUTS / asked["layout"],
            format=asked["kind"],
            ppi=asked["inch"],
            sys_inputs=asked["told"],
            font_paths=[fonts.sans_path().parent],
            ignore_system_fonts=True,
            pdf_standards=asked["standards"],
        )
    except typst.TypstError as error:
        sys.exit(error.message)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    os.nice(10)  # conversations go first
    _main()
