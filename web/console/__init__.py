"""The staff's console, below /console: one file for each group of pages."""
