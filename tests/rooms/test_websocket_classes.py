"""Both WebSocket classes against clients that break the rules (RFC 6455), over real sockets, with one set of answers.

A pair of well-behaved clients goes on beside every one of them, and the server's log stays empty of errors.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from rooms.websockets.choice import CHOICES, PICOWS
from rooms.websockets.messages import Opcode
from tests.conftest import served_process
from tests.rooms.websockets.raw import Answer, Raw, close, frame, text

pytestmark = pytest.mark.server

CAP = 64 * 1024
names = count()


@dataclass(frozen=True, slots=True)
class Site:
    """A running server. websockets: its class."""

    origin: str
    websockets: str
    log: Path
    pid: int

    def enter(self) -> tuple[str, Raw]:
        """A client that holds an id."""
        name, raw = f"raw{next(names)}", Raw(self.origin)
        raw.enter(name)
        return name, raw


@pytest.fixture(scope="module", params=CHOICES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    var = tmp_path_factory.mktemp(request.param)
    with served_process(var, {"BROKER_WS": request.param}) as (process, origin):
        yield Site(origin, request.param, var / "server.log", process.pid)
    assert_calm(var / "server.log")


def assert_calm(log: Path) -> None:
    told = log.read_text()
    assert "Traceback" not in told, told
    assert "ERROR" not in told, told


@pytest.fixture
def pair(server: Site) -> Iterator["Pair"]:
    """Two clients who mind their own business; whatever happened between, they still reach each other, in order."""
    ends = [server.enter(), server.enter()]
    pair = Pair(ends)
    pair.talk()
    yield pair
    pair.talk()
    for _, raw in ends:
        raw.socket.close()


class Pair:
    """Frames from one to the other and back."""

    def __init__(self, ends: list[tuple[str, Raw]]) -> None:
        self.ends = ends
        self.said = 0

    def talk(self, times: int = 3) -> None:
        for (name, raw), (other, peer) in (self.ends, self.ends[::-1]):
            for number in range(self.said, self.said + times):
                raw.send(text(json.dumps({"type": "CANDIDATE", "dst": other, "payload": number})))
            for number in range(self.said, self.said + times):
                told = json.loads(peer.read().payload)
                assert told == {"type": "CANDIDATE", "src": name, "dst": other, "payload": number}
        self.said += times


def offer(to: str, payload: str) -> bytes:
    return json.dumps({"type": "OFFER", "payload": payload, "dst": to}, separators=(",", ":"), ensure_ascii=False).encode()


def in_parts(data: bytes, *sizes: int) -> bytes:
    """A text message cut into fragments of these sizes, and the rest."""
    sent, kind = b"", Opcode.TEXT
    for size in sizes:
        sent += frame(kind, data[:size], fin=False)
        data, kind = data[size:], Opcode.CONTINUATION
    return sent + frame(kind, data)


@pytest.mark.parametrize("sizes", [(1,), (0, 0, 5), (10, 10, 10), tuple([1] * 60)])
def test_fragments_come_out_as_one_frame_with_pings_between(server: Site, pair: Pair, sizes: tuple[int, ...]) -> None:
    (_, ann), (ben, raw) = server.enter(), server.enter()
    with ann, raw:
        message = offer(ben, "né€😀" * 20)
        parts = in_parts(message, *sizes)
        ann.send(frame(Opcode.PING, b"before") + parts)
        assert ann.read() == Answer(Opcode.PONG, b"before")
        told = json.loads(raw.read().payload)
        assert told["payload"] == "né€😀" * 20
        first_end = len(frame(Opcode.TEXT, b"x" * sizes[0]))
        ann.send(parts[:first_end] + frame(Opcode.PING, b"between") + parts[first_end:])
        assert ann.read() == Answer(Opcode.PONG, b"between")
        assert json.loads(raw.read().payload) == told


def test_a_frame_that_comes_byte_by_byte_is_one_frame(server: Site, pair: Pair) -> None:
    (_, ann), (ben, raw) = server.enter(), server.enter()
    with ann, raw:
        for byte in text(offer(ben, "slow").decode()):
            ann.send(bytes([byte]))
        assert json.loads(raw.read().payload)["payload"] == "slow"


def test_the_cap_itself_passes_and_one_more_does_not(server: Site, pair: Pair) -> None:
    (_, ann), (ben, raw) = server.enter(), server.enter()
    with ann, raw:
        filler = "x" * (CAP - len(offer(ben, "")))
        for data in (text(offer(ben, filler).decode()), in_parts(offer(ben, filler), 40_000)):
            ann.send(data)
            assert json.loads(raw.read().payload)["payload"] == filler
        ann.send(in_parts(offer(ben, filler + "x"), 40_000))
        assert ann.closing() == 1009
        assert ann.is_over()


NO_NUMBER = "longer than there are numbers"
BROKEN: dict[str, tuple[bytes, int]] = {
    "over the cap": (frame(Opcode.TEXT, b"", length=b"\x7f" + (CAP + 1).to_bytes(8, "big")), 1009),
    "over the cap in parts": (in_parts(b"x" * (CAP + 10), 30_000, 30_000), 1009),
    "without end": (frame(Opcode.TEXT, b"", length=b"\x7f" + (1 << 62).to_bytes(8, "big")), 1009),
    NO_NUMBER: (frame(Opcode.TEXT, b"", length=b"\x7f" + (1 << 63).to_bytes(8, "big")), 1002),
    "unmasked": (frame(Opcode.TEXT, b"{}", masked=False), 1002),
    "reserved bit 1": (frame(Opcode.TEXT, b"{}", reserved=4), 1002),
    "reserved bit 2": (frame(Opcode.TEXT, b"{}", reserved=2), 1002),
    "reserved bit 3": (frame(Opcode.PING, b"", reserved=1), 1002),
    **{f"opcode {opcode:#x}": (frame(opcode, b"x"), 1002) for opcode in (3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF)},
    "a ping in parts": (frame(Opcode.PING, b"x", fin=False), 1002),
    "a close in parts": (frame(Opcode.CLOSE, b"\x03\xe8", fin=False), 1002),
    "a long ping": (frame(Opcode.PING, b"x" * 126), 1002),
    "a long close": (close(1000, b"x" * 124), 1002),
    "a part without a beginning": (frame(Opcode.CONTINUATION, b"x"), 1002),
    "a beginning within a message": (frame(Opcode.TEXT, b"x", fin=False) + text("x"), 1002),
    "bad UTF-8": (frame(Opcode.TEXT, b'{"type":"\xff"}'), 1007),
    "a surrogate in UTF-8": (frame(Opcode.TEXT, b"\xed\xa0\x80"), 1007),
    "bad UTF-8 in parts": (frame(Opcode.TEXT, b"\xc3", fin=False) + frame(Opcode.CONTINUATION, b"\x28"), 1007),
    "half a close code": (frame(Opcode.CLOSE, b"\x03"), 1002),
    **{f"close code {code}": (close(code), 1002) for code in (0, 999, 1004, 1005, 1006, 1015, 2000, 2999, 5000)},
    "a bad close reason": (close(1000, b"\xff"), 1007),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_ends_its_own_socket_with_the_right_code(server: Site, pair: Pair, name: str) -> None:
    sent, code = BROKEN[name]
    ben = pair.ends[1][0]
    _, eve = server.enter()
    with eve:
        eve.send(sent + text(offer(ben, "nobody hears this").decode()))
        closed_with = eve.closing()
        assert closed_with == code or (name, closed_with) == (NO_NUMBER, 1009)  # it is too much as well
        assert eve.is_over()


def test_a_length_longer_than_it_must_be(server: Site, pair: Pair) -> None:
    """RFC 6455, 5.2, forbids it; the `websockets` package takes it all the same, and so does the class over it."""
    _, eve = server.enter()
    with eve:
        eve.send(frame(Opcode.TEXT, b"{}", length=b"\x7e\x00\x02") + frame(Opcode.PING, b"still here"))
        if server.websockets == PICOWS:
            assert eve.closing() == 1002
        else:
            assert eve.read() == Answer(Opcode.PONG, b"still here")


@pytest.mark.parametrize("code", [None, 1000, 1001, 1011, 3000, 4999])
def test_a_close_is_answered_alike_and_frees_the_id(server: Site, pair: Pair, code: int | None) -> None:
    name, ann = server.enter()
    with ann:
        ann.send(close(code, b"bye" if code else b""))
        answer = ann.read()
        assert (answer.opcode, answer.code) == (Opcode.CLOSE, code)
        assert ann.is_over()
    with Raw(server.origin) as again:
        again.enter(name)


def test_binary_and_unasked_pongs_mean_nothing(server: Site, pair: Pair) -> None:
    _, ann = server.enter()
    with ann:
        ann.send(frame(Opcode.BINARY, b"\x00\xff" * 1000) + frame(Opcode.PONG, b"unasked") + frame(Opcode.PING, b"!"))
        assert ann.read() == Answer(Opcode.PONG, b"!")


@pytest.mark.parametrize(
    "offered",
    [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame",
        "permessage-deflate; server_max_window_bits=99, bad;;;",
    ],
)
def test_compression_is_never_agreed_to(server: Site, pair: Pair, offered: str) -> None:
    with Raw(server.origin) as raw:
        path = f"/peerjs?key=peerjs&id=raw{next(names)}&token=t"
        head = raw.shake(path, f"Sec-WebSocket-Extensions: {offered}", "Sec-WebSocket-Protocol: chat, superchat")
        assert head.startswith("HTTP/1.1 101")
        assert "extensions" not in head.lower()
        assert "protocol:" not in head.lower()
        assert raw.read().payload == b'{"type":"OPEN"}'
        bomb = bytes.fromhex("ecc1010d000000c2a0f74f6d0f0710f8b7") * 4
        raw.send(frame(Opcode.TEXT, bomb, reserved=4))
        assert raw.closing() == 1002


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"path": "/"}, {404}),
        ({"path": "/peerjs/"}, {404}),
        ({"path": "/somewhere/else?key=peerjs"}, {404}),
        ({"version": "12"}, {426}),
        ({"key": "short"}, {400}),
        ({"key": "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}, {400}),
    ],
)
def test_what_is_no_handshake_is_answered_in_plain_http(server: Site, change: dict[str, str], expected: set[int]) -> None:
    with Raw(server.origin) as raw:
        asked = {"path": "/peerjs?key=peerjs&id=x&token=t"} | change
        head = raw.shake(**asked)
        assert int(head.split()[1]) in expected
        assert raw.body(head)
        assert raw.is_over()


def test_a_request_with_a_body_or_another_method_is_no_handshake(server: Site) -> None:
    for method, extra in (("POST", ""), ("PUT", ""), ("GET", "Content-Length: 3\r\n"), ("GET", "Transfer-Encoding: chunked\r\n")):
        with Raw(server.origin) as raw:
            raw.send(
                f"{method} /peerjs HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{extra}"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            assert raw.head().split()[1] in ("400", "405")


def test_other_http_goes_on_as_before(server: Site) -> None:
    with Raw(server.origin) as raw:
        for _ in range(2):  # on one connection
            raw.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = raw.head()
            assert head.startswith("HTTP/1.1 200")
            assert raw.body(head) == b'{"ok": true}'


def test_a_flood_ends_the_flooder_alone(server: Site, pair: Pair) -> None:
    _, eve = server.enter()
    with eve:
        eve.send(text('{"type":"CANDIDATE","dst":"nobody"}') * 2000)
        assert eve.closing() == 1008
    _, eve = server.enter()
    with eve:
        eve.send(frame(Opcode.PING, b"x" * 125) * 2000)
        for _ in range(2000):
            assert eve.read() == Answer(Opcode.PONG, b"x" * 125)


def test_who_does_not_read_is_cut_off_and_delays_nobody(server: Site, pair: Pair) -> None:
    """Frames for somebody who never reads: first the kernel's buffers fill, then ours, then the socket goes."""
    sloth, _ = deaf = server.enter()
    filler = "x" * 60_000
    with deaf[1]:
        while not is_free(server, sloth):
            _, ann = server.enter()
            with ann:
                for _ in range(300):  # within one burst
                    ann.send(text(offer(sloth, filler).decode()))
                ann.send(frame(Opcode.PING, b"through"))
                while ann.read() != Answer(Opcode.PONG, b"through"):
                    pass
            pair.talk()


def is_free(server: Site, name: str) -> bool:
    with Raw(server.origin) as raw:
        raw.shake(f"/peerjs?key=peerjs&id={name}&token=other")
        return b"OPEN" in raw.read().payload
