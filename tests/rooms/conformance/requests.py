"""The broker's plain addresses: which there are, what they answer, and to whom."""

import http.client
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from tests.rooms.conformance.steps import Difference

_UUID4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TIMEOUT_S: Final = 60
OTHER: Final = "https://other.example"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. shows: answers' headers that are written down beside status, body and CORS."""

    name: str
    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": OTHER})
    shows: Sequence[str] = ()
    difference: Difference | None = None
    waits_for: str = ""


def answer(origin: str, request: Request) -> list[str]:
    """What a server answers: status, what kind of body, and whether a page of another origin may read it."""
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=_TIMEOUT_S)
    try:
        connection.request(request.method, request.path, headers=request.headers)
        response = connection.getresponse()
        body = response.read().decode()
        asker = request.headers.get("Origin")
        is_open = asker is None or response.headers["Access-Control-Allow-Origin"] in ("*", asker)
        allows_cookies = "Access-Control-Allow-Credentials" in response.headers
        shown = [f"{name}: {response.headers[name]}" for name in request.shows]
        kind = "an id" if _UUID4.fullmatch(body) else "nothing" if not body else "something"
        if response.status >= 300:
            return [f"{response.status}", *shown]
        return [f"{response.status} {kind}", f"open: {is_open}", f"with cookies: {allows_cookies}", *shown]
    finally:
        connection.close()


def differs(row: str, npm: Sequence[str], ours: Sequence[str]) -> Difference:
    return Difference(row, npm, ours)


_OPEN: Final = ["open: True", "with cookies: False"]

REQUESTS: Final = [
    Request("a fresh id", "/peerjs/id"),
    Request("a fresh id, as PeerJS asks", "/peerjs/id?ts=17325400000000.123&version=1.5.5"),
    Request("a fresh id, from our own page", "/peerjs/id", headers={}),
    Request("a fresh id, from a sandboxed frame", "/peerjs/id", headers={"Origin": "null"}),
    Request("a fresh id's headers alone", "/peerjs/id", "HEAD"),
    Request("a fresh id for another key", "/other/id"),
    Request(
        "the kind of text an id is",
        "/peerjs/id",
        shows=["Content-Type"],
        difference=differs(
            "`GET /<key>/id`",
            ["200 an id", *_OPEN, "Content-Type: text/html; charset=utf-8"],
            ["200 an id", *_OPEN, "Content-Type: text/plain; charset=utf-8"],
        ),
    ),
    Request(
        "an id may not be cached",
        "/peerjs/id",
        shows=["Cache-Control"],
        difference=differs(
            "`GET /<key>/id`",
            ["200 an id", *_OPEN, "Cache-Control: None"],
            ["200 an id", *_OPEN, "Cache-Control: no-store"],
        ),
    ),
    Request("the health address", "/id", difference=differs("`GET /id`", ["404"], ["200 an id", *_OPEN])),
    Request("an id by POST", "/peerjs/id", "POST", difference=differs("other methods", ["404"], ["403"])),
    Request(
        "a preflight",
        "/peerjs/id",
        "OPTIONS",
        {"Origin": OTHER, "Access-Control-Request-Method": "GET"},
    ),
    Request("the socket's address without a socket", "/peerjs"),
    Request("something else under the key", "/peerjs/other"),
    Request("who is here", "/peerjs/peers"),
]
