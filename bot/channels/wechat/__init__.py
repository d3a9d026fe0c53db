"""WeChat Official Account: what each kind of account may do (research: protocols B4), as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.channel import Manners

# Groups of WeChat's API. What an account may use, its profile says; what WeChat refuses (48001), it learns.
CUSTOM, MEDIA, MENU, MASS, TEMPLATE, NOTICE, CODE = "custom", "media", "menu", "mass", "template", "notice", "code"

UNVERIFIED = Manners(
    "wechat",
    pushes=False,
    buttons=False,
    longest=2000,
    length_unit="bytes",
    messages=1,
    images_out=False,
    reply_deadline=5.0,
)
VERIFIED = Manners(
    "wechat",
    pushes=True,
    buttons=True,  # clickable text; its numbers can be typed as well
    longest=2000,
    length_unit="bytes",
    messages=1,
    reply_deadline=5.0,
)


@dataclass(frozen=True)
class Allowance:
    """How many customer-service messages an act of the person allows, and for how long (protocols B4)."""

    messages: int
    seconds: int


# A little less than WeChat's 48 hours and one minute: our clock and theirs may differ, and sending takes time.
AFTER_MESSAGE = Allowance(5, 48 * 3600 - 600)
AFTER_TAP = Allowance(3, 55)  # a menu click, a tap on clickable text, following, scanning a code


@dataclass(frozen=True)
class Profile:
    """A kind of account: its manners and what it has a right to."""

    manners: Manners
    rights: frozenset[str]
    mass_a_month: int = 0


PROFILES: Mapping[str, Profile] = {
    "unverified": Profile(UNVERIFIED, frozenset()),
    "verified-subscription": Profile(VERIFIED, frozenset({CUSTOM, MEDIA, MENU, MASS}), mass_a_month=31),
    "verified-service": Profile(
        VERIFIED, frozenset({CUSTOM, MEDIA, MENU, MASS, TEMPLATE, NOTICE, CODE}), mass_a_month=4
    ),
}


@dataclass(frozen=True)
class Account:
    """What an operator sets about their account, beside the token."""

    profile: str = "unverified"
    app_id: str = ""
    app_secret: str = ""
    aes_key: str = ""
    api_base: str = "https://api.weixin.qq.com"
    status_template: str = ""  # «TEMPLATE_ID thing1=category phrase2=status …», see notices.py
    notice_template: str = ""  # the same for one-time subscription notifications
    mass_tag: int = 0  # the tag whose members get the daily tip by mass message; 0: none
    mass_hour: int = 8
    pictures: Path = Path("content/pictures")

    @property
    def kind(self) -> Profile:
        """The profile that its name stands for."""
        return PROFILES[self.profile]
