"""DuckDB over the journal's lines: ``python -m bench.peers.columns FILE.csv '{"name": "SQL"}'`` prints milliseconds."""

import json
import statistics
import sys
import time

import duckdb

TIMES = 5


def main() -> None:
    """Load the lines into memory, ask each question some times, and print the medians as JSON."""
    file, questions = sys.argv[1], json.loads(sys.argv[2])
    base = duckdb.connect()
    base.execute("CREATE TABLE journal AS SELECT * REPLACE (day::VARCHAR AS day) FROM read_csv(?)", [file])
    found = {}
    for name, sql in questions.items():
        took = []
        for count in range(TIMES + 1):
            began = time.perf_counter()
            base.execute(sql).fetchall()
            if count:
                took.append(time.perf_counter() - began)
        found[name] = statistics.median(took) * 1000
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
