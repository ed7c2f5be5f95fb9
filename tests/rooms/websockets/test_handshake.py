from http import HTTPStatus

import pytest

from rooms.websockets.handshake import Headers, Rejected, judge, key_of, plain_answer

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
SOUND: Headers = [(b"host", b"x"), (b"sec-websocket-version", b"13"), (b"sec-websocket-key", KEY)]
URL = b"/peerjs?key=peerjs&id=ann&token=t"


def status(method: str, url: bytes, headers: Headers) -> HTTPStatus | None:
    rejected = judge(method, url, headers)
    return rejected.status if rejected else None


def test_a_sound_request() -> None:
    assert judge("GET", URL, SOUND) is None
    assert judge("GET", URL, [*SOUND, (b"content-length", b"0"), (b"sec-websocket-extensions", b"permessage-deflate")]) is None
    assert key_of([*SOUND[:2], (b"sec-websocket-key", b" " + KEY + b" ")]) == KEY


@pytest.mark.parametrize("url", [b"/", b"/peerjs/", b"/peerjs/x", b"/PEERJS", b"//peerjs", b"/%70eerjs", b"", b"*"])
def test_only_the_brokers_address_is_one(url: bytes) -> None:
    assert status("GET", url, SOUND) == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("POST", SOUND, HTTPStatus.METHOD_NOT_ALLOWED),
        ("GET", SOUND[:1], HTTPStatus.UPGRADE_REQUIRED),
        ("GET", [*SOUND, (b"sec-websocket-version", b"8")], HTTPStatus.UPGRADE_REQUIRED),
        ("GET", SOUND[:2], HTTPStatus.BAD_REQUEST),
        ("GET", [*SOUND, (b"sec-websocket-key", KEY)], HTTPStatus.BAD_REQUEST),
        ("GET", [*SOUND[:2], (b"sec-websocket-key", b"short")], HTTPStatus.BAD_REQUEST),
        ("GET", [*SOUND[:2], (b"sec-websocket-key", b"\xff" * 24)], HTTPStatus.BAD_REQUEST),
        ("GET", [*SOUND[:2], (b"sec-websocket-key", b"AAAA")], HTTPStatus.BAD_REQUEST),
        ("GET", [*SOUND, (b"content-length", b"5")], HTTPStatus.BAD_REQUEST),
        ("GET", [*SOUND, (b"transfer-encoding", b"chunked")], HTTPStatus.BAD_REQUEST),
    ],
)
def test_what_is_no_handshake(method: str, headers: Headers, expected: HTTPStatus) -> None:
    assert status(method, URL, headers) == expected


def test_a_refusal_is_plain_http_that_says_why() -> None:
    head, _, body = plain_answer(Rejected(HTTPStatus.UPGRADE_REQUIRED, "Another version.")).partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.1 426 Upgrade Required"
    assert b"content-length: 17" in head
    assert b"sec-websocket-version: 13" in head
    assert body == b"Another version.\n"
    assert b"allow: GET" in plain_answer(Rejected(HTTPStatus.METHOD_NOT_ALLOWED, "No."))
