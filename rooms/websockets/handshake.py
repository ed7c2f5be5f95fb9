"""An upgrade request, read and judged (RFC 6455, 4.2.1), and the plain HTTP that refuses one.

uvicorn has parsed the request already and hands it on as bytes, so its form is sound; what it says is judged here. No
compression and no subprotocol is ever agreed to. Pure.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

VERSION: Final = b"13"
_KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A sound request. key: the client's Sec-WebSocket-Key. raw_path: as sent, without the query."""

    raw_path: bytes
    query: bytes
    headers: list[tuple[bytes, bytes]]
    key: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """A request that is no WebSocket handshake, and what the client is told."""

    status: HTTPStatus
    why: str


def read_upgrade(head: bytes) -> Upgrade | Rejected:
    """The request in uvicorn's form: lower-case names, one line each."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, _, rest = first.partition(b" ")
    if method != b"GET":
        return Rejected(HTTPStatus.METHOD_NOT_ALLOWED, "A WebSocket begins with GET.")
    headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
    versions = _values(headers, b"sec-websocket-version")
    if versions != [VERSION]:
        return Rejected(HTTPStatus.UPGRADE_REQUIRED, "Only version 13 of the WebSocket protocol is spoken here.")
    keys = _values(headers, b"sec-websocket-key")
    if len(keys) != 1 or not _is_key(keys[0]):
        return Rejected(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key must be given once, as 16 bytes in Base64.")
    raw_path, _, query = rest.rpartition(b" ")[0].partition(b"?")
    return Upgrade(raw_path, query, headers, keys[0])


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


def _values(headers: list[tuple[bytes, bytes]], wanted: bytes) -> list[bytes]:
    return [value.strip() for name, value in headers if name == wanted]


def _is_key(value: bytes) -> bool:
    try:
        return len(b64decode(value, validate=True)) == _KEY_BYTES
    except binascii.Error:
        return False
