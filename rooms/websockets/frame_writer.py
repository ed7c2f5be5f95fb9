"""What we write to one socket over picows: straight away while the socket takes it, else from a bounded queue.

Invariant: a caller never waits, so a slow reader costs its senders nothing; what waits for it is bounded (`most_bytes` and
the transport's own 64 KiB), and whoever lets it run over is cut off. Source: DESIGN.md, "Slow readers".
"""

from asyncio import AbstractEventLoop, TimerHandle
from collections import deque
from typing import Final, cast

from picows import WSCloseCode, WSMsgType, WSTransport

from rooms.broker.effects import POLICY
from rooms.websockets.messages import NO_CODE
from rooms.websockets.port import CLOSING_S

LINGER_S: Final = 0.5
"""How long who broke the rules may take to read why. To end at once would lose the close frame: what a client still sends to a
closed socket makes TCP throw away what was on its way to it."""

_TEXT: Final = WSMsgType.TEXT


class FrameWriter:
    """A `Line`. most_bytes is the consumer's to set, before it writes; is_overrun: the client let too much wait."""

    __slots__ = (
        "_close_code",
        "_closing",
        "_loop",
        "_owed_pong",
        "_queue",
        "_send",
        "_transport",
        "is_overrun",
        "is_paused",
        "most_bytes",
        "queued_bytes",
    )

    def __init__(self, transport: WSTransport, loop: AbstractEventLoop) -> None:
        self._transport = transport
        self._send = transport.send
        self._loop = loop
        self._queue: deque[str] | None = None
        self.queued_bytes = 0
        self._owed_pong: bytes | None = None
        self._close_code: int | None = None
        self._closing: TimerHandle | None = None
        self.is_paused = self.is_overrun = False
        self.most_bytes = 0

    def write(self, text: str) -> None:
        if not self.is_paused:
            self._send(_TEXT, text)
        else:
            self._keep(text)

    def close(self, code: int) -> None:
        """Closes after what waits is written. code: NO_CODE for a close frame without one."""
        if self._close_code is None:
            self._close_within(CLOSING_S, code)
            if not self._queue:
                self._write_close()

    def fail(self, code: int) -> None:
        """Closes at once; what waits is dropped."""
        self._drop()
        if self._close_code is None:
            self._close_within(LINGER_S, code)
        self._write_close()  # picows sends no second one

    def answer_close(self, code: int) -> None:
        """The client closes: it gets its code back, then the connection ends."""
        self.fail(code)
        self.finish()

    def finish(self) -> None:
        """The client answered our close."""
        self._transport.disconnect()

    def ping(self) -> None:
        """Asks whether the client is there; one that does not read would not see it."""
        if not self.is_paused:
            self._transport.send_ping()

    def pong(self, payload: bytes) -> None:
        """Answers a ping; of pings that came while the client does not read, the last (RFC 6455, 5.5.3)."""
        if self.is_paused:
            self._owed_pong = payload
        else:
            self._transport.send_pong(payload)

    def resume(self) -> None:
        """The client reads again."""
        self.is_paused = False
        if self._owed_pong is not None:
            payload, self._owed_pong = self._owed_pong, None
            self._transport.send_pong(payload)
        while self._queue and not self.is_paused:  # a write may pause again at once
            text = self._queue.popleft()
            self.queued_bytes -= len(text)
            self._send(_TEXT, text)
        if self._close_code is not None and not self._queue:
            self._write_close()

    def cut(self) -> None:
        """Ends the connection without waiting for anything to be read."""
        self._transport.disconnect(graceful=False)

    def gone(self) -> None:
        """There is no connection any more."""
        if self._closing is not None:
            self._closing.cancel()
        self._drop()
        self._close_code = self._close_code or NO_CODE

    def _keep(self, text: str) -> None:
        if self._close_code is not None:
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append(text)
        self.queued_bytes += len(text)
        if self.queued_bytes > self.most_bytes:
            self.is_overrun, self._close_code = True, POLICY
            self._drop()
            self.cut()

    def _close_within(self, seconds: float, code: int) -> None:
        self._close_code = code
        self._closing = self._loop.call_later(seconds, self.cut)

    def _drop(self) -> None:
        self._queue, self.queued_bytes = None, 0

    def _write_close(self) -> None:
        if self._close_code == NO_CODE:
            self._send(WSMsgType.CLOSE, None)
        else:
            self._transport.send_close(cast(WSCloseCode, self._close_code))  # its enum lacks applications' own codes
