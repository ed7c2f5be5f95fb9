"""A request to become a WebSocket, judged (RFC 6455, 4.2.1), and the plain HTTP that refuses one. Pure.

The HTTP parser has seen to the request's form and to `Connection: Upgrade`, `Upgrade: websocket`. No compression and no
subprotocol is ever agreed to.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

PATH: Final = b"/peerjs"
"""The only WebSocket address (PROTOCOL.md 12.5)."""

VERSION: Final = b"13"
_KEY_BYTES: Final = 16
_JUDGED: Final = frozenset({b"sec-websocket-version", b"sec-websocket-key", b"transfer-encoding", b"content-length"})

Headers = list[tuple[bytes, bytes]]
"""Names in lower case."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A request that is not let through, and what the client is told."""

    status: HTTPStatus
    why: str


def key_of(headers: Headers) -> bytes:
    """The client's Sec-WebSocket-Key, of a request that was judged sound."""
    return next(value for name, value in headers if name == b"sec-websocket-key").strip()


def judge(method: str, url: bytes, headers: Headers) -> Rejected | None:
    """None for a sound handshake. url: path and query."""
    if url.partition(b"?")[0] != PATH:
        return Rejected(HTTPStatus.NOT_FOUND, "There is no WebSocket here.")
    if method != "GET":
        return Rejected(HTTPStatus.METHOD_NOT_ALLOWED, "A WebSocket begins with GET.")
    told = _judged(headers)
    if told.get(b"sec-websocket-version") != [VERSION]:
        return Rejected(HTTPStatus.UPGRADE_REQUIRED, "Only version 13 of the WebSocket protocol is spoken here.")
    keys = told.get(b"sec-websocket-key", [])
    if len(keys) != 1 or not _is_key(keys[0]):
        return Rejected(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key must be given once, as 16 bytes in Base64.")
    if b"transfer-encoding" in told or told.get(b"content-length", [b"0"]) != [b"0"]:
        return Rejected(HTTPStatus.BAD_REQUEST, "A WebSocket's request has no body.")
    return None


def plain_answer(rejected: Rejected) -> bytes:
    """A whole HTTP response that says why, after which the connection closes."""
    body = f"{rejected.why}\n".encode()
    head = [
        f"HTTP/1.1 {rejected.status.value} {rejected.status.phrase}",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(body)}",
        "connection: close",
    ]
    if rejected.status is HTTPStatus.UPGRADE_REQUIRED:  # RFC 6455, 4.4: which version would do
        head += [f"sec-websocket-version: {VERSION.decode()}", "upgrade: websocket"]
    if rejected.status is HTTPStatus.METHOD_NOT_ALLOWED:
        head.append("allow: GET")
    return "\r\n".join([*head, "", ""]).encode() + body


def _judged(headers: Headers) -> dict[bytes, list[bytes]]:
    """What was said under each name that matters, in one pass: of a browser's twenty headers two do."""
    told: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in _JUDGED:
            told.setdefault(name, []).append(value.strip())
    return told


def _is_key(value: bytes) -> bool:
    try:
        return len(b64decode(value, validate=True)) == _KEY_BYTES
    except binascii.Error:
        return False
