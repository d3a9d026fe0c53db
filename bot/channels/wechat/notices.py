"""Templates: report news as a template message, or as a subscription notification for which a consent waits.

What a template's fields are called is up to WeChat's template, so the operator says which gets what:
``TEMPLATE_ID thing1=category thing2=place phrase3=status time4=due``. What can be given: ``number``, ``category``,
``place``, ``status``, ``note``, ``department``, ``due``, ``created``, ``now``, and ``text``, the whole message; not
everything fits into a field of any kind (``TAKES``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.channel import Rejected, TryLater
from bot.channels.wechat import NOTICE, TEMPLATE, Account
from bot.channels.wechat.api import NO_CONSENT, NO_RIGHT, Api, Refusal, Silence, failure
from bot.channels.wechat.rights import Rights
from bot.house import House
from bot.messages import Outgoing, Say
from civic.people import Resident
from content.library import Library
from db import talks, wechat
from db.database import Database
from db.tx import Tx

# Kinds of fields of which something of ours can be one, the characters that they may have (WeChat:
# 订阅消息参数值内容限制; the stricter where its pages differ), and what is good for them.
LONGEST = {"thing": 20, "phrase": 5, "const": 20, "name": 10, "character_string": 32, "time": 20, "date": 20}
MOMENTS = frozenset({"time", "date"})
GIVES = ("number", "category", "place", "status", "note", "department", "due", "created", "now", "text")
TAKES = dict.fromkeys(LONGEST, GIVES) | {
    "phrase": ("status",),
    "character_string": ("number",),
    "time": ("due", "created", "now"),
    "date": ("due", "created", "now"),
}
_FIELD = re.compile(r"([a-z_]+)(\d+)=([a-z]+)")


@dataclass(frozen=True)
class Template:
    """A template's id, and which of its fields gets what."""

    id: str
    fields: tuple[tuple[str, str], ...]

    def filled(self, say: Say, words: Outgoing, language: str, library: Library, now: datetime) -> dict[str, object]:
        """The data of a message, each value as its field takes it; a field is never empty."""
        values = _values(say, words, language, library, now)
        chinese = {**values, "status": _progress(say, "zh", library)}
        return {
            field: {"value": _fitting(field, (chinese if field.startswith("phrase") else values)[gives], values["now"])}
            for field, gives in self.fields
        }


def template(setting: str, written: str) -> Template | None:
    """Read a setting; None for an empty one. Raises ValueError that says what is wrong."""
    if not written.strip():
        return None
    name, *parts = written.split()
    fields = []
    for part in parts:
        found = _FIELD.fullmatch(part)
        if found is None or found[3] not in GIVES:
            raise ValueError(f"{setting}: {part!r} must be FIELD=WHAT; WHAT is one of {', '.join(GIVES)}")
        if found[3] not in (takes := TAKES.get(found[1], ())):
            what = " or ".join(takes) or f"nothing that Youli has; a field can be {', '.join(TAKES)}"
            raise ValueError(f"{setting}: {part!r}: WeChat would refuse that (47003); a {found[1]} takes {what}")
        fields.append((found[1] + found[2], found[3]))
    if not fields:
        raise ValueError(f"{setting}: write the template's fields behind its id: {name} thing1=category phrase2=status")
    return Template(name, tuple(fields))


class Notices:
    """Sends news of a report to people who have not written lately."""

    def __init__(self, database: Database, house: House, api: Api, rights: Rights, account: Account) -> None:
        """Raises ValueError for a template that is none."""
        self._database, self._house, self._api, self._rights = database, house, api, rights
        self._status = template("YOULI_WECHAT_STATUS_TEMPLATE", account.status_template)
        self._notice = template("YOULI_WECHAT_NOTICE_TEMPLATE", account.notice_template)

    async def send(self, letter_id: int, talk_id: int, user: str, say: Say, words: Outgoing) -> bool:
        """Send if this is news and there is a way; False when there is none. Raises Refusal and TryLater."""
        if not say.key.startswith("news."):
            return False
        if self._status is not None and self._rights.may(TEMPLATE):
            data = await self._data(self._status, talk_id, say, words)
            # WeChat sends a message with the same client_msg_id once, within ten minutes.
            message = {
                "touser": user,
                "template_id": self._status.id,
                "client_msg_id": f"letter-{letter_id}",
                "data": data,
            }
            if await self._accepted(TEMPLATE, "message/template/send", message):
                return True
        if self._notice is not None and self._rights.may(NOTICE):
            return await self._by_consent(self._notice, talk_id, user, say, words)
        return False

    async def _by_consent(self, chosen: Template, talk_id: int, user: str, say: Say, words: Outgoing) -> bool:
        if not await self._database.write(wechat.take_consent, talk_id, chosen.id):
            return False
        message = {"touser": user, "template_id": chosen.id, "data": await self._data(chosen, talk_id, say, words)}
        try:
            if await self._accepted(NOTICE, "message/subscribe/bizsend", message):
                return True
        except Refusal as refusal:
            if refusal.code != NO_CONSENT:
                await self._database.write(wechat.consent, talk_id, {chosen.id: 1})
                raise
            await self._database.write(wechat.consent, talk_id, {chosen.id: None})
            return False
        except TryLater as error:
            if not isinstance(error, Silence):
                await self._database.write(wechat.consent, talk_id, {chosen.id: 1})
            raise
        await self._database.write(wechat.consent, talk_id, {chosen.id: 1})
        return False

    async def _accepted(self, api: str, path: str, message: Mapping[str, object]) -> bool:
        """Whether WeChat took it; False where the account has no right or the template is wrong, which is then
        remembered."""
        try:
            await self._api.post(path, message)
        except Refusal as refusal:
            wrong = isinstance(failure(refusal), Rejected)  # the template is to blame, and not the news
            if not wrong and refusal.code not in NO_RIGHT:
                raise
            await self._rights.refused(f"{api} {refusal.code}" if wrong else api)
            return False
        return True

    async def _data(self, chosen: Template, talk_id: int, say: Say, words: Outgoing) -> dict[str, object]:
        now, resident = await self._database.read(_reader, talk_id)
        local = now.astimezone(self._house.zone)
        return chosen.filled(say, words, resident.language if resident else "zh", self._house.library, local)


def _reader(tx: Tx, talk_id: int) -> tuple[datetime, Resident | None]:
    found = talks.talk_of_id(tx, talk_id)
    return tx.now, found[2] if found else None


def _values(say: Say, words: Outgoing, language: str, library: Library, now: datetime) -> Mapping[str, str]:
    params = say.params
    told: dict[str, str] = {"text": words.text, "now": f"{now:%Y-%m-%d %H:%M}"}
    for name in ("number", "category", "place", "department"):
        told[name] = str(params.get(name) or "")
    told["note"] = str(params.get("note") or params.get("reason") or "")
    if not told["number"]:  # news of no single report
        for name in ("category", "place", "department", "note"):
            told[name] = told[name] or library.texts.render(language, f"progress.{name}")
    told["due"] = _moment(params.get("due_at") or params.get("until"), now)
    told["created"] = _moment(params.get("created"), now)
    told["status"] = _progress(say, language, library)
    return told


def _progress(say: Say, language: str, library: Library) -> str:
    """What step the news tell of, in few words."""
    step = f"progress.{say.key.partition('.')[2]}"
    return library.texts.render(language, step if library.texts.has(language, step) else "progress.other")


def _moment(parts: object, now: datetime) -> str:
    """«[month, day]» or «[month, day, hh:mm]», as news carry it, with the year it must mean."""
    if not isinstance(parts, list) or len(parts) < 2:
        return ""
    month, day = int(parts[0]), int(parts[1])
    year = now.year + (1 if month - now.month < -6 else -1 if month - now.month > 6 else 0)
    return f"{year}-{month:02}-{day:02}" + (f" {parts[2]}" if len(parts) > 2 else "")


def _fitting(field: str, value: str, now: str) -> str:
    kind = field.rstrip("0123456789")
    limit = LONGEST[kind]
    value = " ".join(value.split()) or (now if kind in MOMENTS else "-")  # 47003: a moment that is a dash, or two lines
    return value if len(value) <= limit else value[: limit - 1] + "…"
