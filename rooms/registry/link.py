"""One life of a worker's connections to Redis: one to ask, one to listen. When either fails, the life is over.

redis-py opens them (TLS, passwords, all that the address may say), then our protocol takes them over. Nothing is tried twice
here: a command that was sent again could happen twice. A reply that does not come in time ends the link. Time is counted in
turns of the event loop, so that a loop that was busy for seconds does not take Redis for gone.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rooms.registry.resp import RawCommand, Refusal, Reply, pack, read_reply
from rooms.registry.scripts import SCRIPTS

T = TypeVar("T")

LINK_ERRORS: Final = (RedisError, OSError, TimeoutError, Refusal)
"""All that a lost, slow, full or wrongly set up Redis leads to."""

_TURN_S: Final = 0.25
_PATIENCE_TURNS: Final = 8
"""Two seconds: a Redis that is merely busy answers sooner, and claims must not hang on one that is cut off."""


class Link:
    """Two connections, until one of them fails. number: counts a worker's links, from 1. hear: gets what is published."""

    def __init__(self, url: str, channel: str, number: int, hear: Callable[[bytes], None]) -> None:
        pool = ConnectionPool.from_url(
            url, socket_timeout=None, retry=Retry(NoBackoff(), 0), protocol=2, driver_info=None, health_check_interval=0
        )
        # `make_connection` is public but has no types in redis-py
        self._connections: list[AbstractConnection] = [pool.make_connection() for _ in range(2)]  # type: ignore[no-untyped-call]
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asking = Connection(self._lost)
        self._listening = Subscriber(self._lost, hear)
        self._channel = channel
        self.number = number

    async def open(self) -> None:
        """Connects, brings the scripts and listens. Raises one of LINK_ERRORS."""
        for connection, wire in zip(self._connections, (self._asking, self._listening), strict=True):
            await in_time(connection.connect())  # type: ignore[no-untyped-call]  # as above
            wire.take_over(connection)
        await in_time(self.ask([("SCRIPT", "LOAD", script) for script in SCRIPTS]))
        await in_time(self._listening.ask([("SUBSCRIBE", self._channel)]))

    async def ask(self, commands: Sequence[RawCommand]) -> list[Reply]:
        """The replies, in order; the next may be asked when they are here. Raises one of LINK_ERRORS."""
        return await self._asking.ask(commands)

    async def watch(self) -> None:
        """Until the link fails: raises one of LINK_ERRORS, also if a question stays without an answer."""
        question, turns = 0, 0
        while not self._lost.done():
            await asyncio.wait({self._lost}, timeout=_TURN_S)
            turns = turns + 1 if self._asking.is_waiting and self._asking.questions == question else 0
            question = self._asking.questions
            if turns >= _PATIENCE_TURNS:
                raise TimeoutError("Redis does not answer")
        self._lost.result()

    async def close(self) -> None:
        """Ends both connections; again is nothing."""
        self._asking.close()
        self._listening.close()
        for connection in self._connections:
            await connection.disconnect(nowait=True)


class Connection(asyncio.Protocol):
    """A connection on which questions are asked, one after the other. lost: fails when the connection does."""

    def __init__(self, lost: asyncio.Future[None]) -> None:
        self._lost = lost
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        self._replies: list[Reply] = []
        self._missing = 0
        self.questions = 0

    @property
    def is_waiting(self) -> bool:
        return self._missing > 0

    def take_over(self, connection: AbstractConnection) -> None:
        """From now on the bytes come here. redis-py has no public way to its transport; nothing unread is left in it yet."""
        writer = connection._writer
        if writer is None or writer.is_closing():
            raise ConnectionError("the connection ended at once")
        self._transport = writer.transport
        self._transport.set_protocol(self)

    async def ask(self, commands: Sequence[RawCommand]) -> list[Reply]:
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("the connection is closed")
        self.questions += 1
        self._missing = len(commands)
        self._replies = []
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(pack(commands))
        replies = await self._answer
        for reply in replies:
            if isinstance(reply, Refusal):
                raise reply
        return replies

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        at = 0
        while at < len(buffer) and (got := read_reply(buffer, at)):
            reply, at = got
            self.replied(reply)
        self._buffer = buffer[at:]

    def replied(self, reply: Reply) -> None:
        self._replies.append(reply)
        self._missing -= 1
        if not self._missing and not self._answer.done():
            self._answer.set_result(self._replies)

    def connection_lost(self, exc: Exception | None) -> None:
        failure = ConnectionError("the connection to Redis ended")
        for future in (self._answer, self._lost):
            if not future.done():
                future.set_exception(failure)
                future.exception()  # seen: nobody may be waiting, and that is no mistake

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Subscriber(Connection):
    """A connection that listens: after the first answer, all that comes is published by somebody."""

    def __init__(self, lost: asyncio.Future[None], hear: Callable[[bytes], None]) -> None:
        super().__init__(lost)
        self._hear = hear

    def replied(self, reply: Reply) -> None:
        if self.is_waiting:
            super().replied(reply)
        elif isinstance(reply, list) and reply[0] == b"message":
            self._hear(reply[2])


async def in_time(waited_for: Coroutine[Any, Any, T]) -> T:
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
