"""One life of a worker's connections to Redis: one to ask, one to listen. When either fails, the life is over.

Nothing is tried twice here: a command that was sent again could happen twice. A reply that does not come in time ends the
link. Time is counted in turns of the event loop, so that a loop that was busy for seconds does not take Redis for gone.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any, Final, TypeVar

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rooms.registry.scripts import SCRIPTS, Command

T = TypeVar("T")

LINK_ERRORS: Final = (RedisError, OSError, TimeoutError, EOFError)
"""All that a lost, slow, full or wrongly set up Redis raises."""

_TURN_S: Final = 0.25
_PATIENCE_TURNS: Final = 8
"""Two seconds: a Redis that is merely busy answers sooner, and claims must not hang on one that is cut off."""


async def in_time(waited_for: Awaitable[T]) -> T:
    """What was waited for; TimeoutError after two seconds during which the loop was free to turn."""
    task = asyncio.ensure_future(waited_for)
    try:
        for _ in range(_PATIENCE_TURNS):
            done, _ = await asyncio.wait({task}, timeout=_TURN_S)
            if done:
                return task.result()
    finally:
        task.cancel()
    raise TimeoutError("Redis does not answer")


class Link:
    """Two connections, until one of them fails. number: counts a worker's links, from 1."""

    def __init__(self, url: str, channel: str, number: int) -> None:
        pool = ConnectionPool.from_url(
            url, socket_timeout=None, retry=Retry(NoBackoff(), 0), protocol=2, driver_info=None, health_check_interval=0
        )
        # `make_connection` is public but has no types in redis-py
        self._asking: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
        self._listening: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
        self._channel = channel
        self.number = number

    async def open(self) -> None:
        """Connects, brings the scripts and listens. Raises one of LINK_ERRORS."""
        for connection, commands in (
            (self._asking, [("SCRIPT", "LOAD", script) for script in SCRIPTS]),
            (self._listening, [("SUBSCRIBE", self._channel)]),
        ):
            await in_time(connection.connect())  # type: ignore[no-untyped-call]  # as above
            await in_time(_answers(connection, commands))

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """The replies, in order. Raises one of LINK_ERRORS, also if Redis refuses any of the commands."""
        return await in_time(_answers(self._asking, commands))

    async def heard(self) -> AsyncIterator[bytes]:
        """What is published on the channel, until the link fails with one of LINK_ERRORS."""
        while True:
            kind, _, payload = await self._listening.read_response(timeout=math.inf)
            if kind == b"message":
                yield payload

    async def close(self) -> None:
        """Ends both connections; again is nothing."""
        for connection in (self._asking, self._listening):
            await connection.disconnect(nowait=True)


async def _answers(connection: AbstractConnection, commands: Sequence[Command]) -> list[Any]:
    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
    return [await connection.read_response(timeout=math.inf) for _ in commands]
