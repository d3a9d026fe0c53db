"""What a poster's code says of itself: the payload that a resident's first message brings along."""

import re

from civic.errors import Refused

LONGEST = 64  # characters: what Telegram's ?start= and WeChat's scene_str both carry
_AREA = re.compile(r"[A-Za-z0-9-]+")
_CAMPAIGN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PAYLOAD = re.compile(r"poster(?:-([A-Za-z0-9-]+))?(?:_([A-Za-z0-9][A-Za-z0-9_-]*))?")


def payload(area: str | None, campaign: str | None) -> str:
    """«poster-AREA», «poster_CAMPAIGN» or «poster-AREA_CAMPAIGN», of ids.

    Telegram allows only letters, digits, - and _ here; the first _ parts area and campaign.
    Raises Refused("poster.bad_area"), ("poster.bad_campaign") or ("poster.too_long").
    """
    if area is not None and not _AREA.fullmatch(area):
        raise Refused("poster.bad_area", area=area[:40])
    if campaign is not None and not _CAMPAIGN.fullmatch(campaign):
        raise Refused("poster.bad_campaign", campaign=campaign[:40])
    made = "poster" + (f"-{area}" if area else "") + (f"_{campaign}" if campaign else "")
    if len(made) > LONGEST:
        raise Refused("poster.too_long", payload=made[:80], longest=LONGEST)
    return made


def origin(payload: str) -> tuple[str | None, str | None] | None:
    """The area and campaign ids in a payload; None when it is not a poster's."""
    found = _PAYLOAD.fullmatch(payload)
    return (found[1], found[2]) if found else None
