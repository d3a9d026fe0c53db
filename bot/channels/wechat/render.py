"""Words → WeChat's text: numbered clickable options, pages within WeChat's bytes, and the XML of a reply.

We write the XML ourselves: wechatpy's lets ``]]>`` break out and control characters through (protocols B1).
Everything here is a pure function.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote

from bot.messages import Outgoing
from bot.rendering import numbered

LIMIT = 2000  # bytes of UTF-8; WeChat cuts or refuses beyond 2,048 (protocols B3)
LONGEST_ID = 64  # bytes of what a tap on clickable text brings back, as in WeChat's own menu messages
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_ANCHOR = re.compile(r"<(?=/?a\b)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[。！？；!?;])")
_HEAD = "<xml><ToUserName><![CDATA[{user}]]></ToUserName><FromUserName><![CDATA[{account}]]></FromUserName><CreateTime>"
_TEXT = b"</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA["
_CARD = _HEAD + (
    "{time}</CreateTime><MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>"
    "<Title><![CDATA[{title}]]></Title><Description><![CDATA[{text}]]></Description>"
    "<PicUrl><![CDATA[{url}]]></PicUrl><Url><![CDATA[{url}]]></Url></item></Articles></xml>"
)


def reply(raw: bytes, user: str, account: str, time: int) -> bytes:
    """The XML of a text reply, whose text is as ``encoded`` makes it; longer text than WeChat takes is cut."""
    if len(raw) > LIMIT:
        raw = within(raw.decode(), LIMIT).encode()
    raw = raw.replace(b"]]>", b"]]]]><![CDATA[>")
    return b"%b%d%b%b]]></Content></xml>" % (_head(user, account), time, _TEXT, raw)


def card(title: str, text: str, url: str, user: str, account: str, time: int) -> bytes:
    """The XML of a reply with a picture: a card of one article, all that may answer a message (protocols B3)."""
    return _CARD.format(
        user=safe(user), account=safe(account), time=time, title=safe(title), text=safe(text), url=safe(url)
    ).encode()


def safe(text: str) -> str:
    """Text that may stand in CDATA: no characters that XML forbids, no early end."""
    return _legal(text).replace("]]>", "]]]]><![CDATA[>")


def _legal(text: str) -> str:
    """Without the characters that XML forbids."""
    return _ILLEGAL.sub("", text)


def encoded(text: str) -> bytes:
    """A text in UTF-8, without the characters that XML forbids: looked for among the bytes, which is quicker."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # half of a pair
        return _legal(text).encode()
    # U+FFFE and U+FFFF begin with EF BF. Not «in»: among bytes it first makes an error message and throws it away.
    if len(raw.translate(None, _CONTROLS)) != len(raw) or raw.find(b"\xef\xbf") >= 0:
        return _legal(text).encode()
    return raw


@lru_cache(1024)  # they write more than once
def _head(user: str, account: str) -> bytes:
    return _HEAD.format(user=safe(user), account=safe(account)).encode()


def size(text: str) -> int:
    """Bytes as WeChat counts them."""
    return len(text.encode(errors="replace"))


def tame(item: Outgoing) -> Outgoing:
    """The item without anything that WeChat would take for a link: what people wrote stays words."""
    if "<" not in item.text:
        return item
    return replace(item, text=_ANCHOR.sub("＜", item.text))


def link(label: str, value: str, typed: str = "") -> str:
    """Clickable text: a tap sends ``typed`` (or the label) as if written, and brings ``value`` back where WeChat
    supports it. Undocumented but widely used (protocols B4): so what is sent must make sense by itself, too.
    """
    before, after = _around(0, label, typed or label)
    return b"".join((before, _back(value), after)).decode()


@lru_cache(8192)  # mostly the labels of our own buttons, again and again
def _around(number: int, label: str, typed: str) -> tuple[bytes, bytes]:
    """What stands before and after a link's value; the number of an option stands before all."""
    ahead = numbered(number, label).encode() if number else b""
    start = b'%b<a href="weixin://bizmsgmenu?msgmenucontent=%b&msgmenuid=' % (ahead, _quoted(typed))
    return start, b'">%b</a>' % encoded(_ANCHOR.sub("＜", label))


def _offered(number: int, label: str, value: str) -> bytes:
    """An option's line."""
    before, after = _around(number, label, label)
    return b"%b%b%b" % (before, _back(value), after)


_command = lru_cache(8192)(_offered)  # without an offer's number it is the same for everybody


def _back(value: str) -> bytes:
    """An option's value as a link carries it: its offer's number changes with each answer, the rest does not."""
    if len(value) * 4 > LONGEST_ID and len(value.encode(errors="replace")) > LONGEST_ID:
        return b"0"
    number, colon, rest = value.partition(":")
    return b"%d%%3A%b" % (int(number), _quoted(rest)) if colon and number.isdecimal() else _quoted(value)


@lru_cache(8192)  # again and again the same
def _quoted(text: str) -> bytes:
    return quote(text, safe="", errors="replace").encode()


def lines(words: Sequence[Outgoing], first: int = 1) -> Iterator[tuple[int, str]]:
    """The lines of an answer with their item's position; options are numbered through the whole answer."""
    number = first
    for at, item in enumerate(words):
        for row in _rows(item, number):
            yield at, row.decode()
        number += len(item.options)


def _rows(item: Outgoing, number: int, linked: bool = True) -> list[bytes]:
    rows = [encoded(item.text)] if item.text else []
    for own, option in enumerate(item.options, number):
        label = option.label
        if linked:
            value = option.value
            rows.append(_command(own, label, value) if value[:1] == "/" else _offered(own, label, value))
        else:
            rows.append(encoded(f"{numbered(own, label)}{_ANCHOR.sub('＜', label)}"))
    return rows


def body(words: Sequence[Outgoing], first: int = 1, linked: bool = True) -> bytes:
    """An answer as one text in UTF-8: items parted by an empty line."""
    blocks = []
    for item in words:
        rows = _rows(item, first, linked)
        first += len(item.options)
        if rows:
            blocks.append(b"\n".join(rows))
    return b"\n\n".join(blocks)


def compose(words: Sequence[Outgoing], first: int = 1) -> bytes | None:
    """An answer within WeChat's limit: options clickable if there is room, else as numbers; None if it is longer."""
    for linked in (True, False):
        raw = body(words, first, linked)
        if len(raw) <= LIMIT:
            return raw
    return None


def pages(words: Sequence[Outgoing], footer: Callable[[int, int], str], first: int = 1) -> list[str]:
    """A long answer in pages, cut at lines, then sentences, then anywhere; all but the last end with a footer
    that is told the next page and how many there are."""
    room = LIMIT - size(footer(99, 99)) - 1
    found: list[str] = []
    page, last = "", 0
    for at, line in lines(words, first):
        for start, piece in enumerate(_pieces(line, room)):
            gap = "" if not page or start else "\n" if at == last else "\n\n"
            if page and size(page) + size(gap) + size(piece) > room:
                found.append(page.strip("\n"))
                page, gap = "", ""
            page += gap + piece
        last = at
    found.append(page.strip("\n"))
    return [f"{text}\n{footer(at + 1, len(found))}" if at < len(found) else text for at, text in enumerate(found, 1)]


def _pieces(text: str, room: int) -> Iterator[str]:
    """A text as pieces that keep its line breaks and each fit into ``room`` bytes; a clickable line stays whole."""
    for row in text.splitlines(keepends=True):
        short = size(row) <= room // 2 or "<a " in row
        for sentence in (row,) if short else _SENTENCE.split(row):
            rest = sentence.encode(errors="replace")
            while rest:
                piece = rest[:room].decode(errors="ignore")
                yield piece
                rest = rest[len(piece.encode()) :]


def within(text: str, limit: int) -> str:
    """At most so many bytes of UTF-8, cut at a line where possible, with an ellipsis."""
    raw = text.encode(errors="replace")
    if len(raw) <= limit:
        return text
    cut = raw[: limit - 3].decode(errors="ignore")
    line = cut.rfind("\n")
    return (cut[:line] if line > len(cut) // 2 else cut) + "…"
