"""Every setting, typed and documented: the only reader of the environment.

Names carry the prefix YOULI_; a .env file beside main.py is read too; a secret may be given as a file with
NAME_FILE. docs/settings.md is checked against this list.
"""

import os
import re
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from keyfile import LONG_ENOUGH, long_enough, mounted, own
from storage import hosts

if TYPE_CHECKING:
    from db.sealing import Keyring

HOUSE = Path(__file__).parent
Port = Annotated[int, Field(ge=0, le=65535)]


def version() -> str:
    """Which Youli this is."""
    with (HOUSE / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def asks_for_traces() -> bool:
    """Whether OpenTelemetry's own variables say where traces go."""
    named = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true" and any(os.environ.get(name) for name in named)


class Settings(BaseSettings):
    """What an operator may set. Raises pydantic.ValidationError with one line for each wrong value."""

    model_config = SettingsConfigDict(env_prefix="YOULI_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(
        Path("data"), description="Where the embedded default keeps everything: database, photos, socket, keys."
    )
    database_url: str = Field(
        "", repr=False, description="`sqlite:///FILE` or `postgresql://…`. Empty: `youli.db` in the data directory."
    )
    media_url: str = Field("", description="Where photos lie: empty for the data directory, or `s3://bucket/prefix`.")
    backup_dir: str = Field("", description="Where backups go: better another disk. Empty: in the data directory.")
    backup_hour: int = Field(-1, ge=-1, le=23, description="The hour of the daily backup; `-1`: only by hand.")
    backup_days: int = Field(7, ge=0, le=3660, description="Of how many days the last backup is kept.")
    backup_weeks: int = Field(4, ge=0, le=520, description="Of how many weeks the last backup is kept.")
    backup_media: Literal["on", "off"] = Field("on", description="Whether photos go into backups.")
    backup_recipient: str = Field(
        "", description="An age public key: backups are encrypted, and only its secret key opens them."
    )
    content_dir: Path = Field(HOUSE / "content", description="The folder with tips, questions, texts and city packs.")
    city: str = Field("demo", description="Which pack of `content/cities/` this city uses.")
    host: str = Field("127.0.0.1", description="Address to listen on; `0.0.0.0` for all.")
    port: Port = Field(8000, description="Port to listen on; `0` takes a free one.")
    base_url: str = Field(
        "", description="How the public reaches us, e.g. `https://youli.example.cn`. Empty: host and port."
    )
    open_pages: int = Field(
        3000, ge=0, le=100_000, description="Chat pages that a process keeps a line to; further ones ask for news."
    )
    trusted_proxies: str = Field(
        "127.0.0.1,::1", description="Reverse proxies (addresses, networks) whose `X-Forwarded-For` is believed."
    )
    map_tiles: str = Field(
        "", description="Tiles under the console's map, `https://…/{z}/{x}/{y}.png`, WGS-84. Empty: none are needed."
    )
    map_credit: str = Field("", description="Whose map it is, as its licence wants it said.")
    timezone: str = Field(
        "Asia/Shanghai", description="The city's time zone: days, deadlines and tip hours are told in it."
    )
    language: Literal["zh", "en"] = Field("zh", description="The language a new resident is greeted in.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs cookies and links: 32 characters or more. Empty: made once and kept in the data directory.",
    )
    field_keys: SecretStr = Field(
        SecretStr(""),
        description="What seals plates, exact positions, free words and second factors in the database: keys, the "
        "newest (32 characters or more) first, between commas. Empty: made from secret_key.",
    )
    rate_limit: Literal["on", "off"] = Field(
        "on",
        description="Limits how fast one resident may write (20 messages in 10 seconds) and how fast we write to "
        "Telegram; `off` only for load tests.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much is logged. Logs hold events and ids, never what people wrote."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="One line of text for each event, or one of JSON for programs that collect logs."
    )
    telegram_token: SecretStr = Field(SecretStr(""), description="The bot's token from BotFather. Empty: no Telegram.")
    telegram_api_base: str = Field(
        "https://api.telegram.org", description="Where the Bot API is: another server for tests or a local Bot API."
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="How updates come: asked for, or sent to `/telegram`."
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""), description="What Telegram must send along with each webhook call. Empty: made from secret_key."
    )
    telegram_quiz: Literal["buttons", "polls"] = Field(
        "buttons", description="How quiz questions with one right answer are put: with buttons, or as native quizzes."
    )
    telegram_broadcast_rate: float = Field(
        20, gt=0, le=1000, description="Messages a second of what goes to everybody, such as the daily tip."
    )
    wechat_token: SecretStr = Field(
        SecretStr(""), description="The token set in the Official Account's server configuration. Empty: no WeChat."
    )
    wechat_app_id: str = Field("", description="The Official Account's AppID.")
    wechat_app_secret: SecretStr = Field(SecretStr(""), description="The Official Account's AppSecret.")
    wechat_aes_key: SecretStr = Field(
        SecretStr(""), description="EncodingAESKey (43 characters); set it for safe mode."
    )
    wechat_api_base: str = Field(
        "https://api.weixin.qq.com", description="Where WeChat's API is: another server for tests."
    )
    wechat_profile: Literal["verified-service", "verified-subscription", "unverified"] = Field(
        "unverified", description="What kind of account it is: decides what may be sent when."
    )
    wechat_status_template: str = Field(
        "", description="Template message for news of a report: `ID thing1=category phrase2=status …` (docs/wechat.md)."
    )
    wechat_notice_template: str = Field(
        "", description="The same for one-time subscription notifications, sent to people who consented."
    )
    wechat_mass_tag: int = Field(
        0, ge=0, description="The tag whose members get the daily tip by mass message. `0`: no mass messages."
    )
    wechat_mass_hour: int = Field(8, ge=7, le=21, description="The hour of the mass message, on the city's clock.")

    @model_validator(mode="before")
    @classmethod
    def _from_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        """NAME_FILE gives a secret's value from a file (a mounted secret); the plain name wins."""
        for name in SECRETS:
            path = os.environ.get(f"YOULI_{name.upper()}_FILE") or values.get(f"{name}_file")  # the latter from .env
            if path and not values.get(name):
                values[name] = mounted(path, f"YOULI_{name.upper()}_FILE")
        return values

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is no time zone; write one like Asia/Shanghai") from None
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            try:
                ip_network(one, strict=False)
            except ValueError:
                raise ValueError(f"{one!r} is no address or network; write 10.0.0.1 or 10.0.0.0/8") from None
        return value

    @field_validator("map_tiles")
    @classmethod
    def _tiles(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s;,'\"]+/\S*\{z\}\S*", value):
            raise ValueError("it is no address of tiles; write https://host/{z}/{x}/{y}.png")  # it may hold a key
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+asyncpg://")):
            raise ValueError("it can be sqlite:///FILE or postgresql://…")  # not repeated: it may hold a password
        return value

    @field_validator("backup_recipient")
    @classmethod
    def _age_key(cls, value: str) -> str:
        if value and not re.fullmatch(r"age1[a-z0-9]{58}", value):
            raise ValueError("an age public key begins with age1; main.py backup-key makes one")
        return value

    @field_validator("wechat_aes_key")
    @classmethod
    def _encoding_aes_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not re.fullmatch(r"[A-Za-z0-9+/]{43}", value.get_secret_value()):
            raise ValueError("an EncodingAESKey has 43 letters and digits; copy it from the account's console")
        return value

    @model_validator(mode="after")
    def _wechat_is_whole(self) -> "Settings":
        if self.wechat_aes_key.get_secret_value() and not self.wechat_app_id:
            raise ValueError("YOULI_WECHAT_AES_KEY needs YOULI_WECHAT_APP_ID: encrypted messages carry it")
        return self

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _secret_token(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
            raise ValueError("Telegram takes letters, digits, - and _ only, 256 of them at most")
        return value

    @field_validator("media_url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and not value.startswith("s3://"):
            raise ValueError("it can be s3://bucket/prefix, or empty for the data directory")  # it may hold a key
        if value:
            hosts(os.environ)
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not long_enough(value.get_secret_value()):
            raise ValueError(f"{LONG_ENOUGH}; how to leave a shorter one: docs/operating.md, Keys")
        return value

    @field_validator("field_keys")
    @classmethod
    def _long_keys(cls, value: SecretStr) -> SecretStr:
        if not all(map(long_enough, _keys(value)[:1])):  # those behind it only open: they may be from before this rule
            raise ValueError(f"of the first, which seals: {LONG_ENOUGH}")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def proxies(self) -> tuple[str, ...]:
        """The networks of trusted proxies."""
        return tuple(filter(None, map(str.strip, self.trusted_proxies.split(","))))

    @property
    def database(self) -> str:
        """The database URL that is used."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'youli.db'}"

    @property
    def media_hosts(self) -> tuple[str, ...]:
        """Whom the storage library may ask."""
        return hosts(os.environ) if self.media_url else ()

    @property
    def backups(self) -> Path:
        """The folder of the backups."""
        return Path(self.backup_dir) if self.backup_dir else self.data_dir / "backups"

    @property
    def public_url(self) -> str:
        """How the public reaches us, without a slash at the end."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # nosec B104 # noqa: S104 - compared, not bound
        host = f"[{host}]" if ":" in host else host
        return (self.base_url or f"http://{host}:{self.port}").rstrip("/")

    def keyring(self) -> "Keyring":
        """The keys that seal fields, the newest first; the one made from the secret key opens what it sealed."""
        from db.sealing import Key, Keyring

        theirs = [Key.made_of(key) for key in _keys(self.field_keys)]
        return Keyring([*theirs, Key.made_of(self.secret())])

    def secret(self) -> bytes:
        """The key that signs cookies and links; without a setting, one made once in the data directory."""
        if self.secret_key.get_secret_value():
            return self.secret_key.get_secret_value().encode()
        return own(self.data_dir / "secret.key")


def _keys(value: SecretStr) -> list[str]:
    return [key for key in re.split(r"[\s,]+", value.get_secret_value()) if key]


SECRETS = tuple(name for name, field in Settings.model_fields.items() if field.annotation is SecretStr)


def unknown() -> list[str]:
    """Names with our prefix, in the environment or in .env, that are no setting: slips of the pen, which do nothing."""
    known = {f"YOULI_{name.upper()}" for name in Settings.model_fields}
    known |= {f"YOULI_{name.upper()}_FILE" for name in SECRETS}
    return sorted(name for name in given().keys() - known if re.match("YOULI_(?!TEST_)", name))


def given() -> dict[str, str]:
    """Every name that is given, and where: in the environment, which wins, or in .env."""
    beside = {name.upper(): ".env" for name in DotEnvSettingsSource(Settings).env_vars}
    return beside | {name.upper(): "environment" for name in os.environ}
