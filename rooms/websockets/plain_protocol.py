"""uvicorn's own WebSocket class (`websockets-sansio`), for `BROKER_WS=websockets` and where picows is missing.

Messages pass through ASGI's events. Put right here: a connection that was cut is told as such, so that its frames wait for
its return; text that is not UTF-8 is the client's fault, not an error of ours in the log; and a client that does not read
cannot keep a closed connection for ever.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from rooms.websockets.messages import ABNORMAL, BAD_TEXT
from rooms.websockets.port import ABORT, CLOSING_S


class PlainProtocol(WebSocketsSansIOProtocol):
    """One connection."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:  # else the handshake was refused, and there is no scope
            cast(dict[str, Any], self.scope["extensions"])[ABORT] = self.transport.abort

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.conn.send_close(BAD_TEXT)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self.loop.call_later(CLOSING_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self.queue.put_nowait({"type": "websocket.disconnect", "code": ABNORMAL})  # the base class says 1005, as for a goodbye
        super().connection_lost(exc)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
