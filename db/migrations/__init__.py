"""The history of the tables; the sum of all steps equals db/tables (tested)."""
