"""What a WebSocket class offers a consumer beyond ASGI, each under a name in `scope["extensions"]`; both may be absent.

Source: ASGI's own rule for extensions: a server says what it can do, an application uses what it knows.
"""

from collections.abc import Callable
from typing import Final, Protocol

FRAMES: Final = "kibitz.frames"
"""Its value is a `Frames`: messages come and go by plain calls; of ASGI's events only accept and the end are left."""

ABORT: Final = "kibitz.abort"
"""Its value is a function that cuts the connection, whatever is still to be written."""

CLOSING_S: Final = 5.0
"""How long a client may take to read what is left and to answer our close; a browser does so at once."""


class Line(Protocol):
    """Writes to one socket. Neither call waits or raises; what the reader cannot take yet is kept, within bounds.

    queued_bytes: what is kept now. is_overrun: that was too much, and the socket was given up.
    """

    @property
    def queued_bytes(self) -> int: ...
    @property
    def is_overrun(self) -> bool: ...
    def write(self, text: str) -> None: ...
    def close(self, code: int) -> None: ...


class Frames(Protocol):
    """A socket whose messages skip ASGI, to be taken up right after `websocket.accept`."""

    def line(self, most_bytes: int) -> Line:
        """Where to write. most_bytes: how much may wait for a client that does not read, before it is cut off."""
        ...

    def listen(self, hear: Callable[[int, str], None], number: int) -> None:
        """hear is called with the socket's number and each text message from now on, in order."""
