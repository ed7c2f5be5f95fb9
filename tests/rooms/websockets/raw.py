"""A WebSocket client that can break every rule: bytes in, bytes out, over a blocking socket."""

import os
import socket
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

from rooms.websockets.messages import Opcode

PATIENCE_S = 20.0
"""How long anything may take on a busy machine; a limit for what never comes, not a measurement."""

_networks = count()


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, masked: bool = True, length: bytes | None = None
) -> bytes:
    """A frame (RFC 6455, 5.2). reserved: the three reserved bits. length: instead of the true one, as it goes on the wire."""
    size = len(payload)
    if length is None:
        length = _length(size)
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    if not masked:
        return bytes([first]) + length + payload
    mask = os.urandom(4)
    repeated = mask * (size // 4 + 1)
    coded = int.from_bytes(payload, "big") ^ int.from_bytes(repeated[:size], "big")
    return bytes([first, length[0] | 0x80]) + length[1:] + mask + coded.to_bytes(size, "big")


def _length(size: int) -> bytes:
    if size < 126:
        return bytes([size])
    return b"\x7e" + size.to_bytes(2, "big") if size < 65_536 else b"\x7f" + size.to_bytes(8, "big")


def text(message: str) -> bytes:
    return frame(Opcode.TEXT, message.encode())


def close(code: int | None = None, reason: bytes = b"") -> bytes:
    return frame(Opcode.CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason)


@dataclass(frozen=True, slots=True)
class Answer:
    """A frame of the server."""

    opcode: int
    payload: bytes

    @property
    def code(self) -> int | None:
        """Of a close frame."""
        return int.from_bytes(self.payload[:2], "big") if self.payload else None


class Raw:
    """One connection to a server."""

    def __init__(self, site: str) -> None:
        address = urlsplit(site)
        assert address.hostname
        assert address.port
        self.socket = socket.create_connection((address.hostname, address.port), timeout=PATIENCE_S)
        self.buffer = b""

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def shake(self, path: str, *extra: str, key: str = "dGhlIHNhbXBsZSBub25jZQ==", version: str = "13") -> str:
        """A handshake; answers the head of the response. Each comes from a network of its own, where the server believes it."""
        network = next(_networks)
        lines = [
            f"GET {path} HTTP/1.1",
            "Host: localhost",
            "Connection: keep-alive, Upgrade",
            "Upgrade: websocket",
            f"Sec-WebSocket-Version: {version}",
            f"Sec-WebSocket-Key: {key}",
            f"X-Forwarded-For: 10.{network >> 16 & 255}.{network >> 8 & 255}.{network & 255}",
            *extra,
        ]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return self.head()

    def head(self) -> str:
        """The head of an HTTP response."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def body(self, head: str) -> bytes:
        """The body of an HTTP response with this head."""
        sizes = [line.partition(":")[2] for line in head.lower().splitlines() if line.startswith("content-length:")]
        return self._take(int(sizes[0]))

    def enter(self, peer_id: str) -> None:
        """As a PeerJS client that gets its id."""
        head = self.shake(f"/peerjs?key=peerjs&id={peer_id}&token=t&version=1.5.5")
        assert head.startswith("HTTP/1.1 101"), head
        assert self.read() == Answer(Opcode.TEXT, b'{"type":"OPEN"}')

    def read(self) -> Answer:
        """The next frame of the server, which never masks and never cuts one in parts."""
        first, second = self._take(2)
        assert first & 0x70 == 0, "a reserved bit"
        assert second & 0x80 == 0, "a masked frame"
        size = second
        if second == 126:
            size = int.from_bytes(self._take(2), "big")
        elif second == 127:
            size = int.from_bytes(self._take(8), "big")
        return Answer(first & 0x0F, self._take(size))

    def closing(self) -> int | None:
        """The code the server closes with, whatever it says before."""
        while (answer := self.read()).opcode != Opcode.CLOSE:
            pass
        return answer.code

    def is_over(self) -> bool:
        """Whether the server ends the connection, within our patience."""
        try:
            while self.socket.recv(65_536):
                pass
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
        return True

    def _take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self._more()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def _more(self) -> None:
        data = self.socket.recv(65_536)
        if not data:
            raise EOFError
        self.buffer += data
