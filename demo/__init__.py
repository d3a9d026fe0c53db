"""Who could live here? A made-up history of a fictional city, through the same doors and deeds as a real one."""
