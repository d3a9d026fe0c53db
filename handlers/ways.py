"""What can be done here: the ways that several conversations offer when they end or do not know."""

MAIN = ("tip", "quiz", "ask", "report", "reports", "points")  # commands, the likeliest first
