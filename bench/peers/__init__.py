"""Other ways to build such a bot, to measure Youli against. Each has ``build()``, its server's factory."""
