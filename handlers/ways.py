"""What can be done here: the ways that several conversations offer when they end or do not know."""

from bot.messages import Option

NAMES = ("tip", "quiz", "ask", "report", "reports", "points", "help")  # commands, the likeliest first
WAYS = tuple(Option(f"/{name}", f"command.{name}") for name in NAMES)
