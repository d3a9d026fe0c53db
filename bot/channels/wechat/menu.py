"""The custom menu as WeChat's API wants it, published (protocols B4)."""

from typing import Any

from bot.channels.wechat.api import Api
from content.wechat_menu import Button, Item, address


def as_sent(menu: tuple[Button, ...], language: str, base_url: str) -> dict[str, Any]:
    """The menu as WeChat's API wants it."""
    return {"button": [_button(button, language, base_url) for button in menu]}


async def publish(api: Api, menu: dict[str, Any]) -> None:
    """Make it the account's menu; people see it within minutes. Raises Refusal and TryLater."""
    await api.post("menu/create", menu)


def _button(button: Item, language: str, base_url: str) -> dict[str, Any]:
    name = button.in_language(language)
    if isinstance(button, Button) and button.item:
        return {"name": name, "sub_button": [_button(item, language, base_url) for item in button.item]}
    if button.open:
        return {"name": name, "type": "view", "url": address(button.open, base_url)}
    return {"name": name, "type": "click", "key": button.do}
