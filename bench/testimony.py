"""What residents were told against what is stored: nothing acknowledged lost, nothing done twice, nothing half done."""

import asyncio
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from bench.witnesses import Witness
from db.sealing import Keyring

Rows = list[tuple[Any, ...]]
RECOVERING = 60.0  # seconds
MINE = '(SELECT resident_id FROM talks WHERE "user" = ?)'


class Store:
    """Looks into the database past all of Youli's code, and at the photos."""

    def __init__(self, media: Path, keys: Keyring, *, file: Path | None = None, url: str = "") -> None:
        self.media, self.keys, self._file, self._url = media, keys, file, url

    def rows(self, query: str, *values: object) -> Rows:
        """What a query finds; ``?`` stands for values."""
        if self._file is not None:
            with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as connection:
                return connection.execute(query, values).fetchall()
        places = iter(range(1, len(values) + 1))
        numbered = re.sub(r"\?", lambda _: f"${next(places)}", query)
        with ThreadPoolExecutor(1) as pool:  # a loop of its own: the caller's may be running
            return pool.submit(asyncio.run, self._ask(numbered, values)).result()

    async def _ask(self, query: str, values: Sequence[object]) -> Rows:
        connection = await connected(self._url)
        try:
            return [tuple(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    def troubles(self) -> list[str]:
        """What the database itself finds wrong."""
        if self._file is None:
            return []  # PostgreSQL recovers by itself, or does not start
        checks = {"PRAGMA integrity_check": [("ok",)], "PRAGMA foreign_key_check": []}
        return [f"{check}: {found}" for check, right in checks.items() if (found := self.rows(check)) != right]


async def connected(url: str) -> asyncpg.Connection:
    """A connection to PostgreSQL, as soon as it has recovered from its crash. Raises TimeoutError."""
    async with asyncio.timeout(RECOVERING):
        while True:
            try:
                return await asyncpg.connect(url)
            except (asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError, OSError):
                await asyncio.sleep(0.1)


def troubles(store: Store, witnesses: Sequence[Witness]) -> list[str]:
    """Everything that is not as people were told; empty when all is well."""
    found = [*store.troubles(), *_whole(store, witnesses)]
    for one in witnesses:
        for look in (_messages, _answers, _reports, _photos):
            found += [f"{one.name}: {trouble}" for trouble in look(store, one)]
    return found


def _differ(what: str, stored: object, told: object) -> Iterator[str]:
    if stored != told:
        yield f"{what}: stored {stored!r:.300}, told {told!r:.300}"


def _messages(store: Store, one: Witness) -> Iterator[str]:
    """Each message is in the transcript once, in order, with the answer that was given."""
    query = 'SELECT key, answer FROM exchanges JOIN talks ON talks.id = talk_id WHERE "user" = ? ORDER BY exchanges.id'
    kept = [row for row in store.rows(query, one.name) if not row[0].startswith("letter:")]
    yield from _differ("messages", [key for key, _ in kept], [sent.id for sent in one.sent])
    for (_, answer), sent in zip(kept, one.sent, strict=False):
        texts = [text for text, *_ in json.loads(store.keys.open(answer, "exchanges.answer"))]
        yield from _differ(f"answer to {sent.id}", texts, [message["text"] for message in sent.answer])


def _answers(store: Store, one: Witness) -> Iterator[str]:
    """As many answers are graded, in the journal and the answers, as were told to be right or wrong."""
    graded = sum(sent.graded for sent in one.sent)
    for table, where in (("journal", "deed = 'quiz_answer' AND"), ("answers", "")):
        [[count]] = store.rows(f"SELECT count(*) FROM {table} WHERE {where} resident_id = {MINE}", one.name)
        yield from _differ(f"graded in {table}", count, graded)


def _reports(store: Store, one: Witness) -> Iterator[str]:
    """Each number that was told is one report, with one line of each kind, and has a photo."""
    told = [(number,) for sent in one.sent for number in sent.told]
    yield from _differ(
        "reports", store.rows(f"SELECT number FROM reports WHERE resident_id = {MINE} ORDER BY id", one.name), told
    )
    deeds = f"SELECT subject FROM journal WHERE deed = 'report_sent' AND resident_id = {MINE} ORDER BY id"
    yield from _differ("reports in the journal", store.rows(deeds, one.name), told)
    moves = f"SELECT count(*) FROM report_moves JOIN reports ON reports.id = report_id WHERE resident_id = {MINE}"
    yield from _differ("moves", store.rows(moves, one.name), [(len(told),)])
    bare = (
        "SELECT count(*) FROM reports LEFT JOIN report_photos ON report_id = reports.id "
        f"WHERE resident_id = {MINE} GROUP BY reports.id HAVING count(photo_id) = 0"
    )
    yield from _differ("reports without a photo", store.rows(bare, one.name), [])


def _photos(store: Store, one: Witness) -> Iterator[str]:
    """Each photo that was acknowledged is stored once, and its files are whole."""
    query = f"SELECT sha256, sealed_key, large_key, small_key FROM photos WHERE resident_id = {MINE} ORDER BY id"
    kept = store.rows(query, one.name)
    yield from _differ("photos", [row[0] for row in kept], [hashlib.sha256(photo).hexdigest() for photo in one.photos])
    for sha256, sealed, *copies in kept:
        try:
            if hashlib.sha256((store.media / sealed).read_bytes()).hexdigest() != sha256:
                yield f"{sealed} is not the photo that was sent"
            broken = [key for key in copies if not (store.media / key).read_bytes().startswith(b"\xff\xd8")]
        except OSError as error:
            yield f"a photo's file is gone: {error}"
        else:
            yield from _differ("broken copies", broken, [])


def _whole(store: Store, witnesses: Sequence[Witness]) -> Iterator[str]:
    """Nobody is there who was not, no visit is counted twice, and all that was said is found from its talk's end."""
    there = {row[0] for row in store.rows('SELECT "user" FROM talks')}
    yield from _differ("people", there, {one.name for one in witnesses})
    yield from _differ("residents", store.rows("SELECT count(*) FROM residents"), [(len(witnesses),)])
    doubled = "SELECT deed, resident_id, day FROM journal WHERE deed = 'visit' GROUP BY 1, 2, 3 HAVING count(*) > 1"
    yield from _differ("visits counted twice", store.rows(doubled), [])
    named = "SELECT before_id FROM exchanges WHERE before_id IS NOT NULL UNION ALL SELECT last_id FROM talks"
    unchained = f"SELECT id FROM exchanges EXCEPT SELECT * FROM ({named}) AS named"
    yield from _differ("messages that no other names", store.rows(unchained), [])
