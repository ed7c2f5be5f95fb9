"""Stand-ins for picows' transport and the event loop, which remember what they were asked."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import Any, cast

from picows import WSTransport


class FakeTimer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at = at
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class FakeLoop:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[FakeTimer] = []

    def call_later(self, delay: float, call: Callable[[], None]) -> FakeTimer:
        self.timers.append(FakeTimer(self.now + delay, call))
        return self.timers[-1]

    def pass_s(self, seconds: float) -> None:
        ends_at = self.now + seconds
        while due := [timer for timer in self.timers if timer.at <= ends_at and not timer.is_cancelled]:
            timer = min(due, key=lambda timer: timer.at)
            self.now = timer.at
            self.timers.remove(timer)
            timer.call()
        self.now = ends_at

    def as_loop(self) -> AbstractEventLoop:
        return cast(AbstractEventLoop, self)


class FakeTransport:
    """What was sent and done, in order. on_send: what a full socket does in the middle of a write."""

    is_close_frame_sent = False

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.on_send: Callable[[], None] = lambda: None

    def send(self, kind: Any, message: Any) -> None:
        self.done.append(message if kind.name == "TEXT" else (kind.name, message))
        self.on_send()

    def send_ping(self, message: bytes | None = None) -> None:
        self.done.append("PING")

    def send_pong(self, message: bytes | None = None) -> None:
        self.done.append(("PONG", message))

    def send_close(self, code: int, message: bytes | None = None) -> None:
        if not self.is_close_frame_sent:
            self.done.append(("CLOSE", code))
        self.is_close_frame_sent = True

    def disconnect(self, graceful: bool = True) -> None:
        self.done.append("disconnect" if graceful else "cut")

    def as_transport(self) -> WSTransport:
        return cast(WSTransport, self)
