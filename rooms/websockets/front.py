"""uvicorn's HTTP class with a door in front of the WebSockets, for both WebSocket classes alike.

A request's head must be complete within HEAD_S, however slowly it trickles (uvicorn itself waits for ever); only the broker's
address can be upgraded. Plain requests are left alone otherwise.
"""

import asyncio
import gc
from functools import cache
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rooms.websockets.handshake import Rejected, judge, plain_answer
from rooms.websockets.port import CLOSING_S

HEAD_S: Final = 10.0
"""Seconds for a request's head; a browser sends it in one piece."""

HEAD_BYTES: Final = 64 * 1024
"""The head's most bytes, four times what other servers allow."""


_OBJECTS_BETWEEN_LOOKS: Final = 10_000
"""About what 150 new connections make; Python's own 700 is for small programs."""


@cache
def spare_what_stays() -> None:
    """Takes everything that is loaded by now out of the garbage collector's sight, once in a process, and lets it look less
    often. The 75,000 objects stay as long as the process; to look at them again and again is a fifth of a connection's cost."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS, *gc.get_threshold()[1:])


class FrontProtocol(HttpToolsProtocol):
    """One connection, until it is upgraded."""

    head_s = HEAD_S
    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """As uvicorn's own, but it asks the transport where uvicorn makes a socket object anew for each of its two questions,
        which takes a twentieth of a connection's whole cost."""
        spare_what_stays()
        self.connections.add(self)
        self.transport = transport
        self.flow = FlowControl(transport)
        self.server = _address(transport.get_extra_info("sockname"))
        self.client = _address(transport.get_extra_info("peername"))
        self.scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._expect_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._deadline is not None:  # all of it was head, and there is more to come
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(Rejected(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's head is too long."))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_a_head()

    def on_headers_complete(self) -> None:
        self._head_is_here()
        self._head_bytes = 0
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Once upgraded, nothing of this object is needed; its parser points back at it and would keep both."""
        rejected = judge(self.scope["method"], self.url, self.headers)
        if rejected is not None:
            self._refuse(rejected)
            return
        self.upgrade()
        self.parser = None  # type: ignore[assignment]  # as uvicorn does when a connection is lost

    def upgrade(self) -> None:
        """Hands a sound request to the WebSocket class."""
        super().handle_websocket_upgrade()

    def _expect_a_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.head_s, self._head_is_late)

    def _head_is_here(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _head_is_late(self) -> None:
        self._refuse(Rejected(HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive in time."))

    def _refuse(self, rejected: Rejected) -> None:
        self.transport.write(plain_answer(rejected))
        self.transport.close()
        self.loop.call_later(CLOSING_S, self.transport.abort)


def _address(told: object) -> tuple[str, int] | None:
    """Host and port, of what a transport says; a Unix socket has none, and IPv6 says more."""
    return (told[0], told[1]) if isinstance(told, tuple) else None
