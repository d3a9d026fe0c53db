"""Who stands at the port is let in."""

import asyncio
import socket
from contextlib import ExitStack

import uvloop

from serving import Porter


class Guest(asyncio.Protocol):
    """Counts who came in."""

    came = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Guest.came += 1


def test_all_who_stand_at_the_port_are_let_in_together_not_one_in_each_turn_of_the_loop() -> None:
    async def open_door() -> int:
        loop = asyncio.get_running_loop()
        with socket.socket() as port, ExitStack() as crowd:
            port.bind(("127.0.0.1", 0))
            porter = Porter(port, Guest)
            for _ in range(200):
                guest = crowd.enter_context(socket.socket())
                await loop.run_in_executor(None, guest.connect, port.getsockname())
            porter.open()
            for _ in range(10):
                await asyncio.sleep(0)
            came = Guest.came
            porter.close()
            late = crowd.enter_context(socket.socket())
            await loop.run_in_executor(None, late.connect, port.getsockname())
            await asyncio.sleep(0)
            assert Guest.came == came
            return came

    assert uvloop.run(open_door()) == 200
