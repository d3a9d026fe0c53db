"""Settings: all documented, typed, secrets from files, and errors that a person can act on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from obstore.exceptions import BaseError, UnknownConfigurationKeyError
from obstore.store import S3Store
from pydantic import ValidationError
from typer import Exit
from typer.testing import CliRunner

from commands.terminal import read_settings
from db.postgres import pool
from main import cli
from settings import SECRETS, Settings, unknown
from tests.play import ROOT

NAMES = {f"YOULI_{name.upper()}" for name in Settings.model_fields}
ROW = re.compile(r"^\| `(YOULI_\w+)`( \(\*\*secret\*\*\))? \| (.+?) \| (.+?) \|$", re.MULTILINE)
# Long and plain enough for every kind of secret.
MOUNTED, PLAIN = "OutOfAFile".ljust(43, "x"), "InConfidence".ljust(43, "y")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without settings, in an empty folder."""
    import os

    for name in [name for name in os.environ if re.match("YOULI_|AWS_|.+_PROXY$", name.upper())]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def default(name: str) -> str:
    """A setting's default as one would write it; nothing for an empty one or a path of this machine."""
    value = Settings.model_fields[name].get_default()
    written = "" if name in SECRETS else str(value)
    return "" if written.startswith(str(ROOT)) else written


def test_docs_settings_explains_every_setting_with_its_default() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = {name: (secret, shown, meaning) for name, secret, shown, meaning in ROW.findall(page)}
    assert rows.keys() == NAMES
    for name in Settings.model_fields:
        secret, shown, meaning = rows[f"YOULI_{name.upper()}"]
        assert bool(secret) == (name in SECRETS), name
        assert len(meaning) > 10, name
        assert not default(name) or shown == f"`{default(name)}`", name


def test_docs_settings_names_nothing_that_is_not_read() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    named = {name.removesuffix("_FILE") for name in re.findall(r"YOULI_(?!TEST_)[A-Z_]+", page)}
    assert named == NAMES


def test_the_example_has_every_setting_and_sets_none() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert all(not line or line.startswith("#") for line in lines)
    examples = dict(re.findall(r"^# (YOULI_\w+)=(.*)$", "\n".join(lines), re.MULTILINE))
    assert examples.keys() == NAMES
    for name in Settings.model_fields:
        assert not default(name) or examples[f"YOULI_{name.upper()}"] == default(name), name


def test_the_example_is_right_when_every_line_is_taken_in(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    (bare / ".env").write_text(re.sub(r"^# (YOULI_)", r"\1", example, flags=re.MULTILINE), encoding="utf-8")
    assert Settings().port == 8000


def test_docs_settings_names_the_variables_of_the_storage_as_the_library_does() -> None:
    named = set(re.findall(r"AWS_\w+", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"} <= named
    for name in named | {"AWS_STS_ENDPOINT"}:  # so its own pages call one, which it does not read
        any_names: Any = {name: "x"}
        known = True
        try:
            S3Store("bucket", config=any_names)
        except UnknownConfigurationKeyError:
            known = False
        except BaseError:
            pass  # the name it knows, the value it does not take alone
        assert known == (name != "AWS_STS_ENDPOINT"), name


def test_without_settings_everything_lies_in_the_data_directory(bare: Path) -> None:
    settings = Settings()
    assert settings.database == f"sqlite:///{bare / 'data' / 'youli.db'}"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.zone.key == "Asia/Shanghai"


def test_the_environment_wins_over_the_env_file(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / ".env").write_text("YOULI_PORT=9001\nYOULI_LANGUAGE=en\nSOMETHING_ELSE=1\n", encoding="utf-8")
    monkeypatch.setenv("YOULI_PORT", "9002")
    settings = Settings()
    assert (settings.port, settings.language) == (9002, "en")


def test_a_slip_in_a_name_was_not_noticed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / ".env").write_text("YOULI_PROT=9001\nSOMETHING_ELSE=1\nYOULI_SECRET_KEY_FILE=x\n", encoding="utf-8")
    monkeypatch.setenv("YOULI_LANGAUGE", "en")
    monkeypatch.setenv("YOULI_TEST_CHROMIUM", "x")
    assert unknown() == ["YOULI_LANGAUGE", "YOULI_PROT"]


def test_the_storage_library_may_ask_those_whom_its_variables_name(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOULI_MEDIA_URL", "s3://bucket/youli")
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    always = ("169.254.0.0/16", "fd00:ec2::/32", "s3.cn-north-1.amazonaws.com", "sts.cn-north-1.amazonaws.com")
    assert Settings().media_hosts == always
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://[fd00::5]:9000")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "https://sts.cn-north-1.amazonaws.com.cn")
    assert Settings().media_hosts == ("fd00::5", "sts.cn-north-1.amazonaws.com.cn", *always)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    assert Settings().media_hosts == ()


@pytest.mark.parametrize("address", ["127.0.0.1:9000", "s3.example.cn", "http://[fd00::5", "http://a b", ""])
def test_an_endpoint_that_is_no_address_broke_the_library_at_the_first_photo(
    address: str, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    assert Settings().media_hosts == ()
    monkeypatch.setenv("YOULI_MEDIA_URL", "s3://bucket/youli")
    with pytest.raises(ValidationError, match="AWS_ENDPOINT_URL is no address"):
        Settings()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("YOULI_CITY=云汀\n".encode("gbk"), ".env is not written in UTF-8"),  # an editor's habit on Windows
        ("YOULI_PORT=9001\n".encode("utf-16"), ".env is not written in UTF-8"),
        (b"YOULI_HOST=::1\nYOULI_PORT 9001\n", ".env, line 2: write NAME=value"),
        (b'YOULI_PORT="9001\n', ".env, line 1: write NAME=value"),
        (None, ".env can't be read: Is a directory"),  # what a container makes of a file that is not there
    ],
)
def test_an_env_file_that_cannot_be_read_ended_in_a_traceback_or_set_nothing(
    written: bytes | None, told: str, bare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if written is None:
        (bare / ".env").mkdir()
    else:
        (bare / ".env").write_bytes(written)
    with pytest.raises(Exit) as ended:
        read_settings()
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err.strip().startswith(told)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_every_secret_can_come_from_a_file(name: str, where: str, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / "mounted").write_text(f"{MOUNTED}\n", encoding="utf-8")
    monkeypatch.setenv("YOULI_WECHAT_APP_ID", "wx1")  # the AES key asks for it
    if where == "environment":
        monkeypatch.setenv(f"YOULI_{name.upper()}_FILE", str(bare / "mounted"))
    else:
        (bare / ".env").write_text(f"YOULI_{name.upper()}_FILE={bare / 'mounted'}\n", encoding="utf-8")
    assert getattr(Settings(), name).get_secret_value() == MOUNTED
    monkeypatch.setenv(f"YOULI_{name.upper()}", PLAIN)
    assert getattr(Settings(), name).get_secret_value() == PLAIN


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOULI_WECHAT_APP_ID", "wx1")
    for name in SECRETS:
        monkeypatch.setenv(f"YOULI_{name.upper()}", PLAIN)
    settings = Settings()
    assert PLAIN not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


WRONG = {
    "YOULI_PORT": ("eighty", "YOULI_PORT"),
    "YOULI_TIMEZONE": ("Mars/Olympus", "Asia/Shanghai"),
    "YOULI_LANGUAGE": ("fr", "'zh' or 'en'"),
    "YOULI_DATABASE_URL": ("mysql://root:in-confidence@db/x", "sqlite:///FILE or postgresql://"),
    "YOULI_MEDIA_URL": ("ftp://u:in-confidence@x", "s3://bucket/prefix"),
    "YOULI_LOG_LEVEL": ("loud", "'debug', 'info', 'warning' or 'error'"),
    "YOULI_WECHAT_PROFILE": ("gold", "'verified-service', 'verified-subscription' or 'unverified'"),
    "YOULI_SECRET_KEY_FILE": ("/in-confidence/at/all", "can't be read (No such file or directory)"),
    "YOULI_SECRET_KEY": ("in-confidence", "32 characters of chance or more; «main.py keys new» makes one"),
    "YOULI_FIELD_KEYS": (f"in-confidence,{PLAIN}", "32 characters of chance or more; «main.py keys new» makes one"),
    "YOULI_MAP_TILES": ("https://maps.example.org/tiles?tk=in-confidence", "https://host/{z}/{x}/{y}.png"),
}


@pytest.mark.parametrize(("name", "value", "way_out"), [(name, *rest) for name, rest in WRONG.items()])
def test_a_wrong_value_is_told_in_one_line_with_the_way_out(
    name: str, value: str, way_out: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()
    with pytest.raises(Exit) as ended:
        read_settings()
    said = capsys.readouterr().err.strip()
    assert ended.value.exit_code == 2
    assert said.startswith(f"{name}: ")
    assert way_out in said
    assert "\n" not in said
    assert "in-confidence" not in said


SECRETIVE = (
    ("DATABASE_URL", "postgresql://u:in-confidence@h:5432/x", "postgresql://u:…@h:5432/x"),
    ("DATABASE_URL", "postgresql://u:a@b/in-confidence@h/x", "postgresql://u:…@h/x"),
    ("DATABASE_URL", "postgresql://u@h/x?PassWord=in-confidence&ssl=on", "postgresql://u@h/x?PassWord=…&ssl=on"),
    ("MEDIA_URL", "s3://id:in-confidence@bucket/prefix", "s3://id:…@bucket/prefix"),
    ("TELEGRAM_API_BASE", "http://u:in-confidence@bots:81", "http://u:…@bots:81"),
    ("DATABASE_URL", "postgresql://u@h:5432/x", "postgresql://u@h:5432/x"),
    (
        "MAP_TILES",
        "https://t0.tianditu.gov.cn/{z}/{x}/{y}?tk=in-confidence&T=1",
        "https://t0.tianditu.gov.cn/{z}/{x}/{y}?tk=…&T=1",
    ),
)


@pytest.mark.parametrize(("name", "value", "shown"), SECRETIVE)
def test_addresses_are_shown_without_the_password_in_them(
    name: str, value: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"YOULI_{name}", value)
    done = CliRunner().invoke(cli, ["settings", "--json"])
    assert json.loads(done.output)[f"YOULI_{name}"] == {"value": shown, "from": "environment"}
    assert "in-confidence" not in done.output


def test_a_mounted_secret_that_is_empty_was_taken_for_none(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each machine then made a key of its own, and nobody was signed in on two."""
    (bare / "mounted").write_bytes(b" \n")
    monkeypatch.setenv("YOULI_SECRET_KEY_FILE", str(bare / "mounted"))
    with pytest.raises(ValidationError, match="YOULI_SECRET_KEY_FILE: the file that it names is empty"):
        Settings()
    (bare / "mounted").write_bytes(b"\xff\xfe")
    with pytest.raises(ValidationError, match="is no text in UTF-8"):
        Settings()


def test_a_key_that_can_be_guessed_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YOULI_SECRET_KEY", "YOULI_FIELD_KEYS"):
        for short in ("x" * 60, PLAIN[:31]):
            monkeypatch.setenv(name, short)
            with pytest.raises(ValidationError, match="32 characters of chance"):
                Settings()
        monkeypatch.delenv(name)
    monkeypatch.setenv("YOULI_SECRET_KEY", PLAIN)
    monkeypatch.setenv("YOULI_FIELD_KEYS", f"{MOUNTED},short")  # the way out of a key from before this rule
    assert len(Settings().keyring().keys) == 3


def test_of_secrets_is_shown_only_that_they_are_set_and_where(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    (bare / "mounted").write_text(MOUNTED)
    for count, name in enumerate(SECRETS):
        if count % 2:
            monkeypatch.setenv(f"YOULI_{name.upper()}", PLAIN)
        else:
            monkeypatch.setenv(f"YOULI_{name.upper()}_FILE", str(bare / "mounted"))
    monkeypatch.setenv("YOULI_WECHAT_APP_ID", "wx1")
    (bare / ".env").write_text("YOULI_CITY=yushan\n")
    done = CliRunner().invoke(cli, ["settings", "--json"])
    told = json.loads(done.output)
    assert {told[f"YOULI_{name.upper()}"]["value"] for name in SECRETS} == {"set, not shown"}
    assert {told[f"YOULI_{name.upper()}"]["from"] for name in SECRETS} == {"environment"}
    assert told["YOULI_CITY"] == {"value": "yushan", "from": ".env"}
    assert told["YOULI_PORT"] == {"value": "8000", "from": "default"}
    table = CliRunner().invoke(cli, ["settings"]).output
    assert not any(word.strip("xy") in done.output + table for word in (MOUNTED, PLAIN))


def test_a_password_with_signs_of_an_address_was_quoted_in_the_error() -> None:
    with pytest.raises(ValueError, match="%40") as error:
        pool("postgresql+asyncpg://u:a@b:in-confidence@h/x")
    assert "in-confidence" not in str(error.value)


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("YOULI_PORT", "70000")
    monkeypatch.setenv("YOULI_LANGUAGE", "fr")
    with pytest.raises(Exit):
        read_settings()
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == ["YOULI_PORT", "YOULI_LANGUAGE"]


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"YOULI_HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),  # noqa: S104 - nothing listens there
        ({"YOULI_HOST": "::1", "YOULI_PORT": "81"}, "http://[::1]:81"),
        ({"YOULI_BASE_URL": "https://youli.example.cn/"}, "https://youli.example.cn"),
    ],
)
def test_how_the_public_reaches_us(settings: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert Settings().public_url == url


def test_a_key_is_made_once_and_only_its_owner_reads_it(bare: Path) -> None:
    first = Settings().secret()
    assert len(first) >= 32
    assert Settings().secret() == first
    assert (bare / "data" / "secret.key").stat().st_mode & 0o077 == 0


def test_a_key_that_was_set_is_used(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    monkeypatch.setenv("YOULI_SECRET_KEY", PLAIN)
    assert Settings().secret() == PLAIN.encode()
    assert not (bare / "data").exists()
