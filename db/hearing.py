"""What processes tell one another on PostgreSQL (LISTEN/NOTIFY): that something was written to a talk."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, text

from db.tx import Tx

log = logging.getLogger("youli.hearing")
Heard = Callable[[int, str], None]  # told a talk, and the message that was said in it, or "" for what came by itself
TOPIC = "youli_talks"
BEAT = 15.0  # seconds between looks whether the line still stands
AGAIN = 2.0  # seconds until another try after it fell
GATHER = 0.02  # seconds in which what is said is gathered, to be told together
MOST = 10_000  # messages that may wait to be told
_TELL = text(f"SELECT pg_notify('{TOPIC}', :talk)")
_TELL_ALL = "SELECT count(pg_notify($1, told)) FROM unnest($2::text[]) told"


def tell(tx: Tx, talk_id: int) -> None:
    """Let every process know, once this is committed. On SQLite there is only one."""
    if not tx.alone:
        tx.connection.execute(_TELL, {"talk": str(talk_id)})


class Hearing:
    """The line of one process to the others. What is told while it is down is lost: whoever must miss nothing looks
    into the tables as well."""

    def __init__(self, url: URL, heard: Heard) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
        self._said: list[str] = []
        self._stir = asyncio.Event()  # something was said, or the line fell

    def tell(self, talk_id: int, key: str) -> None:
        """Let the others know of a message; outside its transaction, so that no turn waits for it."""
        if len(self._said) < MOST:
            self._said.append(f"{talk_id} {key}")
            self._stir.set()

    async def run(self) -> None:
        """Hear and tell, for ever; a line that falls is taken up again."""
        import asyncpg  # two megabytes, which a city on SQLite does without

        fallen = False
        while True:
            try:
                line = await asyncpg.connect(self._address)
                try:
                    await line.add_listener(TOPIC, self._listen)
                    line.add_termination_listener(lambda *_: self._stir.set())
                    if fallen:
                        log.info("heard again")
                        fallen = False
                    await self._speak(line)
                finally:
                    with contextlib.suppress(Exception):
                        await line.close(timeout=1)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not fallen:
                    log.warning("other processes are not heard", extra={"kind": type(error).__name__})
                fallen = True
                await asyncio.sleep(AGAIN)

    async def _speak(self, line: Any) -> None:
        """Raises what ends the line."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._stir.wait()
            self._stir.clear()
            said, self._said = self._said, []
            await line.execute(_TELL_ALL, TOPIC, said)  # of nothing: a look whether the line still stands
            await asyncio.sleep(GATHER)

    def _listen(self, line: object, process: int, topic: str, told: object) -> None:
        talk, _, key = str(told).partition(" ")
        self._heard(int(talk), key)
