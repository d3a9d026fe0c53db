"""The terminal: ``main.py chat``, to try things out without a browser. Pictures are told by their path."""

from bot.channel import Manners

MANNERS = Manners("terminal", pushes=False, buttons=False, longest=4000)
