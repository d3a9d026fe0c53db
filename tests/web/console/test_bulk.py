"""Many reports at once: looked at first, moved one by one, what can't go is told and left out."""

import re
from typing import Any

from tests.play import everything
from tests.web.console.office import Desk, Office, plain


async def boxes(desk: Desk) -> list[str]:
    """What the queue's boxes carry, one for each report."""
    return re.findall(r'name="report" value="([^"]+)"', await desk.look("/queue?order=oldest"))


async def test_many_are_looked_at_before_they_are_moved(office: Office) -> None:
    towns = [await office.town(), await office.town("en")]
    numbers = [(await town.submit()).number for town in towns]
    third = (await towns[0].submit(address="码头")).number
    desk, other = await office.desk("dispatcher", "李强"), await office.desk("office", "钱文")
    chosen = await boxes(desk)
    assert [one.partition(":")[0] for one in chosen] == [*numbers, third]
    await other.send(f"/reports/{third}", 303, act="reject", version="0", note="不是我们的")
    before = await everything(office.database)
    form: dict[str, Any] = {
        "report": chosen,
        "move": "accept",
        "department": "street",
        "note": "明天去",
        "back": "/console/queue?q=x",
    }
    page = (await desk.send("/queue", 200, **form)).text
    said = plain(page)
    assert "可以这样办的 2 件" in said and "不能这样办的 1 件" in said and f"{third} 刚被别人改过" in said
    assert (
        "由街道办事处（会同物业）办" in said and "Sub-district Office" in said and 'href="/console/queue?q=x"' in page
    )
    assert await everything(office.database) == before
    done = plain((await desk.send("/queue", 200, **form, sure="1")).text)
    assert "办好 2 件，跳过 1 件" in done
    assert [(await towns[0].report(number)).status for number in (*numbers, third)] == [
        "accepted",
        "accepted",
        "rejected",
    ]
    assert {(await towns[0].report(number)).department for number in numbers} == {"street"}
    assert [deed[1:3] for deed in await office.deeds() if deed[0] == "李强"][-2:] == [
        ("report.accept", numbers[0]),
        ("report.accept", numbers[1]),
    ]
    again = plain((await desk.send("/queue", 200, **form, sure="1")).text)
    assert "办好 0 件，跳过 3 件" in again


async def test_what_many_cannot_be_is_told(office: Office) -> None:
    number = (await (await office.town()).submit()).number
    desk, viewer = await office.desk("dispatcher"), await office.desk("viewer")
    stranger = await office.desk("handler", "he", ["health"])
    one: dict[str, Any] = {"report": f"{number}:0", "move": "accept", "sure": "1"}
    for wrong, words in (
        ({"report": []}, "没有选中案件"),
        ({"move": "conjure"}, "没有选要做什么"),
        ({"report": [f"{count}:0" for count in range(101)]}, "一次最多一起办 100 件"),
        ({"report": "x"}, "没读懂"),
    ):
        assert words in (await desk.send("/queue", 422, **one | wrong)).text
    await viewer.send("/queue", 403, **one)
    assert 'name="report"' not in await viewer.look("/queue")
    page = plain((await stranger.send("/queue", 200, **one)).text)
    assert "办好 0 件，跳过 1 件" in page and "文昌路" not in page
    hostile = plain((await desk.send("/queue", 200, report="<script>x</script>:1", move="accept")).text)
    assert "不能这样办的 1 件" in hostile
    assert "<script>x" not in (await desk.send("/queue", 200, report="<script>x</script>:1", move="accept")).text
