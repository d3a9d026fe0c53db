"""Make .venv and install what the lock file names, once.

A stamp in .venv remembers the lock file's hash, so that a second run does nothing and needs no network.
"""

import argparse
import contextlib
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from setup import assets, pip
from setup.checkout import PYTHON, ROOT, VENV, say

LOG = VENV / "setup.log"
RUNTIME, DEV = "requirements.lock", "requirements-dev.lock"
THIS = "{}.{}".format(*sys.version_info)
# What pip writes when it cannot reach a package index, as against not finding a package there.
UNREACHABLE = re.compile("connection broken by|ConnectionError|ConnectTimeout|ProxyError|timed out")


def main() -> None:
    """Bring this checkout up to date; leave with one line on stderr and code 1 where that is impossible."""
    parser = argparse.ArgumentParser(prog="python3 -m setup", description="Prepare this checkout, once.")
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    parser.add_argument(
        "--same-python", action="store_true", help="make .venv anew when it has another Python than this one"
    )
    options = parser.parse_args()
    with one_at_a_time():
        make_venv(options.same_python)
        install(DEV if options.dev else RUNTIME)
        assets.fetch(options.dev)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second set-up of the same checkout wait for the first (not on Windows, which has no flock)."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    folder = os.open(ROOT / "setup", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def make_venv(same_python: bool) -> None:
    """Make .venv where there is none, where it is broken, or (`same_python`) where it has another Python."""
    found = venv_version()
    if found and (found == THIS or not same_python):
        return
    say("1/3 virtual environment")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    # Debian packs ensurepip separately (python3-venv); without it this Python's own pip does the work.
    if not pip.has("ensurepip", Path(sys.executable)):
        command.append("--without-pip")
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        reason = (made.stderr or made.stdout).strip().splitlines() or ["no reason given"]
        sys.exit(f"Youli could not make .venv: {reason[-1]}")


def venv_version() -> str:
    """The Python of .venv as "3.11"; empty where there is none, or a broken or too old one."""
    question = "import sys; print('{}.{}'.format(*sys.version_info) if sys.version_info >= (3, 11) else '')"
    try:
        answer = subprocess.run([PYTHON, "-I", "-S", "-c", question], capture_output=True, text=True)
    except OSError:
        return ""
    return answer.stdout.strip()


def install(lock: str) -> None:
    """Install what `lock` names, unless its stamp in .venv says that it is there already."""
    stamp = VENV / f"{lock}.installed"
    if stamp.is_file() and stamp.read_text() == fingerprint(lock):
        return
    names = len(re.findall("^[a-z0-9].*==", (ROOT / lock).read_text(), re.MULTILINE))
    say(f"2/3 packages: {names} from {lock} (about a minute the first time)")
    started = time.monotonic()
    if run(pip.install(lock), names):
        # The development lock holds all of the runtime one, at the same versions.
        for done in {lock, RUNTIME}:
            (VENV / f"{done}.installed").write_text(fingerprint(done))
        say(f"2/3 packages: ready after {time.monotonic() - started:.0f} s")
        return
    output = LOG.read_text(errors="replace")
    if "DO NOT MATCH THE HASHES" in output or not UNREACHABLE.search(output):
        errors = re.findall("^ERROR: (.*)", output, re.MULTILINE) or ["pip gave no reason"]
        sys.exit(f"Youli's packages could not be installed: {errors[-1]} (all of it: {LOG})")
    if not stamp.is_file():
        sys.exit(
            "Youli's packages could not be downloaded: no network, or the package index is out of reach. "
            f"Connect and run the same command again (details: {LOG})"
        )
    say(f"{lock} has changed but the network is out of reach: going on with the packages from before")


def fingerprint(lock: str) -> str:
    """What a stamp holds: .venv's Python and the lock file's hash."""
    return f"{venv_version()} {hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()}"


def run(command: list[str], names: int) -> bool:
    """Run pip with its output in the log, counting packages where somebody watches; True on success."""
    watched = sys.stdout.isatty()
    seen = 0
    with (
        LOG.open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            seen += line.startswith(("Collecting ", "Requirement already satisfied"))
            if watched:
                step = "installing" if line.startswith("Installing ") else f"{min(seen, names)} of {names}"
                print(f"\r  {step:<12}", end="", flush=True)
    if watched:
        print("\r" + " " * 14 + "\r", end="", flush=True)
    return process.returncode == 0
