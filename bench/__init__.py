"""What a turn costs beside other bots, on the same core in the same run: ``make bench``. See README.md."""
