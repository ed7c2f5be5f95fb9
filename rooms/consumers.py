"""The broker's socket as a Channels consumer, with a receive loop of its own: routing and scope are Channels', frames go
straight to the hub (DESIGN.md, "thin Channels consumer": the generic dispatch costs half of the throughput).

Where the WebSocket class offers the frames themselves (rooms/websockets/port.py), not even ASGI's events are between, and
this consumer only waits for the end. Any Origin may connect, as with the PeerJS server; no cookie is read.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from channels.generic.websocket import AsyncWebsocketConsumer

from rooms.broker.effects import POLICY
from rooms.broker.session import Hello
from rooms.hub import Hub
from rooms.running import running_hub
from rooms.websockets.port import ABORT, CLOSING_S, FRAMES, Frames

_ABNORMAL: Final = 1006


class BrokerConsumer(AsyncWebsocketConsumer):
    """One PeerJS client."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        if (await receive())["type"] != "websocket.connect":
            return
        running = await running_hub()
        hello = _hello(scope, running.network_of(scope["client"]))
        await send({"type": "websocket.accept"})
        extensions = scope.get("extensions", {})
        if (frames := extensions.get(FRAMES)) is not None:
            await _attend(running.hub, hello, frames, running.limits.queue_bytes, receive)
            return
        line = QueuedLine(send, running.limits.queue_bytes, extensions.get(ABORT, _nothing))
        try:
            await _relay(running.hub, hello, line, receive)
        finally:
            line.stop()


async def _attend(hub: Hub, hello: Hello, frames: Frames, most_bytes: int, receive: Any) -> None:
    """The socket's messages come and go without us."""
    number = hub.enter(frames.line(most_bytes), hello)
    code = _ABNORMAL
    try:
        frames.listen(hub.hear, number)
        code = (await receive())["code"]
    finally:  # however the socket ended, also by a mistake of ours: its id must not stay taken
        hub.left(number, code)


async def _relay(hub: Hub, hello: Hello, line: "QueuedLine", receive: Any) -> None:
    """The socket's messages come as ASGI's events."""
    number = hub.enter(line, hello)
    code = _ABNORMAL
    try:
        while (message := await receive())["type"] == "websocket.receive":
            if (text := message.get("text")) is not None:
                hub.hear(number, text)
        code = message.get("code", _ABNORMAL)
    finally:  # as above
        hub.left(number, code)


class QueuedLine:
    """Writes through ASGI's `send`, which waits until the socket can take more; here a task waits, not the writer.

    abort: cuts the connection, where the WebSocket class offers that; a client that does not read would never see a close.
    """

    def __init__(self, send: Any, most_bytes: int, abort: Callable[[], None]) -> None:
        self._send = send
        self._most_bytes = most_bytes
        self._abort = abort
        self._queue: deque[str] = deque()
        self.queued_bytes = 0
        self.is_overrun = False
        self._close_code: int | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def write(self, text: str) -> None:
        if self._close_code is not None:
            return
        self._queue.append(text)
        self.queued_bytes += len(text)
        if self.queued_bytes > self._most_bytes:
            self._queue.clear()
            self.queued_bytes, self.is_overrun = 0, True
            self.close(POLICY)
            self._abort()
        self._wake.set()

    def close(self, code: int) -> None:
        if self._close_code is None:
            self._close_code = code
            self._closing = asyncio.get_running_loop().call_later(CLOSING_S, self._abort)
            self._wake.set()

    def stop(self) -> None:
        """The socket is gone; nothing more is written."""
        self._task.cancel()
        if self._closing is not None:
            self._closing.cancel()

    async def _run(self) -> None:
        try:
            while True:
                while self._queue:
                    text = self._queue.popleft()
                    self.queued_bytes -= len(text)
                    await self._send({"type": "websocket.send", "text": text})
                if self._close_code is not None:
                    await self._send({"type": "websocket.close", "code": self._close_code})
                    return
                self._wake.clear()
                await self._wake.wait()
        except OSError:  # uvicorn's ClientDisconnected is one: the consumer hears of it from `receive`
            return


def _nothing() -> None:
    """For a server that cannot cut a connection."""


def _hello(scope: Any, network: str) -> Hello:
    """Of equal names the last counts."""
    query = scope["query_string"].decode("ascii", "replace")
    if "%" in query or "+" in query:
        given = dict(parse_qsl(query, keep_blank_values=True))
    else:  # what PeerJS writes needs no decoding, and this costs half
        given = {name: value for name, _, value in (part.partition("=") for part in query.split("&"))}
    return Hello(given.get("key", ""), given.get("id", ""), given.get("token", ""), network)
