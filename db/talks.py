"""Who talks to us, where each talk stands, and what was said: opening a talk locks it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, bindparam, delete, literal_column, select, update

from civic.discretion import personal
from civic.people import Resident
from db.history import append, known_exchange
from db.packing import pack, unpack
from db.tables import exchanges, letters, residents, talks
from db.tx import Hot, Tx, as_stored

RESIDENT = (
    residents.c.id,
    residents.c.language,
    residents.c.area,
    residents.c.tip_hour,
    residents.c.points_on,
    residents.c.anonymous,
    residents.c.source,
    residents.c.seen_day,
)


@dataclass(slots=True)
class Talk:
    """Where one address stands: the open conversation, its step and data, what was last offered."""

    id: int
    channel: str
    user: str
    conversation: str | None
    step: str | None
    data: dict[str, Any]
    paused: dict[str, Any]
    options: list[list[str]]
    serial: int
    asks: str  # what the last question asks for besides words: place, or nothing
    stored: tuple[str | None, str | None, str, str]  # conversation, step, data and paused as they were read
    mail: bool = False  # letters wait, most of them for this person to speak
    answered: bool = False  # the message for which the talk was opened has come before
    last: int | None = None  # its latest exchange

    @property
    def fresh(self) -> bool:
        """Whether nothing was offered here yet: whoever it is has not been welcomed."""
        return self.serial == 0

    def restore(self) -> None:
        """Back to where the talk stood: the step that changed it failed."""
        self.conversation, self.step = self.stored[0], self.stored[1]
        self.data, self.paused = unpack(self.stored[2]), unpack(self.stored[3])


_OPEN = Hot(
    select(
        talks.c.id,
        talks.c.conversation,
        talks.c.step,
        as_stored(talks.c.data),
        as_stored(talks.c.paused),
        as_stored(talks.c.options),
        talks.c.serial,
        talks.c.asks,
        select(letters.c.id)
        .where(letters.c.talk_id == talks.c.id, letters.c.state == literal_column("'waiting'"))
        .exists(),
        select(exchanges.c.id).where(exchanges.c.talk_id == talks.c.id, exchanges.c.key == bindparam("key")).exists(),
        talks.c.last_id,
        *RESIDENT,
    )
    .select_from(talks.join(residents))
    .where(talks.c.channel == bindparam("channel"), talks.c.user == bindparam("user"))
    # Both rows: what waited for the lock then reads them as they are now. NO KEY: others may still refer to them.
    .with_for_update(of=[talks, residents], key_share=True)
)


def _saving(*names: str) -> Hot:
    changes = {
        name: bindparam(f"new_{name}", type_=Text() if name in ("data", "paused", "options") else None)
        for name in (*names, "options", "serial", "last_id", "asks", "seen_at")
    }
    heard = update(talks).where(talks.c.id == bindparam("talk")).values(changes)
    return Hot(heard.values(reachable=literal_column("1")))  # who writes to us has not blocked us


_SAVE = _saving("conversation", "step", "data", "paused")
_SAVE_OFFER = _saving()
_READER = Hot(
    select(talks.c.channel, talks.c.user, *RESIDENT)
    .select_from(talks.join(residents))
    .where(talks.c.id == bindparam("talk"))
)
_SEEN = Hot(update(residents).where(residents.c.id == bindparam("resident")).values(seen_day=bindparam("day")))


def resident_of(row: Any) -> Resident:
    """A Resident from the columns RESIDENT."""
    return Resident(row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5]), row[6], row[7])


def open_talk(tx: Tx, channel: str, user: str, language: str, day: str, key: str = "") -> tuple[Talk, Resident]:
    """Lock and load the talk of an address and its resident; a new address gets both. ``key`` names the message
    that came."""
    rows = tx.hot(_OPEN, channel=channel, user=user, key=key)
    if not rows:
        _create(tx, channel, user, language, day)
        rows = tx.hot(_OPEN, channel=channel, user=user, key=key)
    row = rows[0]
    if "~" in (row[3][:1], row[4][:1], row[5][:1]):
        opened = (tx.open(talks.c[name], row[at]) for at, name in enumerate(("data", "paused", "options"), 3))
        row = (*row[:3], *opened, *row[6:])
    talk = Talk(
        row[0],
        channel,
        user,
        row[1],
        row[2],
        unpack(row[3]),
        unpack(row[4]),
        unpack(row[5]),
        row[6],
        row[7],
        tuple(row[1:5]),
        bool(row[8]),
        bool(row[9]),
        row[10],
    )
    return talk, resident_of(row[11:])


def _create(tx: Tx, channel: str, user: str, language: str, day: str) -> None:
    """A new resident and their talk, unless another transaction made them at the same moment."""
    now = tx.ms
    resident = tx.execute(
        residents.insert()
        .values(language=language, joined_at=now, joined_day=day, points_on=1, anonymous=0)
        .returning(residents.c.id)
    ).scalar_one()
    made = tx.execute(
        tx.insert(talks)
        .values(
            channel=channel,
            user=user,
            resident_id=resident,
            data="{}",
            paused="{}",
            options="[]",
            serial=0,
            read_id=0,
            reachable=1,
            seen_at=now,
        )
        .on_conflict_do_nothing(index_elements=["channel", "user"])
        .returning(talks.c.id)
    ).first()
    if made is None:
        tx.execute(delete(residents).where(residents.c.id == resident))


def close_talk(tx: Tx, talk: Talk, key: str, said: str, answer: str) -> int:
    """Write down where the talk stands now, and append to the transcript; the id of its new row.

    Where something personal was said or answered, or stands in a draft, all of the turn is sealed.
    """
    data, paused, options = pack(talk.data), pack(talk.paused), pack(talk.options)
    stands = talk.conversation, talk.step, data, paused
    if personal(said + answer) or (data != "{}" and personal(data)) or (paused != "{}" and personal(paused)):
        said, answer = tx.seal(exchanges.c.said, said), tx.seal(exchanges.c.answer, answer)
        data, paused, options = (
            value if len(value) == 2 else tx.seal(talks.c[name], value)
            for name, value in (("data", data), ("paused", paused), ("options", options))
        )
    number = append(tx, talk.id, talk.last, key, said, answer)
    now: dict[str, int | str] = {
        "new_options": options,
        "new_serial": talk.serial,
        "new_last_id": number,
        "new_asks": talk.asks,
        "new_seen_at": tx.ms,
    }
    if stands == talk.stored:  # half of all turns open no step: the less is written, the better
        tx.hot(_SAVE_OFFER, talk=talk.id, **now)
    else:
        tx.hot(
            _SAVE,
            talk=talk.id,
            new_conversation=talk.conversation,
            new_step=talk.step,
            new_data=data,
            new_paused=paused,
            **now,
        )
    return number


def lock(tx: Tx, talk_id: int) -> None:
    """Wait for whoever writes into a talk's transcript, and let nobody else until this transaction ends."""
    if not tx.alone:
        tx.execute(select(talks.c.id).where(talks.c.id == talk_id).with_for_update(key_share=True))


def answered_before(tx: Tx, talk: Talk, key: str) -> tuple[int, int, str] | None:
    """Id, moment and answer of the message for which the talk was opened, had it come before."""
    # Where others write too, opening saw the moment before it waited for the lock; this statement sees the one after.
    return known_exchange(tx, talk.id, key) if talk.answered or not tx.alone else None


def mark_seen(tx: Tx, resident_id: int, day: str) -> None:
    """The resident's latest active day."""
    tx.hot(_SEEN, resident=resident_id, day=day)


def change_resident(tx: Tx, resident_id: int, **values: object) -> Resident:
    """Change a resident's settings (column values); the resident as they are now."""
    row = tx.execute(update(residents).where(residents.c.id == resident_id).values(**values).returning(*RESIDENT)).one()
    return resident_of(row)


def find_resident(tx: Tx, resident_id: int) -> Resident | None:
    """A resident by id."""
    row = tx.execute(select(*RESIDENT).where(residents.c.id == resident_id)).first()
    return resident_of(row) if row else None


def find_talk(tx: Tx, channel: str, user: str) -> tuple[int, int, int] | None:
    """Talk id, resident id and what was read, of an address that has spoken before."""
    row = tx.execute(
        select(talks.c.id, talks.c.resident_id, talks.c.read_id).where(talks.c.channel == channel, talks.c.user == user)
    ).first()
    return (row[0], row[1], row[2]) if row else None


def talk_of_id(tx: Tx, talk_id: int) -> tuple[str, str, Resident] | None:
    """Channel, user and resident of a talk."""
    rows = tx.hot(_READER, talk=talk_id)
    return (rows[0][0], rows[0][1], resident_of(rows[0][2:])) if rows else None
