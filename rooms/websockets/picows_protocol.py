"""uvicorn's classes over picows: they answer the upgrade request, then hand the connection to picows' parser.

Purpose: half the cost of uvicorn's own classes for each frame (docs/decisions/0005). It speaks as much ASGI as the broker's
consumer uses: connect, accept, close before accept (403), and the end. Messages do not pass through ASGI's events, which is
where the cost is; the application takes them from the extension `FRAMES` (port.py). Limit: uvicorn gives a request's head to
this class only once it is complete, so a head that never ends is front.py's to end.
"""

import asyncio
import logging
from collections.abc import MutableMapping
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

from picows import WSAutoPingStrategy, WSUpgradeResponse, WSUpgradeResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # picows exports it to its own server only
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState

from rooms.broker.effects import GOING, RESTARTING
from rooms.websockets.frame_listener import FrameListener
from rooms.websockets.front import FrontProtocol
from rooms.websockets.handshake import Rejected, key_of, plain_answer
from rooms.websockets.messages import ABNORMAL
from rooms.websockets.port import CLOSING_S, FRAMES

_READ_BUFFER_BYTES: Final = 4096
"""An offer of a data connection fits; picows doubles it for who sends more. Every idle socket has one."""

_REQUEST: Final = (
    b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
)

_SWITCHING: Final = WSUpgradeResponse.create_101_response()
"""One for all sockets, as picows keeps it as long as each (1 KiB): it fills in the accept key and writes it out at once."""

_INTERNAL: Final = 1011

Message = MutableMapping[str, Any]


class _Mistakes(logging.LoggerAdapter[logging.Logger]):
    """picows tells of every connection, with addresses, and of every broken rule; only our own mistakes are kept."""

    def log(self, level: int, msg: object, *args: object, exc_info: Any = None, **kwargs: Any) -> None:
        if exc_info:
            super().log(level, msg, *args, exc_info=exc_info, **kwargs)


_log: Final = logging.getLogger("kibitz.websockets")
_mistakes: Final = _Mistakes(_log)


class _Stage(Enum):
    """ASKED: the request is with the application. OPEN: picows reads the connection. REFUSED: answered in plain HTTP."""

    ASKED = 1
    OPEN = 2
    REFUSED = 3


class PicowsFront(FrontProtocol):
    """The HTTP class that goes with it: what it has read of a request need not be written out and read again."""

    def upgrade(self) -> None:
        self.connections.discard(self)
        protocol = PicowsProtocol(self.config, self.server_state, self.transport, key_of(self.headers))
        self.transport.set_protocol(protocol)
        path, _, query = self.url.partition(b"?")
        protocol.ask(
            {
                "type": "websocket",
                "asgi": {"version": self.asgi_version, "spec_version": "2.4"},
                "http_version": "1.1",
                "scheme": "wss" if self.scheme == "https" else "ws",
                "server": self.server,
                "client": self.client,
                "root_path": self.root_path,
                "path": self.root_path + path.decode("ascii"),
                "raw_path": self.root_path.encode("ascii") + path,
                "query_string": query,
                "headers": self.headers,
                "subprotocols": [],
                "state": self.app_state.copy(),
            }
        )


class PicowsProtocol(asyncio.Protocol):
    """One connection that asks to be a WebSocket. In uvicorn's set of connections until it is gone."""

    def __init__(self, config: Config, server_state: ServerState, transport: asyncio.Transport, key: bytes) -> None:
        self._config = config
        self._state = server_state
        self._transport = transport
        self._key = key
        self._loop = asyncio.get_running_loop()
        self._stage = _Stage.ASKED
        self._to_tell: Message | None = {"type": "websocket.connect"}
        self._end: asyncio.Future[int] = self._loop.create_future()
        self._listener = FrameListener(
            self._loop, config.ws_max_size, config.ws_ping_interval, ended=self._ended, gone=self._gone
        )

    def ask(self, scope: dict[str, Any]) -> None:
        """Asks the application. A client that goes on before it is answered is not read until then."""
        scope["extensions"] = {FRAMES: self._listener}
        self._state.connections.add(self)  # type: ignore[arg-type]  # names uvicorn's own classes, but only calls shutdown()
        self._transport.pause_reading()
        task = self._loop.create_task(self._config.loaded_app(scope, self._receive, self._send))
        self._state.tasks.add(task)
        task.add_done_callback(self._application_ended)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection went before it was a WebSocket."""
        self._ended(ABNORMAL)
        self._gone()

    def shutdown(self) -> None:
        """The server stops, or empties itself."""
        if self._stage is _Stage.OPEN:
            self._ended(RESTARTING)
            self._listener.writer.close(RESTARTING)
        else:
            self._refuse(Rejected(HTTPStatus.SERVICE_UNAVAILABLE, "The server is stopping. Try again in a moment."))

    def _application_ended(self, task: asyncio.Task[None]) -> None:
        self._state.tasks.discard(task)
        mistake = None if task.cancelled() else task.exception()
        if isinstance(mistake, ClientDisconnected):
            mistake = None
        if mistake:
            _log.error("The application failed on a WebSocket", exc_info=mistake)
        if self._stage is _Stage.OPEN:
            self._listener.writer.close(_INTERNAL if mistake else GOING)
        else:
            self._refuse(Rejected(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here."))

    async def _receive(self) -> Message:
        if self._to_tell is not None:
            message, self._to_tell = self._to_tell, None
            return message
        return {"type": "websocket.disconnect", "code": await self._end}

    async def _send(self, message: Message) -> None:
        if self._transport.is_closing():
            raise ClientDisconnected
        match message["type"], self._stage:
            case "websocket.accept", _Stage.ASKED:
                self._accept()
            case "websocket.close", _Stage.ASKED:
                self._refuse(Rejected(HTTPStatus.FORBIDDEN, "This WebSocket was refused."))
            case "websocket.close", _Stage.OPEN:
                self._listener.writer.close(message.get("code", GOING))
            case kind, stage:
                raise RuntimeError(f"{kind} is not for this class (stage {stage.name}): messages go by the extension {FRAMES}.")

    def _accept(self) -> None:
        """Gives the connection to picows, with a request that says no more than it must."""
        answer = WSUpgradeResponseWithListener(_SWITCHING, self._listener)
        frames = WSProtocol(
            host_port=None,
            ws_path=None,
            is_client_side=False,
            ws_listener_factory=lambda _: answer,
            logger=_mistakes,
            disconnect_on_exception=True,
            websocket_handshake_timeout=None,
            enable_auto_ping=False,  # ours costs no task for each socket
            auto_ping_idle_timeout=0,
            auto_ping_reply_timeout=0,
            auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
            enable_auto_pong=False,  # its pongs would pile up for a client that does not read
            max_frame_size=self._config.ws_max_size,
            extra_headers=None,
            read_buffer_init_size=_READ_BUFFER_BYTES,
        )
        request = _REQUEST + self._key + b"\r\n\r\n"
        frames.connection_made(self._transport)
        frames.get_buffer(len(request))[: len(request)] = request
        frames.buffer_updated(len(request))
        self._stage = _Stage.OPEN
        self._transport.set_protocol(frames)
        self._transport.resume_reading()

    def _refuse(self, rejected: Rejected) -> None:
        if self._stage is _Stage.ASKED:
            self._stage = _Stage.REFUSED
            self._ended(ABNORMAL)
            self._transport.write(plain_answer(rejected))
            self._transport.close()
            self._loop.call_later(CLOSING_S, self._transport.abort)

    def _ended(self, code: int) -> None:
        if not self._end.done():
            self._end.set_result(code)

    def _gone(self) -> None:
        self._state.connections.discard(self)
