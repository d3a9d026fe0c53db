"""Posters: codes that phones read, words that eyes read from 1.5 m, arrivals counted by sheet."""

import io
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pypdfium2
import pytest
import segno
import zxingcpp
from PIL import Image, ImageDraw

from actions.statistics import statistics
from bot.channels.wechat.api import Api
from civic.errors import Refused
from civic.periods import parse_period
from content.library import Library
from tests.play import NOON, Person
from web.codes import Code, Doors, checked_name
from web.poster import Order, draw, orders, picture

MM = 72 / 25.4  # points of a PDF
FOLLOW = "http://weixin.qq.com/q/02Yunting10000M03x"
SHEET = Order("poster-hefeng_autumn", "荷风社区", "秋日邻里节")
WECHAT = Code("wechat", FOLLOW)
WEB = Code("web", "https://youli.example.cn/chat?start=poster-hefeng_autumn", note="youli.example.cn/chat")
TELEGRAM = Code("telegram", "https://t.me/youli_bot?start=poster-hefeng_autumn", note="@youli_bot")
ALL = (WECHAT, WEB, TELEGRAM)


def scanned(image: Image.Image) -> set[str]:
    """What a decoder that is not ours reads in a picture."""
    return {found.text for found in zxingcpp.read_barcodes(image)}


def page(pdf: bytes) -> Any:
    """The one page of a sheet."""
    opened = pypdfium2.PdfDocument(pdf)
    assert len(opened) == 1
    return opened[0]


def size(sheet: Any, words: str) -> float:
    """How high (mm) the characters of a line of the sheet are, at most."""
    text = sheet.get_textpage()
    start = text.get_text_range().replace("\r\n", "\n ").index(words)
    boxes = [text.get_charbox(at) for at in range(start, start + len(words))]
    return max(float(top - bottom) for _, bottom, _, top in boxes) / MM


@pytest.mark.parametrize("codes", [(WEB,), (WEB, TELEGRAM), ALL], ids=len)
def test_every_code_can_be_read_from_paper_and_from_a_phones_photo(library: Library, codes: Sequence[Code]) -> None:
    links = {code.link for code in codes}
    printed = Image.open(io.BytesIO(draw(library, SHEET, tuple(codes), "png")))
    assert printed.size == (2480, 3508)  # A4 at 300 dots an inch
    assert scanned(printed) == links
    assert scanned(printed.convert("L").resize((1000, 1415))) == links
    assert scanned(page(draw(library, SHEET, tuple(codes), "pdf")).render(scale=2).to_pil()) == links


@pytest.mark.parametrize("codes", [(WEB,), (WEB, TELEGRAM), ALL], ids=len)
def test_codes_are_black_on_white_with_a_quiet_zone_and_large_enough(library: Library, codes: Sequence[Code]) -> None:
    printed = Image.open(io.BytesIO(draw(library, SHEET, tuple(codes), "png"))).convert("L")
    read = zxingcpp.read_barcodes(printed)
    assert len(read) == len(codes)
    for found in read:
        first, last = found.position.top_left, found.position.bottom_right
        left, top, right, bottom = first.x, first.y, last.x, last.y
        assert (right - left) / 300 * 25.4 > 35  # millimetres
        module = (right - left) / segno.make_qr(found.text, error="q", boost_error=False).symbol_size(border=0)[0]
        quiet = [round(3.8 * module), round(0.3 * module)]  # four modules are asked for; corners are not exact
        for outer in (
            (left - quiet[0], top - quiet[0], right + quiet[0], top - quiet[1]),
            (left - quiet[0], bottom + quiet[1], right + quiet[0], bottom + quiet[0]),
            (left - quiet[0], top, left - quiet[1], bottom),
            (right + quiet[1], top, right + quiet[0], bottom),
        ):
            assert printed.crop(outer).getextrema() == (255, 255)
        darkest, lightest = printed.crop((left, top, right, bottom)).getextrema()
        assert (darkest, lightest) == (0, 255)


def test_the_words_can_be_read_from_one_and_a_half_metres(library: Library) -> None:
    sheet = page(draw(library, SHEET, ALL, "pdf"))
    assert [round(side / MM) for side in sheet.get_size()] == [210, 297]
    assert size(sheet, "有礼") > 35
    for line in ("tip", "report", "ask"):
        assert size(sheet, library.texts.render("zh", f"poster.line.{line}")) > 6
    for caption in ("微信", "网页", "Telegram"):
        assert size(sheet, caption) > 5
    text = sheet.get_textpage().get_text_range()
    for words in (
        "云汀市的文明小助手",
        "荷风社区",
        "秋日邻里节",
        "@youli_bot",
        "youli.example.cn/chat",
        "12345",
        "不用留姓名",
    ):
        assert words in text


def test_long_names_become_smaller_and_stay_on_the_sheet(library: Library) -> None:
    far = Code("web", WEB.link, note="a-very-long-name-of-a-city-office.wenming.example.gov.cn/chat")
    sheet = page(
        draw(library, Order("poster", "一二三四五六七八九十社区居委会", "字" * 16), (WECHAT, far, TELEGRAM), "pdf")
    )
    text = sheet.get_textpage()
    boxes = [text.get_charbox(at) for at in range(text.count_chars())]
    assert min(left for left, *_ in boxes) > 10 * MM
    assert max(right for _, _, right, _ in boxes) < 200 * MM
    assert far.note in text.get_text_range()


def test_a_character_without_a_shape_is_named(library: Library) -> None:
    with pytest.raises(Refused) as refused:
        draw(library, Order("poster_autumn", "", "秋天🍁"), (WEB,), "png")
    assert refused.value.key == "poster.unprintable" and "🍁" in str(refused.value.params["why"])


def test_an_area_is_found_by_id_or_name_and_all_are_all_communities(library: Library) -> None:
    assert orders(library.city, "hefeng", None, "", False) == [Order("poster-hefeng", "荷风社区")]
    assert orders(library.city, "荷风社区", "autumn", "秋日", False) == [
        Order("poster-hefeng_autumn", "荷风社区", "秋日")
    ]
    assert orders(library.city, "tinghe", None, "", False) == [Order("poster-tinghe", "听荷区")]
    everywhere = orders(library.city, None, None, "", True)
    assert [order.payload for order in everywhere] == [f"poster-{key}" for key in library.city.communities]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ((None, None, "", False), "poster.for_whom"),
        (("hefeng", None, "", True), "poster.all_or_one"),
        (("atlantis", None, "", False), "poster.unknown_area"),
        ((None, "秋日", "", False), "poster.bad_campaign"),
        ((None, "autumn", "字" * 17, False), "poster.long_title"),
    ],
)
def test_what_does_not_go_together_is_refused(library: Library, wanted: tuple[Any, ...], why: str) -> None:
    with pytest.raises(Refused) as refused:
        orders(library.city, *wanted)
    assert refused.value.key == why


# Where the codes lead


async def test_each_channel_gets_a_code_with_the_payload() -> None:
    codes = await Doors("https://youli.example.cn", "youli_bot", b"a picture").codes("poster-hefeng_autumn")
    assert codes == (Code("wechat", picture=b"a picture"), WEB, TELEGRAM)
    assert await Doors("https://youli.example.cn").codes("poster-hefeng_autumn") == (WEB,)


def wechat(answer: dict[str, object], asked: list[dict[str, Any]] | None = None) -> Api:
    """A verified service account whose code call is answered like this."""

    def at_wechat(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/stable_token":
            return httpx.Response(200, json={"access_token": "token", "expires_in": 7200})
        assert request.url.path == "/cgi-bin/qrcode/create"
        if asked is not None:
            asked.append(json.loads(request.content))
        return httpx.Response(200, json=answer)

    return Api("https://wechat.test", "app", "secret", http=httpx.AsyncClient(transport=httpx.MockTransport(at_wechat)))


async def test_a_verified_service_account_makes_a_lasting_code_with_the_payload() -> None:
    asked: list[dict[str, Any]] = []
    doors = Doors("https://youli.example.cn", wechat=wechat({"ticket": "t", "url": FOLLOW}, asked))
    assert (await doors.codes("poster-hefeng"))[0] == WECHAT
    await doors.aclose()
    wanted = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "poster-hefeng"}}}
    assert asked == [wanted]


async def test_an_account_without_the_right_is_told_so() -> None:
    doors = Doors("https://youli.example.cn", wechat=wechat({"errcode": 48001, "errmsg": "api unauthorized"}))
    with pytest.raises(Refused) as refused:
        await doors.codes("poster-hefeng")
    await doors.aclose()
    assert (refused.value.key, refused.value.params) == ("poster.wechat_refused", {"code": 48001})


def test_a_bots_name_is_taken_as_people_write_it() -> None:
    assert {checked_name(name) for name in ("youli_bot", "@youli_bot", "https://t.me/youli_bot")} == {"youli_bot"}
    for wrong in ("有礼", "t.me/youli_bot?start=x", "bot", ""):
        with pytest.raises(Refused):
            checked_name(wrong)


def test_an_accounts_own_code_is_printed_as_it_is(library: Library) -> None:
    raw = io.BytesIO()
    own = page(draw(library, SHEET, (WECHAT,), "pdf")).render(scale=3).to_pil()
    code = zxingcpp.read_barcodes(own)[0].position
    own.crop((code.top_left.x - 20, code.top_left.y - 20, code.bottom_right.x + 20, code.bottom_right.y + 20)).save(
        raw, "JPEG"
    )
    sheet = draw(library, SHEET, (Code("wechat", picture=picture(raw.getvalue())), WEB), "png")
    assert scanned(Image.open(io.BytesIO(sheet))) == {FOLLOW, WEB.link}


def test_a_picture_that_is_none_or_too_small_is_refused() -> None:
    strip = Image.new("RGB", (400, 900))
    ImageDraw.Draw(strip).line((0, 0, 400, 900))
    small = io.BytesIO()
    strip.save(small, "PNG")
    for raw, why in (
        (small.getvalue(), "bad_size"),
        (small.getvalue()[:200], "bad_picture"),
        (b"GIF89a", "bad_picture"),
    ):
        with pytest.raises(Refused) as refused:
            picture(raw)
        assert refused.value.key == f"poster.{why}"


async def test_who_comes_by_a_poster_is_counted_by_its_payload(person: Person, library: Library) -> None:
    await person.say("/start poster-hefeng_autumn")
    await person.say("/start poster-hefeng_autumn")  # the page was opened again
    neighbour = Person(person.dispatch, person.database, user="a-neighbour")
    await neighbour.say("/start")
    values = await person.database.read(statistics, library, parse_period("today", NOON.date()))
    arrivals = next(value for value in values if value.key == "arrivals")
    assert arrivals.value == 1 and arrivals.by is not None
    assert {cell.key: cell.value for cell in arrivals.by["source"]} == {"poster-hefeng_autumn": 1}
