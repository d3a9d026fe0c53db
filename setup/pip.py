"""Which pip installs into .venv, and how to run it."""

import subprocess
import sys
from pathlib import Path

from setup.checkout import PYTHON, ROOT


def install(lock: str, *options: str) -> list[str]:
    """The command that installs what `lock` names: with .venv's own pip or, where it has none, this Python's.

    Leaves with one line on stderr where neither has pip.
    """
    owner = next((python for python in (PYTHON, Path(sys.executable)) if has("pip", python)), None)
    if owner is None:
        sys.exit(
            "Youli needs pip, and this Python has neither pip nor ensurepip. Install them "
            "(Debian, Ubuntu: apt install python3-pip python3-venv) and run the same command again."
        )
    pip = [str(owner), "-m", "pip", "--disable-pip-version-check", "--no-input", f"--python={PYTHON}"]
    pip += ["install", "--progress-bar=off", "--require-hashes", f"--requirement={ROOT / lock}"]
    return [*pip, *options]


def has(module: str, python: Path) -> bool:
    """Whether `python` can import `module`."""
    question = f"import sys, importlib.util as u; sys.exit(u.find_spec({module!r}) is None)"
    return subprocess.run([python, "-I", "-c", question], capture_output=True).returncode == 0
