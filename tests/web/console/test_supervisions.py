"""Supervisions (督办) from the draft to the department's answer, and residents who are muted for a while."""

from actions.reminders import chase
from tests.play import Time
from tests.web.console.office import Office, plain
from tests.web.console.test_report import HOSTILE, do


async def test_a_draft_is_edited_and_signed_and_its_department_answers(office: Office, time: Time) -> None:
    town = await office.town()
    number = (await town.submit()).number
    await town.move(number, "assign")
    time.passes(days=9)
    await office.database.write(chase, office.parts.house.library, office.parts.house.zone)
    boss, lead = await office.desk("office", "钱文"), await office.desk("lead", "赵芳", ["urban"])
    handler, stranger = await office.desk("handler", "周伟", ["urban"]), await office.desk("lead", "何平", ["health"])

    assert "等您签发的督办" in plain(await boss.look("/today")) and number in await boss.look("/queue?waits=drafted")
    page = await boss.look("/supervisions")
    assert number in page and "请查明原因" in page and 'class="due red"' in page
    assert number not in await lead.look("/supervisions")
    assert "请查明原因" not in await lead.look(f"/reports/{number}")  # a draft is nobody else's
    await lead.look("/supervisions?state=draft", 422)
    await handler.look("/supervisions", 403)
    page = await boss.look(f"/reports/{number}")
    assert "请查明原因" in page.partition('value="supervise"')[2].partition("</textarea>")[0]  # to be edited
    await do(lead, number, "supervise", 403, note="我自己签")
    await do(lead, number, "drop", 403)
    await do(boss, number, "supervise", note="请今天办好")
    await do(boss, number, "drop", 422)
    assert number not in await boss.look("/supervisions")

    for desk in (lead, handler):
        assert "要您回复的督办" in plain(await desk.look("/today"))
        page = plain(await desk.look(f"/reports/{number}"))
        assert "请今天办好 钱文 签发于" in page and "还没有回复" in page and "督办等回复" in page
    assert number in await lead.look("/supervisions") and number not in await stranger.look("/supervisions")
    assert "要写一句" in await do(handler, number, "respond", 422, note=" ")
    await do(handler, number, "respond", note=f"明天办好{HOSTILE}")
    assert "要您回复的督办" not in plain(await lead.look("/today"))
    page = await boss.look("/supervisions?state=answered")
    assert "明天办好" in page and "周伟 回复于" in plain(page) and "<script>alert" not in page
    deeds = [(who, act) for who, act, subject, _ in await office.deeds() if subject == number]
    assert deeds == [("Li", "report.assign"), ("钱文", "report.supervise"), ("周伟", "report.respond")]


async def test_pages_of_supervisions_go_on_and_show_only_what_one_sees(office: Office) -> None:
    boss, grid = await office.desk("office"), await office.desk("lead", "", ["urban"], ["hefeng"])
    towns = [await office.town(), await office.town()]
    for count in range(31):
        town = towns[count % 2]
        await town.move((await town.submit()).number, "supervise", "请说明")
    page = await boss.look("/supervisions?state=signed")
    assert page.count('class="card paper"') == 30
    onward = page.partition('class="next"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert (await boss.look(f"/supervisions{onward}")).count('class="card paper"') == 1
    assert 'class="card paper"' not in await grid.look("/supervisions")
    await boss.look("/supervisions?state=signed&before=x", 422)


async def test_a_resident_is_muted_from_a_report_told_why_and_let_in_again_early(office: Office, time: Time) -> None:
    town = await office.town()
    number = (await town.submit()).number
    dispatcher, handler = await office.desk("dispatcher", "李强"), await office.desk("handler", "周伟", ["urban"])
    elsewhere = await office.desk("dispatcher", "外地", [], ["hefeng"])
    assert "24 小时里报了 1 件" in plain(await dispatcher.look(f"/reports/{number}"))
    assert "暂停上报" not in await handler.look(f"/reports/{number}")
    await handler.send(f"/reports/{number}", 403, act="mute", days="7", note="太多")
    await elsewhere.send(f"/reports/{number}", 404, act="mute", days="7", note="太多")
    for bad in ({"days": "7", "note": " "}, {"days": "999", "note": "太多"}, {"days": "-1", "note": "太多"}):
        answer = await dispatcher.send(f"/reports/{number}", 422, act="mute", **bad)
        assert bad["note"].strip() in answer.text
    await dispatcher.send(f"/reports/{number}", 303, act="mute", days="7", note=f"同一件报了 30 次{HOSTILE}")
    assert "11 月 30 日前" in (await town.heard())[-1] and "同一件报了 30 次" in (await town.heard())[-1]
    page = await dispatcher.look("/mutes")
    assert number in page and "李强" in page and "<script>alert" not in page
    assert number not in await elsewhere.look("/mutes")
    assert "李强 定的" in plain(await dispatcher.look(f"/reports/{number}"))
    await handler.look("/mutes", 403)
    await handler.send("/mutes", 403, report=number)
    await elsewhere.send("/mutes", 422, report=number)
    await dispatcher.send("/mutes", 303, report=number)
    assert number not in await dispatcher.look("/mutes") and "又可以" in (await town.heard())[-1]
    assert [deed[1:] for deed in await office.deeds() if deed[1].startswith("resident.")] == [
        ("resident.muted", number, "7"),
        ("resident.unmuted", number, "0"),
    ]
    await dispatcher.send(f"/reports/{number}", 303, act="mute", days="7", note="又来")
    time.passes(days=8)
    assert dispatcher.me
    dispatcher = await office.again(dispatcher.me)
    assert "现在没有暂停上报的居民" in await dispatcher.look("/mutes")  # it ended by itself
    await town.submit()
