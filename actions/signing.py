"""Signing in and out, and what a person changes of their own account. Passwords are compared before, off the loop."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyotp

from actions.audit import record
from civic import knocks, passwords
from civic.errors import Refused
from civic.knocks import ACCOUNT, ADDRESS, BROWSER, Kind
from civic.staff import Staff
from db import sessions, staff
from db.staff import Colleague
from db.tx import Tx

STEP = 30  # seconds of a code of the second factor (RFC 6238)


@dataclass(frozen=True)
class Attempt:
    """Somebody at the door: what they typed, from where, and the mark ``<staff id>-<chance>`` of a browser that
    signed somebody in before. Attempts are counted for ``house``: the address, or the network that is one line's.
    ``before`` is the hash of the session's cookie that the browser brings, if any: it ends with the next one."""

    login: str
    origin: str
    browser: str = ""
    house: str = ""
    before: str = ""

    def keys(self, found: Colleague | None) -> Mapping[Kind, str]:
        """What its failures are counted under. What was typed is not kept: it may be a password."""
        if found is not None and self.browser.startswith(f"{found.id}-"):
            own = {BROWSER: f"browser:{self.browser}"}
        else:
            own = {ACCOUNT: f"account:{passwords.digest(self.login.strip().casefold())[:32]}"}
        return own | {ADDRESS: f"address:{(self.house or self.origin)[:64]}"}


def knock(tx: Tx, attempt: Attempt) -> Colleague | None:
    """Who it would be, with the attempt already counted as failed. Raises Refused (staff.wait) when it is too soon."""
    found = staff.find_login(tx, attempt.login)
    keys = attempt.keys(found)
    before = sessions.failures(tx, keys.values())
    waits = (knocks.wait(kind, *before[key], tx.ms) for kind, key in keys.items() if key in before)
    if longest := max(waits, default=0):
        raise Refused("staff.wait", seconds=longest)
    sessions.knock(tx, keys.values())
    return found if found is not None and found.active else None


def refuse(tx: Tx, colleague: Colleague | None, attempt: Attempt) -> None:
    """Leave a line: a wrong password or code, or an account that is none."""
    who = _self(colleague, attempt.origin) if colleague else Staff("", "", origin=attempt.origin)
    record(tx, who, "session.refused", colleague.login if colleague else "")


def sign_in(tx: Tx, staff_id: int, attempt: Attempt, agent: str) -> str:
    """A new session; the secret of its cookie. Raises Refused when the account was disabled meanwhile."""
    colleague = staff.find_colleague(tx, staff_id)
    if colleague is None or not colleague.active:
        raise Refused("staff.wrong")
    right(tx, attempt)
    sessions.replace_session(tx, attempt.before)
    return _begin(tx, colleague, attempt.origin, agent)


def right(tx: Tx, attempt: Attempt) -> None:
    """The password was right. The address keeps its count: one good account must not open the way to others."""
    keys = attempt.keys(staff.find_login(tx, attempt.login))
    sessions.forgive(tx, [key for kind, key in keys.items() if kind != ADDRESS])


def second_factor(tx: Tx, staff_id: int, code: str, origin: str) -> None:
    """Take a code of the second factor, or a recovery code, each good once. Raises Refused (staff.wrong_code)."""
    colleague = staff.find_colleague(tx, staff_id)
    if colleague is None or not colleague.active:
        raise Refused("staff.wrong")
    typed = passwords.typed(code)
    if colleague.totp is not None and typed.isdigit():
        step = _step(colleague.totp, typed, tx)
        if step is None or step <= colleague.totp_step or not staff.change_colleague(tx, colleague, totp_step=step):
            raise Refused("staff.wrong_code")
        return
    left = tuple(one for one in colleague.recovery if one != passwords.digest(typed))
    if len(left) == len(colleague.recovery) or not staff.change_colleague(tx, colleague, recovery=left):
        raise Refused("staff.wrong_code")
    record(tx, _self(colleague, origin), "account.recovery", colleague.login)


def accept(tx: Tx, secret: str, hashed: str, origin: str, agent: str, before: str = "") -> str:
    """Somebody used their one-time link and chose a password; the secret of their first session. Raises Refused.
    ``before`` as in Attempt."""
    colleague = staff.invited(tx, passwords.digest(secret))
    if colleague is None or not staff.drop_invitation(tx, colleague.id):
        raise Refused("staff.link_over")
    staff.change_colleague(tx, colleague, password=hashed)
    sessions.end_sessions(tx, colleague.id)
    sessions.replace_session(tx, before)
    record(tx, _self(colleague, origin), "account.accepted", colleague.login)
    return _begin(tx, colleague, origin, agent)


def sign_out(tx: Tx, by: Staff, session_id: int) -> None:
    """What this sign-in began ends: its cookie opens nothing any more."""
    assert by.id is not None
    sessions.end_sessions(tx, by.id, only=session_id)
    record(tx, by, "session.left")


def change_password(tx: Tx, by: Staff, hashed: str, session_id: int) -> None:
    """A new password; all other sessions end."""
    _change(tx, by, "account.password", password=hashed)
    assert by.id is not None
    sessions.end_sessions(tx, by.id, but=session_id)


def is_key(written: str) -> bool:
    """Whether it is the key of a second factor: 160 bits in base 32."""
    return len(written) == 32 and set(written) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def turn_on(tx: Tx, by: Staff, key: str, code: str) -> list[str]:
    """Turn the second factor on, shown to work by a code; the recovery codes, told once. Raises Refused."""
    step = _step(key, passwords.typed(code), tx) if is_key(key) else None
    if step is None:
        raise Refused("staff.wrong_code")
    codes = passwords.recovery_codes()
    kept = [passwords.digest(one) for one in codes]
    _change(tx, by, "account.totp_on", totp=key, totp_step=step, recovery=kept)
    return codes


def turn_off(tx: Tx, by: Staff) -> None:
    """Turn the second factor off."""
    _change(tx, by, "account.totp_off", totp=None, totp_step=0, recovery=())


def new_codes(tx: Tx, by: Staff) -> list[str]:
    """New recovery codes instead of the old ones."""
    codes = passwords.recovery_codes()
    _change(tx, by, "account.codes", recovery=[passwords.digest(one) for one in codes])
    return codes


def speak(tx: Tx, by: Staff, language: str) -> None:
    """The language of one's console."""
    _change(tx, by, "account.language", language=language)


def _change(tx: Tx, by: Staff, act: str, **values: object) -> None:
    colleague = staff.find_colleague(tx, by.id or 0)
    if colleague is None or not staff.change_colleague(tx, colleague, **values):
        raise Refused("staff.too_late", name=by.name)
    record(tx, by, act, colleague.login)


def _begin(tx: Tx, colleague: Colleague, origin: str, agent: str) -> str:
    secret = passwords.token()
    sessions.open_session(tx, passwords.digest(secret), colleague.id, origin, agent)
    record(tx, _self(colleague, origin), "session.began", colleague.login)
    return secret


def _self(colleague: Colleague, origin: str) -> Staff:
    return Staff(colleague.name, colleague.role, colleague.id, origin=origin)


def _step(key: str, code: str, tx: Tx) -> int | None:
    """The time step that a code belongs to: this one, the last, or the next (clocks differ)."""
    totp = pyotp.TOTP(key)
    now = int(tx.now.timestamp()) // STEP
    return next((step for step in (now, now - 1, now + 1) if _same(totp.generate_otp(step), code)), None)


def _same(right: str, typed: str) -> bool:
    return pyotp.utils.strings_equal(right, typed)
