"""What we must remember of the Official Account itself: its token, what lies at WeChat, what WeChat refuses, mass
messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, delete, exists, func, or_, select, update

from db.letters import COLUMNS, SAY, Letter
from db.tables import (
    letters,
    residents,
    talks,
    wechat_followers,
    wechat_mass,
    wechat_media,
    wechat_refusals,
    wechat_tokens,
)
from db.tx import Tx

_followers = wechat_followers.c


@dataclass(frozen=True)
class Turn:
    """A token with the seconds it is good, or whose turn it is to get one."""

    token: str = ""
    seconds: int = 0
    mine: bool = False
    may_force: bool = False


def token_turn(tx: Tx, app_id: str, owner: str, wrong: str | None, lease: float, early: float) -> Turn:
    """The shared token if it is good and not ``wrong``; else the right to renew it, for ``lease`` seconds, unless
    another has it. By force at most every ten minutes: WeChat allows 20 a day."""
    now = tx.ms
    tx.execute(
        tx.insert(wechat_tokens)
        .values(app_id=app_id, token="", expires_at=0, owned_until=0, forced_at=0)  # nosec B106 # no token yet
        .on_conflict_do_nothing(index_elements=["app_id"])
    )
    row = tx.execute(select(wechat_tokens).where(wechat_tokens.c.app_id == app_id).with_for_update()).one()
    if row.token and row.token != wrong and row.expires_at > now + int(early * 1000):
        return Turn(row.token, (row.expires_at - now) // 1000)
    if row.owner is not None and row.owned_until > now:
        return Turn()
    tx.execute(
        update(wechat_tokens)
        .where(wechat_tokens.c.app_id == app_id)
        .values(owner=owner, owned_until=now + int(lease * 1000))
    )
    return Turn(mine=True, may_force=row.forced_at < now - 600_000)


def save_token(tx: Tx, app_id: str, token: str, seconds: int, forced: bool) -> None:
    """The new token, for all."""
    now = tx.ms
    values: dict[str, object] = {"token": token, "expires_at": now + seconds * 1000, "owner": None}
    if forced:
        values["forced_at"] = now
    tx.execute(update(wechat_tokens).where(wechat_tokens.c.app_id == app_id).values(**values))


def leave_turn(tx: Tx, app_id: str, owner: str) -> None:
    """Renewing failed: another may try."""
    tx.execute(
        update(wechat_tokens).where(wechat_tokens.c.app_id == app_id, wechat_tokens.c.owner == owner).values(owner=None)
    )


def leave_turns(tx: Tx) -> None:
    """It is anybody's turn: none of those who were renewing is alive any more."""
    tx.execute(update(wechat_tokens).values(owner=None))


def media_id(tx: Tx, sha256: str) -> str | None:
    """Under which id a picture lies at WeChat, if it still does."""
    mine = (wechat_media.c.sha256 == sha256, wechat_media.c.expires_at > tx.ms)
    row = tx.execute(select(wechat_media.c.media_id).where(*mine)).first()
    return row[0] if row else None


def save_media(tx: Tx, sha256: str, found: str, lasts: float) -> None:
    """A picture lies at WeChat for so many seconds; those whose time is over are forgotten."""
    now = tx.ms
    tx.execute(delete(wechat_media).where(wechat_media.c.expires_at <= now))
    values = {"media_id": found, "expires_at": now + int(lasts * 1000)}
    tx.execute(
        tx.insert(wechat_media)
        .values(sha256=sha256, **values)
        .on_conflict_do_update(index_elements=["sha256"], set_=values)
    )


def refuse(tx: Tx, app_id: str, api: str) -> None:
    """WeChat says that the account has no right to this."""
    at = tx.ms
    tx.execute(
        tx.insert(wechat_refusals)
        .values(app_id=app_id, api=api, at=at)
        .on_conflict_do_update(index_elements=["app_id", "api"], set_={"at": at})
    )


def refusals(tx: Tx, app_id: str, lately: float) -> dict[str, int]:
    """What WeChat refused in the last seconds, and when (milliseconds)."""
    since = tx.ms - int(lately * 1000)
    mine = (wechat_refusals.c.app_id == app_id, wechat_refusals.c.at > since)
    query = select(wechat_refusals.c.api, wechat_refusals.c.at).where(*mine).order_by(wechat_refusals.c.api)
    return {row[0]: row[1] for row in tx.execute(query)}


def forget_refusals(tx: Tx, app_id: str) -> None:
    """The account seems to be in order: what was refused may be tried again."""
    tx.execute(delete(wechat_refusals).where(wechat_refusals.c.app_id == app_id))


def mass_state(tx: Tx, mark: str) -> str | None:
    """How a mass message stands: sending, sent, refused; None when there was none."""
    row = tx.execute(select(wechat_mass.c.state).where(wechat_mass.c.mark == mark)).first()
    return row[0] if row else None


def mass_since(tx: Tx, since: int) -> int:
    """How many mass messages were used up since a moment."""
    counted = (wechat_mass.c.state != "refused", wechat_mass.c.at >= since)
    return int(tx.execute(select(func.count()).select_from(wechat_mass).where(*counted)).scalar_one())


def begin_mass(tx: Tx, mark: str, since: int, most: int) -> bool:
    """Whether to send this mass message now: not sent yet, and fewer than ``most`` sent since a moment. Sending
    it again under the same mark is safe: WeChat knows it by the mark."""
    state = mass_state(tx, mark)
    if state is not None:
        return state == "sending"
    used = mass_since(tx, since)
    state = "sending" if used < most else "refused"
    tx.execute(
        tx.insert(wechat_mass)
        .values(mark=mark, state=state, at=tx.ms, number="", told="" if used < most else f"all {most} are used")
        .on_conflict_do_nothing(index_elements=["mark"])
    )
    return used < most


def end_mass(tx: Tx, mark: str, state: str, number: str = "", told: str = "") -> None:
    """What came of it."""
    values = {"state": state, "number": number, "told": told[:200]}
    tx.execute(update(wechat_mass).where(wechat_mass.c.mark == mark).values(**values))


def mass_told(tx: Tx, number: str, told: str) -> None:
    """WeChat's report on a mass message."""
    tx.execute(update(wechat_mass).where(wechat_mass.c.number == number).values(told=told[:200]))


def last_mass(tx: Tx) -> tuple[str, str, str] | None:
    """Mark and state of the newest mass message, and what was told of it."""
    columns = (wechat_mass.c.mark, wechat_mass.c.state, wechat_mass.c.told)
    row = tx.execute(select(*columns).order_by(wechat_mass.c.at.desc(), wechat_mass.c.mark.desc()).limit(1)).first()
    return (row[0], row[1], row[2]) if row else None


def had_mass(tx: Tx, mark: str, talk_id: int) -> bool:
    """Whether a mass message went out when this person carried the tag."""
    query = (
        select(wechat_mass.c.mark)
        .join(wechat_followers, _followers.talk_id == talk_id)
        .where(wechat_mass.c.mark == mark, wechat_mass.c.state == "sent")
        .where(_followers.tagged_at > 0, _followers.tagged_at < wechat_mass.c.at)
    )
    return tx.execute(query).first() is not None


def covered(tx: Tx, mark: str, limit: int) -> list[Letter]:
    """Letters of a broadcast that wait although their readers got the mass message."""
    query = (
        select(*COLUMNS)
        .join(wechat_followers, _followers.talk_id == letters.c.talk_id)
        .join(wechat_mass, wechat_mass.c.mark == mark)
        .where(letters.c.channel == "wechat", letters.c.state == "waiting", letters.c.leased_by.is_(None))
        .where(letters.c.once.like(f"{mark}:%"), wechat_mass.c.state == "sent")
        .where(_followers.tagged_at > 0, _followers.tagged_at < wechat_mass.c.at)
        .limit(limit)
    )
    return [Letter(*row) for row in tx.execute(query)]


def waiting_tip(tx: Tx, mark: str) -> tuple[str, str] | None:
    """What most of the waiting letters of a broadcast say (JSON), and in which language: areas may have tips of their
    own, and a mass message has one for everybody."""
    zh_first = case((residents.c.language == "zh", 0), else_=1)
    waiting = (letters.c.channel == "wechat", letters.c.state == "waiting", letters.c.once.like(f"{mark}:%"))
    everybody = letters.join(talks, letters.c.talk_id == talks.c.id).join(residents)
    most = tx.execute(
        select(func.min(letters.c.id))
        .select_from(everybody)
        .where(*waiting)
        .group_by(letters.c.circular_id, residents.c.language)
        .order_by(zh_first, func.count().desc(), func.min(letters.c.id))
        .limit(1)
    ).scalar()
    if most is None:
        return None
    row = tx.execute(select(SAY, residents.c.language).select_from(everybody).where(letters.c.id == most)).one()
    return (row[0], row[1])


def to_tag(tx: Tx, wanted: bool, limit: int) -> list[tuple[int, str]]:
    """Talk and OpenID of people who want the daily tip here, where they were last heard, and lack the tag; or the
    other way round."""
    tagged_at = func.coalesce(_followers.tagged_at, 0)
    later = talks.alias()
    elsewhere = (
        exists()
        .where(later.c.resident_id == talks.c.resident_id, later.c.reachable == 1, later.c.channel != "wechat")
        .where(later.c.seen_at > talks.c.seen_at)
    )
    query = (
        select(talks.c.id, talks.c.user)
        .select_from(talks.join(residents).outerjoin(wechat_followers, _followers.talk_id == talks.c.id))
        .where(talks.c.channel == "wechat", talks.c.reachable == 1)
        .order_by(talks.c.id)
        .limit(limit)
    )
    if wanted:
        query = query.where(residents.c.tip_hour.is_not(None), tagged_at == 0, ~elsewhere)
    else:
        query = query.where(or_(residents.c.tip_hour.is_(None), elsewhere), tagged_at > 0)
    return [(row[0], row[1]) for row in tx.execute(query)]


def set_tagged(tx: Tx, talk_ids: Sequence[int], tagged: bool) -> None:
    """They carry the tag from now, or no longer."""
    values = {"tagged_at": tx.ms if tagged else 0}
    for talk_id in talk_ids:
        tx.execute(
            tx.insert(wechat_followers)
            .values(talk_id=talk_id, **values)
            .on_conflict_do_update(index_elements=["talk_id"], set_=values)
        )
