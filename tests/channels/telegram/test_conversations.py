"""Conversations as people on Telegram see them: from the update to the messages in the chat."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.dispatch import Dispatch
from bot.messages import Address, Button, Outgoing
from db import letters, talks
from db.tables import exchanges, photos, reports, residents, updates
from db.tables import letters as outbox
from db.tables import talks as addresses
from db.tx import Tx
from tests.channels.telegram.conftest import Town
from tests.fakes.telegram import person, photo
from tests.play import ROOT, Person
from web.drawings import Drawings

ANNA, BEN = 501, 502


async def count(town: Town, table: Any, *conditions: Any) -> int:
    """How many rows of a table are so."""
    return await town.database.read(
        lambda tx: tx.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
    )


async def test_one_message_leaves_in_the_webhooks_own_response(town: Town) -> None:
    response = await town.fake.deliver(town.client, town.fake.says(ANNA, "贴士"))
    assert response.json()["method"] == "sendMessage"
    assert "<blockquote>依据：" in response.json()["text"], "as content/sources.toml says it"
    assert not [call for call, _ in town.fake.calls if call != "sendMessage"]
    assert await count(town, outbox) == 0
    assert "今天就做" in town.fake.last(ANNA).text


async def test_several_messages_leave_as_one_letter_in_order(town: Town) -> None:
    response = await town.hears(town.fake.says(ANNA, "你好"))
    assert response.content == b""
    first, second = town.fake.chat(ANNA)
    assert first.text == town.words("welcome.hello", city=town.house.library.city.zh.name)
    assert second.text == town.words("welcome.district")
    assert not first.buttons and second.buttons
    assert await count(town, outbox, outbox.c.state == "sent", outbox.c.parts == 1) == 1


async def test_an_update_that_comes_again_is_answered_alike_and_changes_nothing(town: Town) -> None:
    update = town.fake.says(ANNA, "贴士")
    one = await town.fake.deliver(town.client, update)
    two = await town.fake.deliver(town.client, update)  # Telegram did not get the first response
    assert one.content == two.content
    again = town.fake.says(BEN, "你好")
    await town.hears(again)
    assert (await town.hears(again)).content == b""  # it left as a letter: not once more
    assert len(town.fake.chat(BEN)) == 2
    assert await count(town, exchanges) == 2


async def test_an_answer_does_not_overtake_an_earlier_one(town: Town) -> None:
    await town.fake.deliver(town.client, town.fake.says(ANNA, "你好"))  # a letter: it has not left yet
    response = await town.fake.deliver(town.client, town.fake.says(ANNA, "贴士"))
    assert response.content == b""
    await town.carry()
    _, asked, *_, tip = town.fake.chat(ANNA)
    assert asked.text == town.words("welcome.district") and "今天就做" in tip.text


async def test_a_tap_is_answered_first_and_works_once(town: Town) -> None:
    await town.says(ANNA, "订阅")
    tap = town.fake.taps(ANNA, "先不用")
    await town.hears(tap)
    await asyncio.gather(*town.intake._asides)
    assert town.fake.answered == [tap["callback_query"]["id"]]
    stale = {**tap, "update_id": tap["update_id"] + 500}
    assert town.words("welcome.hour_none") in [one.text for one in town.fake.chat(ANNA)]
    await town.hears(stale)  # a second tap on the same button is another update
    assert town.words("bot.stale") in [one.text for one in town.fake.chat(ANNA)]


async def test_a_tap_that_telegram_finds_too_old_is_answered_in_words_all_the_same(town: Town) -> None:
    await town.says(ANNA, "订阅")
    town.fake.trouble("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired")
    await town.taps(ANNA, "先不用")
    await asyncio.gather(*town.intake._asides)
    assert town.fake.answered == []
    assert town.words("welcome.hour_none") in [one.text for one in town.fake.chat(ANNA)]


async def test_a_picture_too_large_for_telegram_leaves_its_words(town: Town, tmp_path: Path) -> None:
    town.channel._pictures._folder = tmp_path
    (tmp_path / "sign.png").write_bytes(b"\x89PNG")
    town.fake.trouble("sendPhoto", 413, "Request Entity Too Large")
    words = Outgoing("这是什么？", (Button("1:a", "A"),), (("/pictures/sign.png", "图"),))
    await town.channel.send(1, 1, Address("telegram", str(ANNA)), words)
    assert town.fake.last(ANNA).text == "这是什么？" and town.fake.last(ANNA).buttons


async def test_choosing_an_area_changes_the_list_in_its_place(town: Town) -> None:
    await town.says(ANNA, "社区")
    before = len(town.fake.chat(ANNA))
    districts = town.fake.last(ANNA)
    first = districts.buttons[0][0]
    await town.taps(ANNA, first)
    assert len(town.fake.chat(ANNA)) == before and districts.edits == 1
    communities = [label for label, _ in districts.buttons]
    assert first not in communities and len(communities) > 1
    await town.taps(ANNA, communities[0])
    assert len(town.fake.chat(ANNA)) > before and districts.edits == 1  # what was settled is told anew


async def test_more_categories_appear_in_the_same_message(town: Town) -> None:
    listed = await town.says(ANNA, "随手拍")
    few = len(listed.buttons)
    await town.taps(ANNA, "更多类别")
    assert listed.edits == 1 and len(listed.buttons) > few


async def test_words_that_take_no_place_stand_alone_when_the_old_message_is_gone(town: Town) -> None:
    listed = await town.says(ANNA, "随手拍")
    tap = town.fake.taps(ANNA, "更多类别")
    town.fake.bubbles.remove(listed)
    await town.hears(tap)
    assert len(town.fake.last(ANNA).buttons) > len(listed.buttons)


async def test_a_refusal_leaves_the_question_where_it_is(town: Town) -> None:
    listed = await town.says(ANNA, "随手拍")
    refused = await town.says(ANNA, "外星人入侵")
    assert "没对上" in refused.text and listed.edits == 0
    assert refused.buttons == listed.buttons


async def test_a_position_is_asked_for_by_a_keyboard_that_goes_away(town: Town) -> None:
    await town.says(ANNA, "随手拍")
    await town.taps(ANNA, town.fake.last(ANNA).buttons[0][0])
    asked = await town.taps(ANNA, "没有照片")
    assert asked.keyboard[0] == "📍 发送我的位置" and not asked.buttons
    await town.says(ANNA, location={"latitude": 30.27, "longitude": 120.15})
    *_, noted, following = town.fake.chat(ANNA)
    assert noted.markup == {"remove_keyboard": True}
    assert following.buttons or following.text


async def test_a_refused_address_keeps_the_keyboard(town: Town) -> None:
    await town.says(ANNA, "随手拍")
    await town.taps(ANNA, town.fake.last(ANNA).buttons[0][0])
    await town.taps(ANNA, "没有照片")
    refused = await town.says(ANNA, "口")
    assert "再说具体一点" in refused.text and "remove_keyboard" not in refused.markup
    await town.says(ANNA, "文昌路 12 号门口")
    assert any(one.markup == {"remove_keyboard": True} for one in town.fake.chat(ANNA)[-2:])


async def test_a_venue_and_a_position_start_a_report_anywhere(town: Town) -> None:
    position = {"latitude": 30.27, "longitude": 120.15}
    venue = {"location": position, "title": "文昌公园", "address": "文昌路 12 号"}
    await town.says(ANNA, venue=venue, location=position)
    await town.taps(ANNA, town.fake.last(ANNA).buttons[0][0])
    await town.taps(ANNA, "没有照片")
    for _ in range(6):
        if any("提交" in label for label, _ in town.fake.last(ANNA).buttons):
            break
        await town.taps(ANNA, town.fake.last(ANNA).buttons[-1][0])
    assert "文昌公园 文昌路 12 号" in town.fake.last(ANNA).text
    await town.taps(ANNA, "提交")
    stored = await town.database.read(lambda tx: tx.execute(select(reports.c.lat, reports.c.place_origin)).one())
    assert tuple(stored) == (30.27, "telegram")


async def test_an_album_is_one_report_message(town: Town) -> None:
    for name, words in (("p1", "井盖松了"), ("p2", ""), ("p3", "")):
        update = town.fake.says(ANNA, media_group_id="g1", photo=photo(name), **({"caption": words} if words else {}))
        assert (await town.hears(update)).content == b""
    assert town.fake.chat(ANNA) == []  # the parts are on disk, nothing is said yet
    assert await count(town, updates, updates.c.state == "held", updates.c.raw.is_not(None)) == 3
    await town.waits(seconds=1.3)
    assert "3 张" in town.fake.last(ANNA).text
    assert await count(town, photos, photos.c.ref.in_(("photo:p1", "photo:p2", "photo:p3"))) == 3
    assert await count(town, updates, updates.c.state == "done", updates.c.raw.is_(None)) == 3
    await town.waits(seconds=10)
    assert len(town.fake.chat(ANNA)) == 1


async def test_an_album_that_goes_on_and_on_is_closed_after_six_seconds(town: Town) -> None:
    for number in range(6):
        await town.hears(town.fake.says(ANNA, media_group_id="g1", photo=photo(f"p{number}")))
        await town.waits(seconds=0.99)
    assert town.fake.chat(ANNA) == []
    await town.waits(seconds=0.06)
    assert "6 张" in town.fake.last(ANNA).text


async def test_albums_of_two_people_with_the_same_name_stay_apart(town: Town) -> None:
    for user in (ANNA, BEN):
        await town.hears(town.fake.says(user, media_group_id="g1", photo=photo(f"p{user}")))
    await town.waits(seconds=2)
    assert len(town.fake.chat(ANNA)) == len(town.fake.chat(BEN)) == 1


async def test_the_link_that_joins_telegram_was_shown_nowhere(town: Town, dispatch: Dispatch) -> None:
    await town.attendant()._register()
    anna = Person(dispatch, town.database)  # in the web chat
    await anna.say("关联")
    link = re.search(r"https://t\.me/youli_test_bot\?start=(\S+)", await anna.tap("给我一个码"))
    assert link is not None
    assert "关联好了" in (await town.says(ANNA, f"/start {link[1]}")).text
    await town.says(ANNA, "关联")
    assert "t.me" not in (await town.taps(ANNA, "给我一个码")).text  # they are there already


async def test_a_deep_link_is_remembered_as_the_source(town: Town) -> None:
    await town.says(ANNA, "/start poster-wenchang")
    assert await count(town, residents, residents.c.source == "poster-wenchang") == 1


async def test_what_cant_be_used_is_answered_with_what_works(town: Town) -> None:
    cases: dict[str, dict[str, Any]] = {
        "语音我还听不了": {"voice": {"file_id": "v", "duration": 3}},
        "视频我还看不了": {"video": {"file_id": "v"}, "caption": "看这里"},
        "贴纸收到啦": {"sticker": {"file_id": "s", "emoji": "👍"}},
        "动图我还看不了": {"animation": {"file_id": "a"}, "document": {"file_id": "a", "mime_type": "video/mp4"}},
        "这种文件我打不开": {"document": {"file_id": "d", "mime_type": "application/pdf"}},
        "超过 20 MB": {"document": {"file_id": "d", "mime_type": "image/heic", "file_size": 20_000_001}},
        "名片我用不上": {"contact": {"phone_number": "1", "first_name": "x"}},
        "这种消息我还看不懂": {"something_new": {"of": 2027}},
    }
    for words, content in cases.items():
        assert words in (await town.says(ANNA, **content)).text, content
    await town.hears(town.fake.update(edited_message={"message_id": 1, "date": 1, **person(ANNA), "text": "改了"}))
    assert "改过的话我看不到" in town.fake.last(ANNA).text


async def test_within_a_conversation_the_question_is_asked_again(town: Town) -> None:
    await town.says(ANNA, "随手拍")
    await town.says(ANNA, voice={"file_id": "v", "duration": 3})
    told, asked = town.fake.chat(ANNA)[-2:]
    assert "语音我还听不了" in told.text and "是哪一类" in asked.text


async def test_a_live_position_that_moves_is_no_message(town: Town) -> None:
    moved = {"message_id": 1, "date": 1, **person(ANNA), "location": {"latitude": 1, "longitude": 2}}
    assert (await town.hears(town.fake.update(edited_message=moved))).content == b""
    assert town.fake.chat(ANNA) == []


async def test_a_group_is_declined_once(town: Town) -> None:
    group = {"id": -100500, "type": "supergroup", "title": "小区群"}
    sender = person(ANNA)["from"]
    said = {"message_id": 1, "date": 1, "chat": group, "from": sender, "text": "/help@youli_test_bot"}
    await town.hears(town.fake.update(message=said))
    await town.hears(town.fake.update(message={**said, "text": "你好"}))
    assert len(town.fake.chat(-100500)) == 1 and "私聊" in town.fake.last(-100500).text
    assert await count(town, addresses) == 0


async def test_who_blocks_us_is_not_written_to_until_they_come_back(town: Town) -> None:
    await town.says(ANNA, "贴士")

    async def reachable() -> bool:
        return await count(town, addresses, addresses.c.reachable == 1) == 1

    def change(status: str) -> dict[str, Any]:
        both = {"old_chat_member": {"status": "member"}, "new_chat_member": {"status": status}}
        return town.fake.update(my_chat_member={**person(ANNA), "date": 1, **both})

    await town.hears(change("kicked"))
    assert not await reachable()
    await town.hears(change("member"))
    assert await reachable()
    talk_id = (await town.database.read(talks.find_talk, "telegram", str(ANNA)))[0]  # type: ignore[index]
    town.fake.blocked.add(ANNA)
    say = '{"key": "menu.full", "params": {}, "options": [], "pictures": []}'
    await town.database.write(letters.add_letter, talk_id, "telegram", say)
    await town.carry()
    assert not await reachable()
    assert await count(town, outbox, outbox.c.state == "waiting") == 1
    town.fake.blocked.clear()
    await town.hears(change("member"))
    assert await reachable()
    await town.carry()
    assert await count(town, outbox, outbox.c.state == "sent") == 1


async def test_a_chat_that_moves_takes_its_address_along(town: Town) -> None:
    await town.says(ANNA, "贴士")
    talk_id = (await town.database.read(talks.find_talk, "telegram", str(ANNA)))[0]  # type: ignore[index]
    town.fake.moved[ANNA] = 777
    say = '{"key": "menu.full", "params": {}, "options": [], "pictures": []}'
    await town.database.write(letters.add_letter, talk_id, "telegram", say)
    await town.carry()
    assert "想做点什么" in town.fake.last(777).text
    assert await count(town, addresses, addresses.c.user == "777") == 1


async def test_the_persons_language_is_that_of_their_telegram(town: Town) -> None:
    update = town.fake.says(ANNA, "/help")
    update["message"]["from"]["language_code"] = "en-GB"
    await town.hears(update)
    assert "say" in town.fake.last(ANNA).text.casefold()


@pytest.mark.parametrize("names", [("mine",), ("mine", "too")])
async def test_own_photos_are_shown_again_without_uploading_them(town: Town, names: tuple[str, ...]) -> None:
    for name in names:
        await town.hears(town.fake.says(ANNA, media_group_id="g", photo=photo(name)))
    await town.waits(seconds=2)
    await town.taps(ANNA, "上报")
    await town.taps(ANNA, town.fake.last(ANNA).buttons[0][0])
    shown = town.fake.last(ANNA)
    for _ in range(8):
        shown = town.fake.last(ANNA)
        if any("提交" in label for label, _ in shown.buttons):
            break
        if shown.keyboard:
            await town.says(ANNA, "文昌路 12 号门口")
        else:
            await town.taps(ANNA, shown.buttons[-1][0])
    assert "请看一眼" in shown.text and shown.buttons
    assert tuple(next(one.photos for one in reversed(town.fake.chat(ANNA)) if one.photos)) == names


async def test_a_drawing_is_sent_or_told(town: Town, tmp_path: Path) -> None:
    town.channel._pictures._folder = tmp_path
    (tmp_path / "sign.svg").write_text("<svg><title>一块 &lt;停&gt; 字牌</title></svg>", "utf-8")
    words = Outgoing("这是什么？", (Button("1:a", "A"),), (("/pictures/sign.svg", "图"),))
    await town.channel.send(1, 1, Address("telegram", str(ANNA)), words)
    assert town.fake.last(ANNA).text == "〔一块 <停> 字牌〕\n这是什么？" and town.fake.last(ANNA).buttons
    (tmp_path / "sign.png").write_bytes(b"\x89PNG the drawing")
    for _ in range(2):
        await town.channel.send(1, 1, Address("telegram", str(ANNA)), words)
    first, second = town.fake.chat(ANNA)[1:]
    assert town.fake.files[first.photos[0]] == b"\x89PNG the drawing"
    assert second.photos == first.photos and second.text == "这是什么？"  # not uploaded again
    town.fake.trouble("sendPhoto", 400, "Bad Request: wrong file identifier")
    await town.channel.send(1, 1, Address("telegram", str(ANNA)), words)
    assert town.fake.last(ANNA).text.endswith("这是什么？")  # a bad picture takes no words with it


async def test_a_question_about_a_drawing_came_in_words_instead(town: Town, tmp_path: Path) -> None:
    town.channel._pictures._drawn = Drawings(ROOT / "content" / "pictures", tmp_path).picture
    words = Outgoing("图上哪一种牵法合适？", (Button("1:a", "A"),), (("/pictures/dog-lift.svg", "题目的图片"),))
    await town.channel.send(1, 1, Address("telegram", str(ANNA)), words)
    shown = town.fake.last(ANNA)
    assert (shown.text, len(shown.buttons)) == ("图上哪一种牵法合适？", 1)
    assert town.fake.files[shown.photos[0]].startswith(b"\x89PNG")


async def test_wrong_secrets_bad_bodies_and_big_ones_are_refused(town: Town) -> None:
    async def post(content: bytes, secret: str = "s" * 64) -> httpx.Response:
        return await town.client.post("/telegram", content=content, headers={"x-telegram-bot-api-secret-token": secret})

    assert (await post(b"{}", "wrong")).status_code == 403
    assert (await town.client.post("/telegram", content=b"{}")).status_code == 403
    for nonsense in (b"", b"no json", b"[]", b"{}", b'{"update_id": "x"}', b"[" * 50_000):
        assert (await post(nonsense)).status_code == 400, nonsense[:20]
    assert (await post(b" " * (1024 * 1024 + 1))).status_code == 413
    assert await count(town, updates) == 0


async def test_an_update_that_cant_be_read_becomes_a_dead_letter(town: Town) -> None:
    poisoned = town.fake.update(message={"message_id": 1, "from": {"id": ANNA}})
    assert (await town.hears(poisoned)).status_code == 200  # or Telegram would send it for ever
    unsayable = town.fake.says(ANNA, "x")
    unsayable["message"]["photo"] = [{"file_id": "\ud83d", "width": 1, "height": 1}]
    del unsayable["message"]["text"]
    assert (await town.hears(unsayable)).status_code == 200
    dead = await town.database.read(_dead)
    assert [row[0] for row in dead] == [poisoned["update_id"], unsayable["update_id"]]
    assert dead[0][1] == "KeyError" and dead[0][2] == str(ANNA)
    assert "今天就做" in (await town.says(ANNA, "贴士")).text


def _dead(tx: Tx) -> list[Any]:
    query = select(updates.c.update_id, updates.c.error, updates.c.user).where(updates.c.state == "dead")
    return list(tx.execute(query.order_by(updates.c.id)).all())
