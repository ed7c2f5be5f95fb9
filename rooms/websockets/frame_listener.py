"""What picows reads from one socket: text messages go straight to who listens, everything else is answered here.

Invariants: nothing is heard after the end or after a broken rule; a socket that is silent for one period is pinged, and cut
off when it stays silent for another, so a half-open one does not stay. Limit: picows keeps a read buffer as large as the
socket's largest frame needed, at most 128 KiB.
"""

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from typing import Final

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from rooms.websockets.frame_writer import FrameWriter
from rooms.websockets.messages import ABNORMAL, BAD_TEXT, Closed, Fault, Inbox, Ping, Text

_TEXT: Final = WSMsgType.TEXT


def _deaf(_number: int, _text: str) -> None:
    """Hears nothing: before somebody listens, and after the end."""


class FrameListener(WSListener):
    """A `Frames` over picows. ended: called once, with the close code. gone: called when there is no connection any more.

    period_s: how long a socket may be silent before it is pinged, and again before it is cut off; None: for ever.
    """

    __slots__ = (
        "_ended",
        "_gone",
        "_hear",
        "_inbox",
        "_is_pinged",
        "_is_silent",
        "_look",
        "_loop",
        "_number",
        "_period_s",
        "writer",
    )
    writer: FrameWriter

    def __init__(
        self,
        loop: AbstractEventLoop,
        most_message_bytes: int,
        period_s: float | None,
        ended: Callable[[int], None],
        gone: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._inbox = Inbox(most_message_bytes)
        self._period_s = period_s
        self._ended = ended
        self._gone = gone
        self._hear: Callable[[int, str], None] = _deaf
        self._number = 0
        self._is_silent = self._is_pinged = False
        self._look: TimerHandle | None = None

    def line(self, most_bytes: int) -> FrameWriter:
        self.writer.most_bytes = most_bytes
        return self.writer

    def listen(self, hear: Callable[[int, str], None], number: int) -> None:
        self._hear, self._number = hear, number

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.writer = FrameWriter(transport, self._loop)
        self._look_later()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._is_silent = False
        if transport.is_close_frame_sent:
            self._after_close(frame)
        elif (
            frame.msg_type is _TEXT and frame.fin and self._inbox.opcode is None and not (frame.rsv1 or frame.rsv2 or frame.rsv3)
        ):
            try:
                text = frame.get_payload_as_utf8_text()
            except UnicodeDecodeError:
                self._fail(BAD_TEXT)
            else:
                self._hear(self._number, text)
        else:
            self._take(frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._look is not None:
            self._look.cancel()
        self.writer.gone()
        self._end(ABNORMAL)
        self._gone()

    def pause_writing(self) -> None:
        self.writer.is_paused = True

    def resume_writing(self) -> None:
        self.writer.resume()

    def _take(self, frame: WSFrame) -> None:
        """The rarer frames, and those that are not allowed."""
        is_reserved = bool(frame.rsv1 or frame.rsv2 or frame.rsv3)
        payload = frame.get_payload_as_bytes()
        match self._inbox.take(frame.msg_type.value, payload, is_final=bool(frame.fin), is_reserved=is_reserved):
            case Text(text):
                self._hear(self._number, text)
            case Ping(payload):
                self.writer.pong(payload)
            case Fault(code):
                self._fail(code)
            case Closed(code):
                self._end(code)
                self.writer.answer_close(code)
            case None:
                pass

    def _after_close(self, frame: WSFrame) -> None:
        """We closed. Of what still comes only the answer counts."""
        if frame.msg_type is WSMsgType.CLOSE:
            self.writer.finish()

    def _fail(self, code: int) -> None:
        self.writer.fail(code)
        self._end(code)

    def _end(self, code: int) -> None:
        ended, self._ended = self._ended, _ended_already
        self._hear = _deaf
        ended(code)

    def _look_later(self) -> None:
        if self._period_s is not None:
            self._look = self._loop.call_later(self._period_s, self._look_now)

    def _look_now(self) -> None:
        """Is anybody there?"""
        if self._is_silent and self._is_pinged:
            self.writer.cut()
            return
        self._is_pinged = self._is_silent
        if self._is_silent:
            self.writer.ping()
        self._is_silent = True
        self._look_later()


def _ended_already(_: int) -> None:
    """An end is told once."""
