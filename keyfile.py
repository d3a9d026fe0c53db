"""Secrets that lie in files: those that a container system mounts, and the city's own key. How long a key must be."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

SHORTEST = 32  # characters; 64 of «openssl rand -hex 32» are 256 bits of chance, 32 of them 128
FEWEST_SIGNS = 5  # different ones
LONG_ENOUGH = f"a key has {SHORTEST} characters of chance or more; «main.py keys new» makes one"


def long_enough(key: str) -> bool:
    """Whether nobody finds a key by trying: everybody holds cookies and links that it signed, so that can be done at
    home. Length stands for chance here; a row of the same sign is none."""
    return len(key) >= SHORTEST and len(set(key)) >= FEWEST_SIGNS


def mounted(path: str, name: str) -> str:
    """What the file holds that the setting ``name`` names. Raises ValueError, which does not tell the path: the
    secret itself may have been written there."""
    try:
        held = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"{name}: the file that it names can't be read ({error.strerror})") from None
    except UnicodeError:
        raise ValueError(f"{name}: the file that it names is no text in UTF-8") from None
    if not held:
        raise ValueError(f"{name}: the file that it names is empty")
    return held


def own(path: Path) -> bytes:
    """The key in this file; made, for its owner's eyes only, where there is none yet."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whole or not at all: after a crash half-way, an empty key would let anybody sign.
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # readable by the owner only
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was quicker: theirs it is
                path.hardlink_to(file.name)
    return path.read_bytes().strip()
