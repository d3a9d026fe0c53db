"""The figures to look at, for public and staff: what is asked for, what a view shows of it, and how it is drawn."""
