"""What we must remember of people on WeChat: what their acts allow us to send, consents, further pages."""

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, select, update

from db.letters import ANSWER, COLUMNS, SAY, WAITING, Letter
from db.tables import letters, talks, wechat_followers, wechat_pages, wechat_tickets
from db.tx import Hot, Tx

DAY = 24 * 3600 * 1000
_followers = wechat_followers.c
_THIS = _followers.talk_id == bindparam("talk")
_MESSAGE = Hot(
    update(wechat_followers)
    .where(_THIS)
    .values(message_at=bindparam("now"), message_left=bindparam("left"))
    .returning(_followers.talk_id)
)
_TAP = Hot(
    update(wechat_followers)
    .where(_THIS)
    .values(tap_at=bindparam("now"), tap_left=bindparam("left"))
    .returning(_followers.talk_id)
)


def spoke(tx: Tx, talk_id: int, tap: bool, allowed: int) -> None:
    """They wrote (or tapped): so many customer-service messages are allowed from now. Never added to what was
    left."""
    now = tx.ms
    if tx.hot(_TAP if tap else _MESSAGE, talk=talk_id, now=now, left=allowed):
        return
    values = {"tap_at": now, "tap_left": allowed} if tap else {"message_at": now, "message_left": allowed}
    tx.execute(
        tx.insert(wechat_followers)
        .values(talk_id=talk_id, **values)
        .on_conflict_do_update(index_elements=["talk_id"], set_=values)
    )


def take(tx: Tx, talk_id: int, after_tap: float, after_message: float) -> str | None:
    """Use one message of an allowance, the shorter-lived first (seconds each lasts); which it was, None: neither."""
    now = tx.ms
    row = tx.execute(select(wechat_followers).where(_followers.talk_id == talk_id).with_for_update()).first()
    if row is None:
        return None
    if row.tap_left > 0 and row.tap_at > now - int(after_tap * 1000):
        which = "tap_left"
    elif row.message_left > 0 and row.message_at > now - int(after_message * 1000):
        which = "message_left"
    else:
        return None
    _add(tx, talk_id, which, -1)
    return which


def give_back(tx: Tx, talk_id: int, which: str) -> None:
    """One message of this allowance was not used after all."""
    _add(tx, talk_id, which, 1)


def _add(tx: Tx, talk_id: int, which: str, number: int) -> None:
    column = _followers[which]
    tx.execute(update(wechat_followers).where(_followers.talk_id == talk_id).values({which: column + number}))


def close_window(tx: Tx, talk_id: int) -> None:
    """WeChat says that the allowance is used up or over (45047, 45015)."""
    tx.execute(update(wechat_followers).where(_followers.talk_id == talk_id).values(message_left=0, tap_left=0))


def open_again(tx: Tx, talk_id: int, after: float) -> None:
    """They are there: what waits for them may go out in so many seconds, not in hours."""
    soon = tx.ms + int(after * 1000)
    tx.execute(
        update(letters)
        .where(letters.c.talk_id == talk_id, letters.c.state == WAITING, letters.c.leased_by.is_(None))
        .where(letters.c.due_at > soon)
        .values(due_at=soon)
    )


def ride(tx: Tx, letter_id: int, seconds: float) -> None:
    """The letter leaves with an answer. Whoever sees that answer arrive says so (``bot.delivery``); else it waits
    again after so many seconds."""
    tx.execute(
        update(letters)
        .where(letters.c.id == letter_id)
        .values(leased_by=ANSWER, due_at=tx.ms + int(seconds * 1000), attempts=letters.c.attempts + 1)
    )


def riding(tx: Tx, talk_id: int) -> list[Letter]:
    """Letters that left with an answer of this talk and are not known to have arrived."""
    mine = (letters.c.talk_id == talk_id, letters.c.state == WAITING, letters.c.leased_by == ANSWER)
    return [Letter(*row) for row in tx.execute(select(*COLUMNS).where(*mine).order_by(letters.c.id))]


def options_of(tx: Tx, talk_id: int) -> str:
    """What a talk can choose from, as JSON; its row is locked."""
    row = tx.execute(select(talks.c.options).where(talks.c.id == talk_id).with_for_update()).first()
    return row[0] if row else "[]"


def set_options(tx: Tx, talk_id: int, options: str) -> None:
    """Replace what can be chosen."""
    tx.execute(update(talks).where(talks.c.id == talk_id).values(options=options))


def letter(tx: Tx, letter_id: int) -> tuple[str, int, str | None] | None:
    """What a letter says (JSON), its urgency, and its mark ``once``."""
    row = tx.execute(select(SAY, letters.c.urgency, letters.c.once).where(letters.c.id == letter_id)).first()
    return (row[0], row[1], row[2]) if row else None


# Further pages


def keep_pages(tx: Tx, talk_id: int, texts: Sequence[str], options: str) -> None:
    """Keep what follows of a long answer; what followed an earlier one is over, and all that is older than a day."""
    tx.execute(delete(wechat_pages).where((wechat_pages.c.talk_id == talk_id) | (wechat_pages.c.made_at < tx.ms - DAY)))
    for text in texts:
        tx.execute(wechat_pages.insert().values(talk_id=talk_id, text=text, options=options, made_at=tx.ms))


def keep_before(tx: Tx, talk_id: int, text: str, options: str) -> None:
    """Keep an answer that could not be given in time, before the pages that follow it."""
    rows = tx.execute(
        delete(wechat_pages).where(wechat_pages.c.talk_id == talk_id).returning(wechat_pages.c.id, wechat_pages.c.text)
    ).all()
    keep_pages(tx, talk_id, [text, *(row[1] for row in sorted(rows))], options)


def take_page(tx: Tx, talk_id: int, lasts: float) -> tuple[str, str] | None:
    """The next page and its answer's options; it is not kept any longer. None when nothing follows."""
    row = tx.execute(
        select(wechat_pages.c.id, wechat_pages.c.text, wechat_pages.c.options)
        .where(wechat_pages.c.talk_id == talk_id, wechat_pages.c.made_at > tx.ms - int(lasts * 1000))
        .order_by(wechat_pages.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    tx.execute(delete(wechat_pages).where(wechat_pages.c.id == row[0]))
    return row[1], row[2]


# Consents


def consent(tx: Tx, talk_id: int, templates: Mapping[str, int | None]) -> None:
    """More consents for templates; None: all are taken back."""
    for template, more in templates.items():
        left = wechat_tickets.c.left + more if more is not None else 0
        tx.execute(
            tx.insert(wechat_tickets)
            .values(talk_id=talk_id, template=template, left=more or 0)
            .on_conflict_do_update(index_elements=["talk_id", "template"], set_={"left": left})
        )


def take_consent(tx: Tx, talk_id: int, template: str) -> bool:
    """Use one consent; False when there is none."""
    taken = tx.execute(
        update(wechat_tickets)
        .where(wechat_tickets.c.talk_id == talk_id, wechat_tickets.c.template == template, wechat_tickets.c.left > 0)
        .values(left=wechat_tickets.c.left - 1)
        .returning(wechat_tickets.c.left)
    ).first()
    return taken is not None
