"""WeChat Official Account: its manners by kind of account (research: protocols B4)."""

from bot.channel import Manners

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
