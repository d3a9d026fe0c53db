"""One folder per channel: its parse, its render, its send."""
