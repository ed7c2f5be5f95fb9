from picows import WSMsgType
from picows.picows import _make_test_ws_frame

from rooms.websockets.frame_listener import FrameListener
from tests.rooms.websockets.fakes import FakeLoop, FakeTransport

PERIOD_S = 20.0


class Bench:
    """A listener over a fake connection, and what it told."""

    def __init__(self, period_s: float | None = PERIOD_S) -> None:
        self.loop = FakeLoop()
        self.transport = FakeTransport()
        self.ends: list[int] = []
        self.gone = 0
        self.heard: list[tuple[int, str]] = []
        self.listener = FrameListener(self.loop.as_loop(), 100, period_s, self.ends.append, self._is_gone)
        self.listener.on_ws_connected(self.transport.as_transport())
        self.listener.listen(lambda number, text: self.heard.append((number, text)), 7)

    def _is_gone(self) -> None:
        self.gone += 1

    def frame(self, kind: WSMsgType, payload: bytes = b"", *, fin: bool = True, rsv1: bool = False) -> None:
        self.listener.on_ws_frame(self.transport.as_transport(), _make_test_ws_frame(kind, payload, fin, rsv1))


def test_texts_are_heard_whole_and_in_order() -> None:
    bench = Bench()
    bench.frame(WSMsgType.TEXT, b"one")
    bench.frame(WSMsgType.TEXT, b"t", fin=False)
    bench.frame(WSMsgType.PING, b"?")
    bench.frame(WSMsgType.CONTINUATION, b"wo")
    bench.frame(WSMsgType.BINARY, b"\xff")
    bench.frame(WSMsgType.TEXT, "drei €".encode())
    assert bench.heard == [(7, "one"), (7, "two"), (7, "drei €")]
    assert bench.transport.done == [("PONG", b"?")]


def test_nothing_is_heard_after_a_broken_rule() -> None:
    for kind, payload, rsv1, code in (
        (WSMsgType.TEXT, b"\xff", False, 1007),
        (WSMsgType.TEXT, b"x", True, 1002),
        (WSMsgType.CONTINUATION, b"x", False, 1002),
        (WSMsgType.CLOSE, b"\x00\x00", False, 1002),
    ):
        bench = Bench()
        bench.frame(kind, payload, rsv1=rsv1)
        bench.frame(WSMsgType.TEXT, b"late")
        assert (bench.ends, bench.heard) == ([code], [])
        assert bench.transport.done == [("CLOSE", code)]


def test_nothing_is_heard_after_the_clients_close() -> None:
    bench = Bench()
    bench.frame(WSMsgType.CLOSE)
    bench.frame(WSMsgType.TEXT, b"late")
    bench.listener.on_ws_disconnected(bench.transport.as_transport())
    assert (bench.ends, bench.heard, bench.gone) == ([1005], [], 1)
    assert bench.transport.done == [("CLOSE", None), "disconnect"]


def test_after_our_close_only_the_answer_counts() -> None:
    bench = Bench()
    bench.listener.line(100).close(1000)
    bench.frame(WSMsgType.TEXT, b"late")
    bench.frame(WSMsgType.PING, b"?")
    bench.frame(WSMsgType.CLOSE, b"\x03\xe8")
    assert bench.heard == []
    assert bench.transport.done == [("CLOSE", 1000), "disconnect"]


def test_a_lost_connection_is_told_as_such_once() -> None:
    bench = Bench()
    bench.listener.on_ws_disconnected(bench.transport.as_transport())
    assert (bench.ends, bench.gone) == ([1006], 1)
    bench.loop.pass_s(10 * PERIOD_S)
    assert bench.transport.done == []


def test_a_silent_socket_is_asked_then_cut_off() -> None:
    bench = Bench()
    bench.loop.pass_s(2 * PERIOD_S)
    assert bench.transport.done == ["PING"]
    bench.loop.pass_s(PERIOD_S)
    assert bench.transport.done == ["PING", "cut"]


def test_one_that_answers_stays_and_one_that_speaks_is_not_asked() -> None:
    bench = Bench()
    for _ in range(5):
        bench.loop.pass_s(2 * PERIOD_S)
        bench.frame(WSMsgType.PONG)
    assert bench.transport.done == ["PING"] * 5
    for _ in range(50):
        bench.loop.pass_s(PERIOD_S / 4)
        bench.frame(WSMsgType.TEXT, b"x")
    assert bench.transport.done == ["PING"] * 5


def test_without_a_period_nobody_is_asked() -> None:
    bench = Bench(period_s=None)
    bench.loop.pass_s(1000)
    assert bench.transport.done == []
