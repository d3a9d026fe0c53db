"""Telegram. Its manners are here; parse, render and send follow with the channel."""

from bot.channel import Manners

MANNERS = Manners("telegram", pushes=True, buttons=True, longest=4096, length_unit="utf16")
