"""The house keeps its arrows (docs/architecture.md), its names, its size of rooms, and imports that do nothing."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.play import ROOT

# Folder → the folders of ours it may import from. An import under TYPE_CHECKING counts like any other.
ARROWS = {
    "civic": {"civic"},
    "content": {"content", "civic"},
    "db": {"db", "civic"},
    "bot": {"bot", "civic", "content", "db"},
    "actions": {"actions", "civic", "content", "db", "bot"},  # of bot only what FROM_BOT names
    "handlers": {"handlers", "actions", "civic", "content", "bot"},  # never db
    "backup": {"backup", "bot", "civic", "db"},
    "web": {"web", "actions", "civic", "content", "db", "bot"},
    "demo": {"demo", "actions", "civic", "content", "db", "bot"},  # as much as a house is made of, and no page
}
# What the actions may know of bot: how things are said and where they lie, never how they travel.
FROM_BOT = {
    "bot.messages",  # Say, Option, Place: what a deed makes the bot say
    "bot.letters",  # a Say on its way into the outbox
    "bot.media",  # the clock deletes files that nobody needs
    "bot.house",  # the clock serves the house: its city, its time zone
    "bot.rounds",  # the clock goes round after round
}
# These put everything together and may import everything.
TOP = {
    "main",
    "arrangements",
    "commands",
    "settings",
    "keyfile",
    "opening",
    "assembly",
    "serving",
    "storage",
    "checkup",
    "telemetry",
}
OURS = {*ARROWS, *TOP}
# The web reads the database; what it changes goes through actions, but for marks of reading.
NAMES_REFUSED = {"util", "utils", "helper", "helpers", "common", "manager", "service", "base", "misc"}
LONGEST = 300  # lines
SKIPPED = {".venv", "build", "data", "node_modules", "tests"}


def modules() -> list[Path]:
    """Every Python file but the tests."""
    tops = [top for top in ROOT.iterdir() if top.name not in SKIPPED]
    files = [top for top in tops if top.suffix == ".py"] + [path for top in tops for path in top.rglob("*.py")]
    found = [path.relative_to(ROOT) for path in files]
    return sorted(path for path in found if not SKIPPED & set(path.parts) and not path.name.startswith("test_"))


MODULES = modules()
HOUSE = [path for path in MODULES if path.parts[0] in ARROWS and "migrations" not in path.parts]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each module of ours that a file imports, anywhere in it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            module = node.module or ""
            within = [f"{module}.{alias.name}" for alias in node.names]
            names = [name if (ROOT / f"{name.replace('.', '/')}.py").exists() else module for name in within]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.partition(".")[0] in OURS)


def test_there_is_something_to_look_at() -> None:
    assert {path.parts[0] for path in HOUSE} == set(ARROWS)
    assert len(HOUSE) > 80
    assert ("bot.messages") in {name for _, name in imported(Path("actions/reports.py"))}
    assert ("db.letters") in {name for _, name in imported(Path("actions/notices.py"))}


def test_the_arrows_go_one_way() -> None:
    wrong = [
        f"{path}:{line} imports {name}"
        for path in HOUSE
        for line, name in imported(path)
        if name.partition(".")[0] not in ARROWS[path.parts[0]]
    ]
    assert wrong == []


def test_actions_know_only_a_part_of_the_bot() -> None:
    known = {
        name for path in HOUSE if path.parts[0] == "actions" for _, name in imported(path) if name.startswith("bot")
    }
    assert known <= FROM_BOT
    assert known == FROM_BOT, "FROM_BOT names what is not needed any more"


def test_conversations_do_not_know_one_another_but_for_their_parts() -> None:
    """A conversation is one file and one name in a list; a longer one may have rooms of its own name."""
    shared = {"handlers.scene", "handlers.search", "handlers.ways"}
    for path in HOUSE:
        if path.parts[0] != "handlers" or path.name == "__init__.py":
            continue
        for line, name in imported(path):
            if name.startswith("handlers.") and name not in shared:
                assert name.startswith(f"handlers.{path.stem}_"), f"{path}:{line} imports {name}"


def test_channels_do_not_know_one_another() -> None:
    for path in HOUSE:
        if path.parts[:2] != ("bot", "channels") or len(path.parts) < 4:
            continue
        own = ".".join(path.parts[:3])
        for line, name in imported(path):
            assert not name.startswith("bot.channels.") or name.startswith(own), f"{path}:{line} imports {name}"


def test_the_rooms_of_the_bot_do_not_know_the_channels() -> None:
    for path in HOUSE:
        if path.parts[0] == "bot" and "channels" not in path.parts:
            for line, name in imported(path):
                assert not name.startswith("bot.channels"), f"{path}:{line} imports {name}"


def test_the_environment_has_one_reader() -> None:
    def reads(path: Path) -> bool:
        nodes = list(ast.walk(parsed(path)))
        # «os.environ.setdefault» tells a library something; that is no reading.
        telling = {id(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "setdefault"}
        asking = (node for node in nodes if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        return any(id(node) not in telling for node in asking)

    rooms = [path for path in MODULES if path.parts[0] not in {"bench", "setup"}]
    assert [str(path) for path in rooms if reads(path)] == ["settings.py"]


def test_the_rules_look_at_no_clock() -> None:
    """Time is a fact of the transaction: nobody in these rooms asks for it."""
    for path in HOUSE:
        if path.parts[0] not in {"civic", "content", "actions", "handlers"}:
            continue
        for node in ast.walk(parsed(path)):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if called and node.func.attr in {"now", "today", "utcnow"}:  # type: ignore[attr-defined]
                raise AssertionError(f"{path}:{node.lineno} asks for the time")  # type: ignore[attr-defined]


def test_a_module_is_a_noun_of_the_domain() -> None:
    assert [str(path) for path in MODULES if {*path.parts[:-1], path.stem} & NAMES_REFUSED] == []


def test_a_room_is_not_too_large() -> None:
    rooms = [path for path in MODULES if "migrations" not in path.parts]
    lines = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in rooms}
    assert {path: count for path, count in lines.items() if count > LONGEST} == {}, "split them"


def test_a_room_says_what_it_is_for() -> None:
    assert [str(path) for path in HOUSE if not ast.get_docstring(parsed(path))] == []


STILL = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def test_importing_does_nothing_as_far_as_one_can_read() -> None:
    """At the top of a room stand imports, definitions, constants and docstrings; no loop, no call for its effect."""

    def still(node: ast.stmt) -> bool:
        if isinstance(node, ast.If):
            return ast.unparse(node.test) in {"TYPE_CHECKING", "__name__ == '__main__'"}
        return isinstance(node, STILL) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))

    assert [f"{path}:{node.lineno}" for path in HOUSE for node in parsed(path).body if not still(node)] == []


WATCHED = """
import importlib, json, sys
house = sys.argv[1]
sys.path.insert(0, house)
seen = []

def ours():
    # Whose import does it: the first module's body on the way up; what a library does in its own is not ours.
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(house) and ".venv" not in frame.f_code.co_filename

def watch(event, arguments):
    if not event.startswith(("open", "socket.", "subprocess.", "os.", "sqlite3.connect", "_thread.")) or not ours():
        return
    if event == "open":
        path, mode = str(arguments[0]), arguments[1] or ""
        if set(mode) & set("wax+") or path.endswith((".toml", ".db", ".env")):
            seen.append(f"opened {path} {mode}")
    elif event.startswith(("socket.", "subprocess.", "os.system", "sqlite3.connect", "os.mkdir", "_thread.start")):
        seen.append(event)

sys.dont_write_bytecode = True
sys.addaudithook(watch)
for name in sys.argv[2:]:
    importlib.import_module(name)
print(json.dumps(seen))
"""


def test_importing_does_nothing_as_far_as_one_can_see(tmp_path: Path) -> None:
    """All rooms imported in a new process: no file is written, no content read, no socket, thread or process."""
    names = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in HOUSE]
    command = [sys.executable, "-c", WATCHED, str(ROOT), *names, *sorted(TOP)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)  # noqa: S603 - our own program
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert list(tmp_path.iterdir()) == []
