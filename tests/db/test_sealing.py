"""What lies in the database is sealed: read by whoever has the key and nobody else, sealed anew with a new one."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import text

from bot.messages import Address, Incoming, Place
from checkup import checkup
from db import heaps, mutes, resealing, residents, staff, supervisions, surveys, updates
from db.database import Database
from db.heaps import Window
from db.history import transcript
from db.queue import Sight, Wanted
from db.reports import find_report
from db.sealing import NO_KEYS, Key, Keyring, Locked, lend
from db.tables import metadata
from db.wechat import keep_pages
from opening import NotReady, open_store
from settings import Settings
from tests.actions.town import Town
from tests.play import KEYS, ROOT, Person, everything, picture, rows_of

OLD, NEW = Key.made_of("the key of last year, long enough"), Key.made_of("the key of this year, long enough")
SECRETS = ("浙A12345", "138 0000 0000", "30.274567", "120.155432", "JBSWY3DPEHPK3PXP")


@given(st.text(), st.text(max_size=20))
def test_what_was_sealed_opens_where_it_was_sealed_and_nowhere_else(words: str, where: str) -> None:
    keys = Keyring([NEW, OLD])
    sealed = keys.seal(words, where)
    assert keys.open(sealed, where) == words
    assert Keyring([OLD, NEW]).open(sealed, where) == words
    if words:
        assert sealed != keys.seal(words, where)  # never twice alike: equal plates don't show
        with pytest.raises(Locked):
            keys.open(sealed, where + "!")
        with pytest.raises(Locked, match=NEW.name):
            Keyring([OLD]).open(sealed, where)


@pytest.mark.parametrize(
    "change",
    [lambda raw: raw[:-1], lambda raw: bytes([raw[0] ^ 1]) + raw[1:], lambda raw: b""],
    ids=["cut", "flipped", "empty"],
)
def test_what_was_changed_does_not_open(change: Any) -> None:
    keys = Keyring([NEW])
    _, name, body = keys.seal("浙A12345", "x").split("~")
    raw = change(base64.urlsafe_b64decode(body))
    with pytest.raises(Locked):
        keys.open(f"~{name}~{base64.urlsafe_b64encode(raw).decode()}", "x")
    with pytest.raises(Locked):
        keys.open(f"~{name}~not base64 at all", "x")
    with pytest.raises(Locked):
        NO_KEYS.seal("x", "x")


@pytest.fixture
async def database(database: Database) -> AsyncIterator[Database]:
    """Whatever keys it was lent meanwhile, other tests find ours."""
    yield database
    await relend(database, KEYS)


@pytest.fixture
async def town(person: Person, database: Database) -> Town:
    await person.say("你好")
    found = await database.read(lambda tx: tx.connection.exec_driver_sql("SELECT id FROM residents").scalar_one())
    return Town(database, person.dispatch.house, int(found))


async def reported(town: Town) -> str:
    """A parking report with all that is to be sealed; its number."""
    photo = await town.database.write(_photo, town.resident)
    report = await town.submit(
        category="parking",
        place=Place(30.274567, 120.155432),
        answers={"plate": "浙A12345", "place_kind": "road"},
        note="车主电话 138 0000 0000，车牌浙A12345",
        photos=(photo,),
    )
    await town.move(report.number, "note", "打过 138 0000 0000")
    return report.number


def _photo(tx: Any, resident: int) -> int:
    from db.photos import add_photo

    return add_photo(tx, resident, "web", "one", picture("one", place=(30.274567, 120.155432)).facts()).id


async def raw(database: Database) -> str:
    """All that a thief of the database would read."""

    def look(tx: Any) -> str:
        names = [table.name for table in metadata.sorted_tables]
        return "\n".join(
            f"{name} {tuple(row)}" for name in names for row in tx.connection.execute(text(f'SELECT * FROM "{name}"'))
        )

    return await database.read(look)


def found_in(stored: str, *secrets: str) -> list[str]:
    """The lines that tell a secret."""
    return [line for line in stored.splitlines() if any(secret in line for secret in secrets)]


async def test_a_thief_of_the_database_reads_no_plate_telephone_position_or_second_factor(town: Town) -> None:
    number = await reported(town)
    await town.database.write(_boss)
    stored = await raw(town.database)
    assert [secret for secret in SECRETS if secret in stored] == []
    assert "30.275" in stored and "120.155" in stored  # roughly: maps and neighbours are found by it
    report = await town.report(number)
    assert (report.lat, report.lon, report.answers["plate"]) == (30.274567, 120.155432, "浙A12345")
    assert "138 0000 0000" in report.note
    rows = await everything(town.database)
    assert rows["photos"][0]["spot"] == "[30.274567, 120.155432]" and rows["staff"][0]["totp"] == "JBSWY3DPEHPK3PXP"
    found = await town.database.read(heaps.heaps, Sight(), Wanted(), Window(30.0, 120.0, 31.0, 121.0), 100.0)
    assert [(heap.count, round(heap.lat, 3)) for heap in found] == [(1, 30.275)]


TOLD = ("浙A12345", "浙A·12345", "138 0000 0000", "13800000000", "30.274567", "120.1554", "3 幢 2 单元 501")


@pytest.mark.parametrize("channel", ["web", "telegram", "wechat"])
async def test_of_a_whole_report_in_a_chat_a_thief_reads_no_plate_telephone_or_position(
    person: Person, database: Database, channel: str, tmp_path: Path
) -> None:
    """Transcripts, drafts, options, letters and pages held in the open what the report had sealed."""
    one = Person(person.dispatch, database, f"user-of-{channel}", channel)
    await one.say("你好")
    resident = await database.read(_resident, one.user)
    town = Town(database, person.dispatch.house, resident, channel)
    await one.say("我的车牌是浙A·12345，电话13800000000，找谁？")
    await one.say("/report parking")
    await one.photo(picture("near", place=(30.274567, 120.155432)), picture("far"))
    await one.place(30.274567, 120.155432)
    await one.tap("人行道")
    await one.tap("有禁停标线")
    await one.say("浙A12345")
    await one.say("/menu")  # put aside, and taken up again
    await one.say("/report")
    assert "接着填" in one.labels
    await one.tap("接着填")
    await one.say("11:40–11:55")
    summary = await one.say("车主电话 138 0000 0000，住 3 幢 2 单元 501")
    assert "浙A12345" in summary and "138 0000 0000" in summary and "新苑社区，定位处附近" in summary
    again = await one.exchange(Incoming(Address(channel, one.user), "twice", choice=one.options[0].value))
    assert (await one.exchange(Incoming(Address(channel, one.user), "twice"))).answer == again.answer
    number = str((await rows_of(database, "reports"))[0]["number"])
    await one.say(f"/reports {number}")
    assert "新苑社区" in one.words
    await town.move(number, "accept", "给 138 0000 0000 打过电话")
    await town.move(number, "resolve", "浙A12345 已开走，位置 30.274567, 120.155432")
    await one.say("/reports")
    await one.say("/report litter")
    await one.say("没有照片")
    await one.say("停在 30.274567, 120.155432 旁边，浙A12345")

    def more(tx: Any) -> None:
        """What only a channel, or the console, writes."""
        talk = tx.execute(text("SELECT id FROM talks WHERE channel = :c"), {"c": channel}).scalar_one()
        keep_pages(tx, talk, ["还有：浙A12345", "138 0000 0000"], '[["1:x", "浙A12345"]]')
        updates.hold(tx, 1, 7, one.user, "album", '{"caption": "浙A12345 138 0000 0000"}')
        updates.add(tx, 1, 8, updates.DEAD, user=one.user, raw="30.274567, 120.155432")
        report = find_report(tx, number)
        assert report is not None
        mutes.put(tx, report, tx.ms + 1000, "把浙A12345报了十次", None, "Li")
        supervisions.decide(tx, supervisions.draft(tx, report.id, "x"), "signed", "浙A12345 拖了 20 天", None, "Li")
        supervisions.answer(tx, report.id, "已联系 13800000000", "Li")
        survey = surveys.find(tx, report.id, 1)
        assert survey is not None
        surveys.note(tx, survey, words="浙A12345 还停在那里，打 13800000000")

    await database.write(more)
    stored = await raw(database)
    assert found_in(stored, *TOLD) == []
    assert "你好" in stored  # what tells of nobody is not sealed
    for file in tmp_path.glob("youli.db*"):
        told = file.read_bytes()
        assert [secret for secret in TOLD if secret.encode() in told] == [], file
    export = json.dumps(await database.read(residents.export, resident), ensure_ascii=False)
    assert [secret for secret in TOLD if secret not in export] == []
    history = await database.read(lambda tx: transcript(tx, 1, limit=100))
    assert "138 0000 0000" in "".join(f"{one.said}{one.answer}" for one in history)
    assert await database.read(lambda tx: updates.parts(tx, 1, one.user, "album")[0].raw.count("浙A12345")) == 1

    before = await everything(database)
    await relend(database, Keyring([NEW, *KEYS.keys]))
    assert await reseal(database) > 0
    await relend(database, Keyring([NEW]))
    assert await everything(database) == before
    assert found_in(await raw(database), *TOLD) == []
    await relend(database, Keyring([OLD]))
    assert await database.read(resealing.strange) == NEW.name
    with pytest.raises(Locked, match=NEW.name):
        await one.say("/menu")


def _resident(tx: Any, user: str) -> int:
    return int(tx.execute(text('SELECT resident_id FROM talks WHERE "user" = :u'), {"u": user}).scalar_one())


def _boss(tx: Any) -> None:
    staff.add_colleague(
        tx,
        login="wang",
        name="Wang",
        role="office",
        language="zh",
        departments=[],
        areas=[],
        recovery=[],
        totp="JBSWY3DPEHPK3PXP",
    )


async def test_a_new_key_seals_anew_in_pages_and_the_old_one_can_go(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [await reported(town) for _ in range(3)]
    await town.database.write(_boss)
    before = await everything(town.database)
    monkeypatch.setattr(resealing, "PAGE", 2)
    change = Keyring([NEW, *KEYS.keys])
    await relend(town.database, change)
    first = await town.database.write(resealing.page, "reports", 0)
    assert first is not None and (first.rows, first.sealed) == (2, 2)
    assert await reseal(town.database) > 0
    assert await reseal(town.database) == 0  # nothing is done twice
    await relend(town.database, Keyring([NEW]))
    assert await everything(town.database) == before
    assert await town.database.read(resealing.strange) is None
    await relend(town.database, KEYS)
    assert await town.database.read(resealing.strange) == NEW.name
    with pytest.raises(Locked, match=NEW.name):
        await town.database.read(find_report, numbers[0])


async def relend(database: Database, keys: Keyring) -> None:
    """As if it had been opened with other keys."""
    lend(await database.write(_dialect), keys)


def _dialect(tx: Any) -> Any:
    return tx.connection.dialect


async def reseal(database: Database) -> int:
    """All pages; how many rows were sealed anew."""
    count = 0
    for name in resealing.TABLES:
        after: int | None = 0
        while after is not None:
            done = await database.write(resealing.page, name, after)
            count, after = (count + done.sealed, done.last) if done else (count, None)
    return count


async def test_what_was_written_before_there_were_keys_is_read_and_then_sealed(town: Town) -> None:
    number = await reported(town)
    await town.database.write(_boss)
    expected = await everything(town.database)

    def plain(tx: Any) -> None:
        """As the tables were before."""
        run = tx.connection.execute
        run(
            text("UPDATE reports SET answers = :a, note = :n, spot = NULL, lat = 30.274567, lon = 120.155432"),
            {"a": '{"plate": "浙A12345", "place_kind": "road"}', "n": "车主电话 138 0000 0000，车牌浙A12345"},
        )
        run(text("UPDATE report_moves SET note = :n WHERE move = 'note'"), {"n": "打过 138 0000 0000"})
        run(text("UPDATE photos SET spot = NULL, lat = 30.274567, lon = 120.155432"))
        run(text("UPDATE staff SET totp = 'JBSWY3DPEHPK3PXP'"))

    await town.database.write(plain)
    assert [secret for secret in SECRETS if secret in await raw(town.database)] == list(SECRETS)
    report = await town.report(number)
    assert (report.lat, report.answers["plate"]) == (30.274567, "浙A12345")
    assert await reseal(town.database) > 0
    assert [secret for secret in SECRETS if secret in await raw(town.database)] == []
    assert await everything(town.database) == expected


async def test_without_its_key_a_city_does_not_open_and_says_why(tmp_path: Path) -> None:
    secret = SecretStr("the first secret of this city, long enough")
    first = Settings(
        data_dir=tmp_path, secret_key=secret, content_dir=ROOT / "tests/content/small", city="town", port=1
    )
    async with open_store(first, upgrade=True) as database:
        await database.write(_boss)
    other = first.model_copy(update={"secret_key": SecretStr("another secret of this city, long enough")})
    with pytest.raises(NotReady, match="YOULI_FIELD_KEYS"):
        async with open_store(other, upgrade=True):
            pass
    wrong = [found.words for found in await checkup(other) if found.what == "database"]
    assert len(wrong) == 1 and "sealed with the key" in wrong[0]  # check found nothing of that
    more = first.model_copy(update={"field_keys": SecretStr("k" * 40)})  # the secret still opens what it sealed
    async with open_store(more, upgrade=True) as database:
        assert await reseal(database) == 1
    both = more.model_copy(update={"secret_key": SecretStr("another secret of this city, long enough")})
    async with open_store(both, upgrade=True) as database:
        assert (await rows_of(database, "staff"))[0]["totp"] == "JBSWY3DPEHPK3PXP"


async def test_a_secret_key_that_was_cut_off_let_anybody_sign(tmp_path: Path) -> None:
    for left in (b"", b"\n", b"4f1c"):
        (tmp_path / "secret.key").write_bytes(left)
        with pytest.raises(NotReady, match=r"secret\.key in .* is cut off"):
            async with open_store(Settings(data_dir=tmp_path), upgrade=True):
                pass
    assert not (tmp_path / "youli.db").exists()
