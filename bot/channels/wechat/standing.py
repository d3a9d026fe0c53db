"""How the account stands, in words for the operator: what WeChat refuses, how the last mass message went."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from db.moments import from_ms

CALLED = {  # what the groups of the API are for
    "custom": "messages within the allowance",
    "media": "pictures",
    "menu": "the menu",
    "mass": "mass messages",
    "template": "template messages",
    "notice": "subscription notifications",
    "code": "poster codes",
}
SETTINGS = {"template": "YOULI_WECHAT_STATUS_TEMPLATE", "notice": "YOULI_WECHAT_NOTICE_TEMPLATE"}


def standing(
    refused: Mapping[str, int], again: bool, mass: tuple[str, str, str] | None, zone: ZoneInfo
) -> dict[str, str]:
    """``state`` is ok or note, ``words`` say why and what then. ``refused``: groups of the API with the moment at which
    WeChat said that we have no right to them, and «template 47003», what was wrong with a template; ``again``: they are
    tried again now; ``mass``: the newest one's mark and state, and what was told of it."""
    found = []
    rights = {api: at for api, at in refused.items() if " " not in api}
    for api, at in refused.items():
        if api not in rights:
            kind, code = api.split()
            found.append(
                f"WeChat refused {CALLED[kind]} ({code}, {_moment(at, zone)}): compare {SETTINGS[kind]} with the "
                "template in the console; such news comes with the person's next message"
            )
    if rights:
        told = ", ".join(f"{CALLED[api]} ({_moment(at, zone)})" for api, at in rights.items())
        then = (
            "nothing else is wrong, so they are tried again now"
            if again
            else "letters wait for the person's next message; tried again after a day, or when main.py check finds "
            "nothing else wrong"
        )
        found.append(f"WeChat refused this account (48001): {told}; {then}")
    if mass is not None and mass[1] == "refused":
        found.append(
            f"the last mass message ({mass[0]}) was not sent ({mass[2] or 'refused'}): everybody gets that tip in "
            "their own way, or with their next answer"
        )
    elif mass is not None:
        found.append(f"the last mass message ({mass[0]}): {mass[2] or mass[1]}")
    wrong = bool(refused) or (mass is not None and mass[1] == "refused")
    return {"state": "note" if wrong else "ok", "words": ". ".join(found) or "WeChat has refused nothing lately"}


def _moment(at: int, zone: ZoneInfo) -> str:
    return f"{from_ms(at).astimezone(zone):%Y-%m-%d %H:%M}"
