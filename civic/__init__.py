"""What are the rules? Pure functions and records: no I/O, no clock, no framework."""
