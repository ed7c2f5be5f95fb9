"""The broker's socket as a Channels consumer, with a receive loop of its own: routing and scope are Channels', frames go
straight to the hub (DESIGN.md, "thin Channels consumer": the generic dispatch costs half of the throughput).

Any Origin may connect, as with the PeerJS server; no cookie is read.
"""

import asyncio
from collections import deque
from typing import Any, Final
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from rooms.broker.effects import POLICY
from rooms.broker.session import Hello
from rooms.running import running_hub

_ABNORMAL: Final = 1006


class BrokerConsumer(AsyncWebsocketConsumer):
    """One PeerJS client."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        if (await receive())["type"] != "websocket.connect":
            return
        running = await running_hub()
        hello = _hello(scope, running.network_of(scope["client"]))
        line = QueuedLine(send, running.limits.queue_bytes)
        await send({"type": "websocket.accept"})
        number = running.hub.enter(line, hello)
        code = _ABNORMAL
        try:
            while (message := await receive())["type"] == "websocket.receive":
                if (text := message.get("text")) is not None:
                    running.hub.hear(number, text)
            code = message.get("code", _ABNORMAL)
        finally:  # however the socket ended, also by a mistake of ours: its id must not stay taken
            running.hub.left(number, code)
            line.stop()


class QueuedLine:
    """Writes through ASGI's `send`, which waits until the socket can take more; here a task waits, not the writer."""

    def __init__(self, send: Any, most_bytes: int) -> None:
        self._send = send
        self._most_bytes = most_bytes
        self._queue: deque[str] = deque()
        self._queued_bytes = 0
        self._close_code: int | None = None
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def write(self, text: str) -> None:
        if self._close_code is not None:
            return
        self._queue.append(text)
        self._queued_bytes += len(text)
        if self._queued_bytes > self._most_bytes:
            self._queue.clear()
            self.close(POLICY)
        self._wake.set()

    def close(self, code: int) -> None:
        if self._close_code is None:
            self._close_code = code
            self._wake.set()

    def stop(self) -> None:
        """The socket is gone; nothing more is written."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                while self._queue:
                    text = self._queue.popleft()
                    self._queued_bytes -= len(text)
                    await self._send({"type": "websocket.send", "text": text})
                if self._close_code is not None:
                    await self._send({"type": "websocket.close", "code": self._close_code})
                    return
                self._wake.clear()
                await self._wake.wait()
        except OSError:  # uvicorn's ClientDisconnected is one: the consumer hears of it from `receive`
            return


def _hello(scope: Any, network: str) -> Hello:
    query = parse_qs(scope["query_string"].decode("ascii", "replace"))
    key, peer_id, token = (query.get(name, [""])[0] for name in ("key", "id", "token"))
    return Hello(key, peer_id, token, network)
