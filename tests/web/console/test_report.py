"""A report's page: what it shows, what can be done and by whom, two people at once, photos, hostile words."""

import io
import re
from html import unescape
from typing import Any

import pytest
from PIL import Image

from actions import following, moves, reports, surveys
from actions.scene import Scene
from bot.messages import Place
from civic.staff import ROLES
from db import photos, report_photos, retention
from db.audit import SEEN, forget
from tests.actions.town import Town
from tests.play import Time, everything, picture, rows_of
from tests.system.visitor import jpeg
from tests.web.console.office import MACHINE, Desk, Office, plain

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


async def version(desk: Desk, number: str) -> str:
    """The version that a page's forms carry."""
    found = re.search(r'name="version" value="(\d+)"', await desk.look(f"/reports/{number}"))
    assert found
    return found[1]


async def do(desk: Desk, number: str, act: str, status: int = 303, **fields: Any) -> str:
    """A move by the page's form; what is said."""
    fields = {"version": await version(desk, number)} | fields
    return (await desk.send(f"/reports/{number}", status, act=act, **fields)).text


async def test_a_report_whose_time_was_over_looked_as_if_nothing_had_ever_been_in_it(office: Office) -> None:
    town = await office.town()
    sent = await town.submit(note="三天没人清")
    dispatcher = await office.desk("dispatcher", "李强")
    before = plain(await dispatcher.look(f"/reports/{sent.number}"))
    assert "保存期限" not in before and "回复居民" in before
    await office.database.write(retention.clear, sent.id, sent.number)
    page = plain(await dispatcher.look(f"/reports/{sent.number}"))
    assert "到了保存期限" in page and "没法回复" in page and "回复居民" not in page
    assert "没法回复" in await do(dispatcher, sent.number, "reply", 422, note="谢谢您")
    assert "过了保存期限" in await dispatcher.look("/photos/99/large.jpg", 404)  # not «come in from the chat page»


async def test_a_report_goes_its_way_and_the_resident_hears_of_it(office: Office) -> None:
    town = await office.town()
    number = (await town.submit(note="三天没人清")).number
    dispatcher, handler = await office.desk("dispatcher", "李强"), await office.desk("handler", "周伟", ["street"])
    assert "乱丢垃圾" in await dispatcher.look(f"/reports/{number}")
    assert "生活垃圾" in plain(await dispatcher.look(f"/reports/{number}"))
    await handler.look(f"/reports/{number}", 404)
    await do(dispatcher, number, "accept", department="street", note="今天就去")
    await do(handler, number, "start")
    assert "要写一句" in await do(handler, number, "resolve", 422, note="  ")
    photo = {"photo": ("after.jpg", jpeg(5), "image/jpeg")}
    await do(handler, number, "resolve", note="清干净了", files=photo)
    page = await handler.look(f"/reports/{number}")
    assert re.search(r"/console/photos/\d+/small.jpg", page) and "清干净了" in page
    await do(dispatcher, number, "reply", note="谢谢您")
    heard = await town.heard()
    assert "谢谢您" in heard[-1] and "清干净了" in heard[-2]
    said = (await town.news())[-2]
    assert said.pictures
    assert [deed for deed in await office.deeds() if deed[1].startswith("report.")] == [
        ("李强", "report.accept", number, "street"),
        ("周伟", "report.start", number, ""),
        ("周伟", "report.resolve", number, ""),
        ("李强", "report.reply", number, ""),
    ]


async def test_a_look_ahead_shows_the_residents_words_and_changes_nothing(office: Office) -> None:
    town = await office.town("en")
    number = (await town.submit()).number
    desk = await office.desk("dispatcher", "li")
    await desk.look(f"/reports/{number}")  # which is noted
    before = await everything(office.database)
    page = await do(desk, number, "accept", 200, rehearse="1", department="street", note="Tomorrow")
    assert "<html" in page and "Sub-district Office" in page and "Tomorrow" in page and 'class="bubble"' in page
    token = await desk.token()
    form = {"token": token, "act": "reject", "version": "0", "note": "", "rehearse": "1"}
    part = await desk.client.post(f"/console/reports/{number}", data=form, headers={"hx-request": "true"})
    assert part.status_code == 422 and "<html" not in part.text and "要写一句" in part.text
    assert await everything(office.database) == before


async def test_nobody_knew_who_had_looked_at_a_report(office: Office, time: Time) -> None:
    town = await office.town()
    number = (await town.submit()).number
    desk, stranger = await office.desk("dispatcher", "li"), await office.desk("handler", "wu", ["traffic-police"])
    for _ in range(3):
        await desk.look(f"/reports/{number}")
    await stranger.look(f"/reports/{number}", 404)
    looks = [deed for deed in await office.deeds(looks=True) if deed[1] == SEEN]
    assert looks == [("li", SEEN, number, "")]
    time.passes(days=1)
    assert desk.me is not None
    await (await office.again(desk.me)).look(f"/reports/{number}")
    assert [deed[1] for deed in await office.deeds(looks=True)].count(SEEN) == 2
    time.passes(days=3 * 365 + 1)
    await office.database.write(forget)
    assert [deed[1] for deed in await office.deeds(looks=True)].count(SEEN) == 0


async def test_of_two_at_once_the_second_sees_what_happened_and_keeps_what_they_wrote(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    first, second = await office.desk("dispatcher", "李强"), await office.desk("office", "钱文")
    seen = await version(second, number)
    await do(first, number, "accept")
    answer = await second.send(f"/reports/{number}", 409, act="accept", version=seen, note="我写了半天")
    assert "李强 刚刚受理" in plain(answer.text) and "<blockquote>我写了半天</blockquote>" in answer.text
    answer = await second.send(f"/reports/{number}", 409, act="reject", version=seen, note="换个说法")
    assert re.search(r"<textarea[^>]*>换个说法</textarea>", answer.text)
    assert [line[0] for line in await town.timeline(number)] == ["receive", "accept"]


async def test_every_move_by_every_role_is_allowed_or_refused_by_the_table(office: Office) -> None:
    """From the page's forms and by direct request alike."""
    town = await office.town()
    number = (await town.submit()).number
    for role in ROLES:
        desk = await office.desk(role, "", ["urban"], ["hefeng"] if role == "grid" else [])
        if role == "grid":
            await desk.look(f"/reports/{number}", 404)
        if role == "viewer":
            page = await desk.look(f"/reports/{number}")
            assert "没有可做的动作" in page and "<textarea" not in page
            for act in ("accept", "reply", "reject"):
                await desk.send(f"/reports/{number}", 403, act=act, version="0", note="x")
    desk = await office.desk("dispatcher")
    await desk.send(f"/reports/{number}", 409, act="resolve", version="0", note="x")
    await desk.send(f"/reports/{number}", 422, act="conjure", version="0", note="x")
    await desk.send(f"/reports/{number}", 422, act="accept", version="x")
    await desk.send(f"/reports/{number}", 422, act="accept", version="0", department="magic")
    await desk.send("/reports/261123-999", 404, act="accept", version="0")
    assert [line[0] for line in await town.timeline(number)] == ["receive"]


async def test_what_anybody_wrote_is_text(office: Office) -> None:
    town = await office.town()
    number = (
        await town.submit(note=HOSTILE, address=HOSTILE[:40], answers={"kind": HOSTILE, HOSTILE[:30]: "x"})
    ).number
    desk = await office.desk("dispatcher", "li")
    await do(desk, number, "reply", note=HOSTILE)
    await do(desk, number, "ask", 409, version="9", note=HOSTILE)
    rehearsed = await do(desk, number, "ask", 200, rehearse="1", note=HOSTILE)
    for page in (
        await desk.look(f"/reports/{number}"),
        await desk.look("/queue"),
        await desk.look("/today"),
        rehearsed,
    ):
        assert "<script>alert" not in page and "<img src=x" not in page
    assert HOSTILE not in str(await office.deeds())


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"no picture", "照片"), (b"", "照片"), (jpeg(3)[:200], "照片")],
    ids=["text", "empty", "half"],
)
async def test_a_file_that_is_no_photo_is_refused_and_nothing_is_lost(
    office: Office, content: bytes, words: str
) -> None:
    town = await office.town()
    number = (await town.submit()).number
    desk = await office.desk("dispatcher")
    await do(desk, number, "accept")
    answer = await do(desk, number, "resolve", 422, note="清好了", files={"photo": ("x.jpg", content, "image/jpeg")})
    assert words in plain(answer) and ">清好了</textarea>" in answer
    many = [("photo", (f"{count}.jpg", jpeg(count), "image/jpeg")) for count in range(7)]
    assert "一次最多发 6 张" in await do(desk, number, "resolve", 422, note="清好了", files=many)


async def test_a_photo_of_a_refused_move_is_given_up(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    desk = await office.desk("dispatcher")
    photo = {"photo": ("x.jpg", jpeg(9), "image/jpeg")}
    await do(desk, number, "accept")
    await do(desk, number, "resolve", 422, note="", files=photo)
    rows = await everything(office.database)
    assert len(rows["discards"]) == 3 and rows["photos"] == []


async def test_photos_are_shown_to_who_sees_the_report_and_originals_only_by_name(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    leader = await office.desk("lead", "赵芳", ["urban"])
    await do(leader, number, "accept")
    file = io.BytesIO()
    Image.new("RGB", (400, 300), (9, 99, 9)).save(file, "JPEG", comment=b"sealed")
    photo = {"photo": ("after.jpg", file.getvalue(), "image/jpeg")}
    await do(leader, number, "resolve", note="好了", files=photo)
    report = await town.report(number)
    (kept,) = await office.database.read(report_photos.photos_of, report.id)
    picture = await leader.client.get(f"/console/photos/{kept}/small.jpg")
    assert picture.status_code == 200 and b"sealed" not in picture.content
    stranger, viewer = await office.desk("lead", "he", ["health"]), await office.desk("viewer")
    assert (await stranger.client.get(f"/console/photos/{kept}/large.jpg")).status_code == 404
    assert (await viewer.client.get(f"/console/photos/{kept}/large.jpg")).status_code == 200
    assert (await leader.client.get(f"/console/photos/{kept}/huge.jpg")).status_code == 404
    assert "看原图" not in await viewer.look(f"/reports/{number}")
    await viewer.send(f"/reports/{number}", 403, act="original", photo=str(kept))
    await stranger.send(f"/reports/{number}", 404, act="original", photo=str(kept))
    await leader.send(f"/reports/{number}", 404, act="original", photo="999")
    opened = await leader.send(f"/reports/{number}", 200, act="original", photo=str(kept))
    assert opened.content == file.getvalue() and opened.headers["cache-control"] == "no-store"
    assert (await office.deeds())[-1] == ("赵芳", "photo.opened", number, str(kept))


async def test_no_page_of_staff_tells_who_reported(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    rows = await everything(office.database)
    (theirs,) = [row["user"] for row in rows["talks"] if row["resident_id"] == town.resident]
    desks = [await office.desk("dispatcher"), await office.desk("administrator")]
    for desk in desks:
        for page in (f"/reports/{number}", "/queue", "/today"):
            html = await desk.look(page)
            assert theirs not in html and (number in html or page == "/today")


async def pictured(town: Town) -> int:
    """A resident's photo that says something."""
    facts = (picture("one").facts() or {}) | {"phash": "ff00ff00ff00ff00"}
    return (await town.database.write(photos.add_photo, town.resident, "web", "one", facts)).id


async def test_what_may_be_the_same_is_compared_and_merged_in_one_form(office: Office) -> None:
    town, other = await office.town(), await office.town("en")
    here = (await town.submit(place=Place(30.27, 120.15), address="这里", photos=(await pictured(town),))).number
    same = (await other.submit(place=Place(30.2702, 120.15), address="那里", photos=(await pictured(other),))).number
    near = (await town.submit(place=Place(30.2712, 120.15), address="近处")).number
    await town.submit(place=Place(30.28, 120.15), address="远处")
    closed = (await town.submit(place=Place(30.2702, 120.15), address="从前")).number
    await town.move(closed, "reject")
    desk, handler = await office.desk("dispatcher", "李强"), await office.desk("handler", "周伟", ["urban"])

    page = await desk.look(f"/reports/{here}")
    alike = page.partition('id="alike-title"')[2].partition("</section>")[0]
    assert alike.index(same) < alike.index(near) and closed not in alike and "远处" not in page
    assert closed in page  # it is closed, and still told among those close by
    said = plain(f"<main{alike}")
    assert "相距 22 米" in said and "同一类别" in said and "没有照片可比" in said and f"合并到 {same}" in said
    assert "照片几乎一样（差 0/64）" in said
    assert len(re.findall(r"/console/photos/\d+/small.jpg", alike)) == 3  # both beside each other; the third has none
    watched = await handler.look(f"/reports/{here}")
    assert same in watched and f"合并到 {same}" not in watched

    before = await everything(office.database)
    looked = await do(desk, here, "merge", 200, target=same, rehearse="1", note="就是那一件")
    assert 'class="state duplicate"' in looked and 'class="bubble"' in looked and looked.count("就是那一件") == 2
    assert await everything(office.database) == before
    await do(desk, here, "merge", target=same, note="就是那一件")
    assert (await town.report(here)).merged_into == (await town.report(same)).id
    assert "已合并" in plain(await desk.look(f"/reports/{here}")) and "就是那一件" in (await town.heard())[-1]
    assert "不能合并" in await do(desk, same, "merge", 422, target=here)
    await do(desk, same, "merge", 422, target="261123-999")


async def test_a_rejection_has_a_ground_from_the_list_in_the_residents_language(office: Office) -> None:
    town = await office.town("en")
    number = (await town.submit(category="parking", answers={"plate": "浙A12345"})).number
    desk = await office.desk("dispatcher", "李强")
    form = (await desk.look(f"/reports/{number}")).partition('value="reject"')[2].partition("</form>")[0]
    assert form.index("号牌看不清") < form.index("现场没有这个问题") and "还没请社区" not in form
    assert 'data-words="The plate can&#39;t be read' in form
    assert "没有「weather」" in plain(await do(desk, number, "reject", 422, ground="weather", note="x"))
    await do(desk, number, "accept", 422, ground="not_there")
    page = await do(desk, number, "reject", 422, ground="plate_unreadable", note=" ")
    assert '<option value="plate_unreadable"' in page and "selected>号牌看不清" in page
    await do(desk, number, "reject", ground="plate_unreadable", note="The plate can't be read")
    assert "李强 不受理 · 号牌看不清" in plain(await desk.look(f"/reports/{number}"))
    assert "The plate can't be read" in (await town.heard())[-1]
    rows = await rows_of(office.database, "report_moves")
    assert [row["target"] for row in rows if row["move"] == "reject"] == ["plate_unreadable"]


async def test_what_the_resident_says_of_each_round_and_who_else_waits_for_it_are_on_it(office: Office) -> None:
    town, neighbour = await office.town(), await office.town()
    number = (await town.submit()).number
    desk = await office.desk("dispatcher", "li")

    async def says(solved: bool, satisfaction: str, reasons: tuple[str, ...] = (), words: str = "") -> None:
        def unit(scene: Scene) -> None:
            report = reports.mine(scene, number)
            surveys.answer(scene, report, solved)
            surveys.rate(scene, report, satisfaction)
            surveys.explain(scene, report, reasons, words)

        await town.as_resident(unit)

    await neighbour.as_resident(following.follow, number)
    await town.move(number, "accept")
    await town.move(number, "resolve")
    page = plain(await desk.look(f"/reports/{number}"))
    assert "第 1 轮，居民说 还没有回音" in page and "也关注的居民 1" in page
    assert "受理 › 分类 › 派单 › 办理 › 反馈 › 回访 （默认示例" in page
    await says(True, "satisfied")
    await says(True, "unsatisfied", ("slow", "gone-from-the-file"), HOSTILE)
    html = await desk.look(f"/reports/{number}")
    assert "解决了 · 不满意 · 等得太久 · gone-from-the-file 起初说：满意" in plain(html)
    assert HOSTILE in unescape(html) and "<script>alert" not in html


async def test_an_open_page_can_ask_whether_the_report_has_moved(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    desk, stranger = await office.desk("dispatcher"), await office.desk("handler", "he", ["health"])
    assert '"version":0' in await desk.look(f"/reports/{number}/version")
    await do(desk, number, "accept")
    assert '"version":1' in await desk.look(f"/reports/{number}/version")
    await stranger.look(f"/reports/{number}/version", 404)


async def test_what_is_done_at_the_command_line_stands_in_the_log_like_everything_else(office: Office) -> None:
    town = await office.town()
    number = (await town.submit()).number
    await town.move(number, "accept", by="Li")
    house = office.parts.house
    await office.database.write(moves.reply, house.library, house.zone, number, MACHINE, "谢谢")
    assert (await office.deeds())[-2:] == [
        ("Li", "report.accept", number, ""),
        ("terminal", "report.reply", number, ""),
    ]
