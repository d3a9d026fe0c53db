"""What other processes tell on PostgreSQL (LISTEN/NOTIFY): that something was written to a talk."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from sqlalchemy import URL, text

from db.tx import Tx

log = logging.getLogger("youli.hearing")
TOPIC = "youli_talks"
BEAT = 15.0  # seconds between looks whether the line still stands
AGAIN = 2.0  # seconds until another try after it fell
_TELL = text(f"SELECT pg_notify('{TOPIC}', :talk)")


def tell(tx: Tx, talk_id: int) -> None:
    """Let every process know, once this is committed. On SQLite there is only one."""
    if not tx.alone:
        tx.connection.execute(_TELL, {"talk": str(talk_id)})


async def hear(url: URL, heard: Callable[[int], None]) -> None:
    """Call ``heard`` with the number of each talk, for ever; a line that falls is taken up again. Whoever must miss
    nothing looks into the tables as well: what is told meanwhile is lost."""
    import asyncpg  # two megabytes, which a city on SQLite does without

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    fallen = False
    while True:
        try:
            line = await asyncpg.connect(address)
            try:
                await line.add_listener(TOPIC, lambda *told: heard(int(told[3])))
                if fallen:
                    log.info("heard again")
                    fallen = False
                fell = asyncio.Event()
                line.add_termination_listener(lambda *_, fell=fell: fell.set())
                while True:
                    try:
                        async with asyncio.timeout(BEAT):
                            await fell.wait()
                    except TimeoutError:
                        await line.execute("SELECT 1")
                    else:
                        raise ConnectionError
            finally:
                with contextlib.suppress(Exception):
                    await line.close(timeout=1)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if not fallen:
                log.warning("other processes are not heard", extra={"kind": type(error).__name__})
            fallen = True
            await asyncio.sleep(AGAIN)
