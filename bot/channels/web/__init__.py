"""The web chat: its history is its mailbox, so it can always be reached."""

from bot.channel import Manners

MANNERS = Manners("web", pushes=True, buttons=True, longest=4000, keeps_history=True)
