"""Where things are in this checkout, and how set-up speaks of its progress."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(text: str) -> None:
    """Tell the person at the terminal how far the set-up is."""
    print(f"Setting up: {text}", flush=True)
