"""Words → WeChat's passive reply. We write the XML ourselves: wechatpy's lets ``]]>`` break out (protocols B1)."""

import re
from collections.abc import Sequence

from bot.messages import Outgoing

LIMIT = 2000  # bytes of UTF-8; WeChat cuts or refuses beyond 2,048
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLY = (
    "<xml><ToUserName><![CDATA[{user}]]></ToUserName><FromUserName><![CDATA[{account}]]></FromUserName>"
    "<CreateTime>{time}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content></xml>"
)


def reply(words: Sequence[Outgoing], user: str, account: str, time: int) -> bytes:
    """The XML of one text reply."""
    text = within(_ILLEGAL.sub("", "\n\n".join(item.text for item in words if item.text)), LIMIT)
    return _REPLY.format(user=safe(user), account=safe(account), time=time, text=safe(text)).encode()


def safe(text: str) -> str:
    """Text that may stand in CDATA: no characters that XML forbids, no early end."""
    return _ILLEGAL.sub("", text).replace("]]>", "]]]]><![CDATA[>")


def within(text: str, limit: int) -> str:
    """At most so many bytes of UTF-8, cut at a line where possible, with an ellipsis."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    cut = raw[: limit - 3].decode(errors="ignore")
    line = cut.rfind("\n")
    return (cut[:line] if line > len(cut) // 2 else cut) + "…"
