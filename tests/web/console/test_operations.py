"""How the machine does, and letters that did not arrive: for administrators."""

import re
import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from db.letters import DEAD, WAITING
from db.tables import letters
from db.talks import open_talk
from db.tx import Tx
from tests.play import Time, rows_of
from tests.web.console.office import Office, plain

ERROR = "chat <b>not</b> found"


def _dead(tx: Tx) -> None:
    talk, _ = open_talk(tx, "telegram", "1001", "zh", "2026-11-23")
    values = {"talk_id": talk.id, "channel": "telegram", "say": "{}", "urgency": 0, "state": DEAD, "attempts": 19}
    tx.execute(insert(letters).values(values | {"due_at": tx.ms, "created_at": tx.ms, "error": ERROR}))


async def _letter(office: Office) -> dict[str, Any]:
    [letter] = await rows_of(office.database, "letters")
    return letter


async def test_a_dead_letter_is_seen_and_tried_again(office: Office) -> None:
    await office.database.write(_dead)
    boss = await office.desk("administrator", "li")
    page = await boss.look("/operations")
    assert "没送到的消息：1 条" in plain(page)
    assert ERROR not in page and "&lt;b&gt;not&lt;/b&gt;" in page
    letter = await _letter(office)
    await boss.send("/operations", 303, act="retry", letter=letter["id"])
    letter = await _letter(office)
    assert (letter["state"], letter["attempts"], letter["error"]) == (WAITING, 0, None)
    answer = await boss.send("/operations", 409, act="drop", letter=letter["id"])
    assert "已经有人处理过了" in plain(answer.text)
    assert ("li", "letter.retried", str(letter["id"]), "") in await office.deeds()


async def test_it_can_be_let_go(office: Office) -> None:
    await office.database.write(_dead)
    boss = await office.desk("administrator", "li")
    letter = await _letter(office)
    await boss.send("/operations", 303, act="drop", letter=letter["id"])
    assert "都送到了" in await boss.look("/operations")
    assert ("li", "letter.dropped", str(letter["id"]), "") in await office.deeds()


async def test_what_waits_too_long_is_marked(office: Office, time: Time) -> None:
    await office.database.write(_dead)
    boss = await office.desk("administrator", "li")
    letter = await _letter(office)
    await boss.send("/operations", 303, act="retry", letter=letter["id"])
    assert "等了 " not in plain(await boss.look("/operations"))
    time.passes(seconds=90)
    assert "Telegram 等了 90 秒" in plain(await boss.look("/operations"))


async def test_nobody_else_sees_or_does_it(office: Office) -> None:
    for role in ("office", "dispatcher", "viewer"):
        desk = await office.desk(role)
        await desk.look("/operations", 403)
        await desk.send("/operations", 403, act="retry", letter=1)
        assert "/console/operations" not in await desk.look("/today")


async def test_forms_that_make_no_sense(office: Office) -> None:
    boss = await office.desk("administrator", "li")
    await boss.send("/operations", 422, act="explode", letter=1)
    await boss.send("/operations", 409, act="retry", letter="x1")


def test_every_task_of_the_clock_has_a_name_in_both_languages() -> None:
    root = Path(__file__).parents[3]
    tasks = set(re.findall(r'_once\("([a-z-]+)"', (root / "actions/clock.py").read_text("utf-8")))
    assert len(tasks) > 10
    for language in ("zh", "en"):
        names = tomllib.loads((root / f"content/texts/{language}/operations.toml").read_text("utf-8"))["job"]
        assert tasks | {"bulletin"} <= set(names)
