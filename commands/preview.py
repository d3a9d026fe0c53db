"""``main.py content preview``: an item as each channel shows it, by the same code that answers residents."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands.library import loaded
from commands.terminal import fail

if TYPE_CHECKING:
    from bot.channel import Manners
    from bot.messages import Outgoing, Say
    from content.items import Answer, Question, Tip
    from content.library import Library

LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
Channel = Literal["web", "telegram", "wechat-unverified", "wechat-verified"]
CHANNELS: Mapping[Channel, str] = {
    "web": "网页",
    "telegram": "Telegram",
    "wechat-unverified": "微信 未认证的号",
    "wechat-verified": "微信 已认证的号",
}


def preview(
    label: Annotated[str, typer.Argument(metavar="ID", help="A tip, a question or an answer; drafts, too.")],
    language: Annotated[Literal["zh", "en"] | None, typer.Option(help="Only this language.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="Only this channel.")] = None,
) -> None:
    """Show a tip, question or answer as web, Telegram and WeChat show it, in both languages."""
    library = loaded()
    item = _item(library, label)
    for tongue in [language] if language else LANGUAGES:
        says = list(_said(library, item, tongue))
        for door in [channel] if channel else CHANNELS:
            typer.secho(f"── {CHANNELS[door]} · {LANGUAGES[tongue]} " + "─" * 20, fg=typer.colors.CYAN, bold=True)
            for said in says:
                typer.echo(_shown(library, said, tongue, door) + "\n")


def _item(library: "Library", label: str) -> "Tip | Question | Answer":
    from content.items import Answer, Question, Tip

    found = library.tips.get(label) or library.questions.get(label) or library.answers.get(label)
    if found:
        return found
    for entry in library.drafts:
        if entry.label == label and isinstance(entry.item, Tip | Question | Answer):
            return _presentable(library, entry.item)
    near = sorted({*library.tips, *library.questions, *library.answers} & set(_near(library, label)))[:5]
    return fail(
        f"没有 {label} 这一条。" + (f"是不是：{'、'.join(near)}" if near else "编号在 content export 的工作簿里")
    )


def _presentable(library: "Library", item: "Tip | Question | Answer") -> "Tip | Question | Answer":
    """A draft without what it names and nobody knows yet."""
    from content.items import Answer

    known: dict[str, object] = {"source": tuple(one for one in item.source if one.instrument in library.instruments)}
    if isinstance(item, Answer) and item.report not in library.categories:
        known["report"] = None
    return item.model_copy(update=known)


def _near(library: "Library", label: str) -> Iterator[str]:
    from rapidfuzz import process

    known = [*library.tips, *library.questions, *library.answers]
    return (found[0] for found in process.extract(label, known, limit=5, score_cutoff=75))


def _said(library: "Library", item: "Tip | Question | Answer", language: str) -> "Iterator[Say]":
    """What the bot says: the tip of the day; the question and what follows its right answer; the answer."""
    from actions.clock import daily_message
    from actions.learning import Graded
    from bot.messages import Say
    from content.items import Question, Tip
    from handlers import ask, quiz

    if isinstance(item, Tip):
        yield daily_message(library, item, language, item.tone == "solemn")
    elif isinstance(item, Question):
        yield quiz.asked(library, item, language)
        yield Say("quiz.result", quiz.result(library, item, language, Graded(True, 2, 3)), quiz.AGAIN)
    else:
        yield ask.told(library, item, language, solemn=False)


def _shown(library: "Library", said: "Say", language: str, door: Channel) -> str:
    from bot.channels.telegram import MANNERS as TELEGRAM
    from bot.channels.web import MANNERS as WEB
    from bot.channels.wechat import UNVERIFIED, VERIFIED
    from bot.rendering import fit, render

    words = [render(said, language, library, 0)]
    match door:
        case "web":
            return "\n".join(_plain(item) for item in fit(words, WEB))
        case "telegram":
            return "\n".join(_telegram(item, library.citing.leads) for item in fit(words, TELEGRAM))
        case "wechat-unverified":
            return _wechat(words, UNVERIFIED)
    return _wechat(words, VERIFIED)


def _pictures(item: "Outgoing") -> list[str]:
    return [f"〔图片 {path}:{alt}〕" for path, alt in item.images]


def _plain(item: "Outgoing") -> str:
    return "\n".join([*_pictures(item), item.text, *(f"  [ {option.label} ]" for option in item.options)])


def _telegram(item: "Outgoing", leads: "Sequence[str]") -> str:
    """Text with its sources set apart, and the rows of buttons, as the Bot API gets them."""
    from bot.channels.telegram.render import markup, text

    words = str(text(item.text, leads)["text"]) if item.text else ""
    quoted = re.sub(r"<blockquote>(.*?)</blockquote>", lambda found: _barred(found[1]), words, flags=re.DOTALL)
    rows = (markup(item) or {}).get("inline_keyboard", [])
    keys = ["  " + " ".join(f"[ {button['text']} ]" for button in row) for row in rows]
    return "\n".join([*_pictures(item), html.unescape(quoted), *keys])


def _barred(text: str) -> str:
    return "\n".join(f"▏{line}" for line in text.splitlines())


def _wechat(words: "Sequence[Outgoing]", manners: "Manners") -> str:
    """One message with numbered lines, and how much of WeChat's room it takes; longer ones in pages."""
    from bot.channels.wechat.render import LIMIT, compose, pages, size

    raw = compose(words)
    found = [raw.decode()] if raw is not None else pages(words, lambda page, count: f"— {page}/{count} —")
    told = [re.sub(r"<a [^>]*>(.*?)</a>", r"〔\1〕", page) + f"\n  ({size(page)}/{LIMIT} 字节)" for page in found]
    shown = [line for item in words for line in _pictures(item)]
    pictures = shown if manners.images_out else [f"{line[:-1]}，给卡片或链接〕" for line in shown]
    return "\n".join([*pictures, *told])
