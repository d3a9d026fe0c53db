"""The console speaks English throughout to whoever chose it: no page falls back to Chinese."""

import re

from tests.system.visitor import jpeg
from tests.web.console.office import Office, plain

HAN = re.compile(r"[\u3400-\u9fff]+")
ROOMS = [f"/{name}" for name in ("today", "queue", "map", "departments", "people", "people/1", "audit")]
ROOMS += ["/sessions", "/account", "/mutes", "/supervisions", "/supervisions?state=answered"]


async def test_every_page_speaks_english(office: Office) -> None:
    town = await office.town("en")
    boss = await office.desk("administrator", "Wang")
    await boss.send("/account", 303, act="language", language="en")
    number = (await town.submit(address="Willow Road 8", note="three days now")).number
    assert boss.me and boss.me.id == 1
    photo = {"photo": ("after.jpg", jpeg(1), "image/jpeg")}
    await boss.send(f"/reports/{number}", 303, act="accept", version="0", note="Tomorrow")
    await boss.send(f"/reports/{number}", 303, act="mute", days="7", note="sent thirty times")
    await boss.send(f"/reports/{number}", 303, act="ask_time", version="1", note="rain", until="2026-11-30")
    pages = [await boss.look(room) for room in (*ROOMS, f"/reports/{number}", "/queue?q=nothing", "/audit?act=x")]
    await boss.send(f"/reports/{number}", 303, act="supervise", version="2", note="today, please")
    await boss.send(f"/reports/{number}", 303, act="respond", version="3", note="tomorrow")
    pages += [await boss.look(room) for room in ("/supervisions?state=answered", f"/reports/{number}")]
    await boss.send(f"/reports/{number}", 303, act="resolve", version="4", note="Done", files=photo)
    pages += [await boss.look(f"/reports/{number}"), await boss.look("/queue?status=nonsense", 422)]
    chosen = {"report": f"{number}:5", "move": "reject"}
    pages += [(await boss.send("/queue", 200, **chosen)).text]
    pages += [(await boss.send(f"/reports/{number}", 409, act="start", version="0", note="too late")).text]
    for page in pages:
        assert set(HAN.findall(plain(page))) <= {"中文"}, plain(page)
        assert '<html lang="en">' in page
