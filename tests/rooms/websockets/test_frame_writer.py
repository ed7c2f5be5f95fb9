import pytest

from rooms.websockets.frame_writer import LINGER_S, FrameWriter
from rooms.websockets.messages import NO_CODE
from rooms.websockets.port import CLOSING_S
from tests.rooms.websockets.fakes import FakeLoop, FakeTransport

MOST = 10


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def loop() -> FakeLoop:
    return FakeLoop()


@pytest.fixture
def writer(transport: FakeTransport, loop: FakeLoop) -> FrameWriter:
    made = FrameWriter(transport.as_transport(), loop.as_loop())
    made.most_bytes = MOST
    return made


def test_what_the_socket_takes_is_written_at_once(writer: FrameWriter, transport: FakeTransport) -> None:
    writer.write("x" * 1000)
    assert transport.done == ["x" * 1000]
    assert writer.queued_bytes == 0


def test_what_it_does_not_take_waits_in_order(writer: FrameWriter, transport: FakeTransport) -> None:
    writer.is_paused = True
    writer.write("one")
    writer.write("two")
    assert (transport.done, writer.queued_bytes) == ([], 6)
    writer.resume()
    writer.write("three")
    assert (transport.done, writer.queued_bytes) == (["one", "two", "three"], 0)


def test_a_socket_that_fills_up_again_keeps_the_rest_waiting(writer: FrameWriter, transport: FakeTransport) -> None:
    writer.is_paused = True
    for word in ("one", "two", "six"):
        writer.write(word)

    def fill() -> None:
        writer.is_paused = True

    transport.on_send = fill
    writer.resume()
    assert (transport.done, writer.queued_bytes) == (["one"], 6)
    writer.resume()
    writer.resume()
    assert transport.done == ["one", "two", "six"]


def test_who_lets_too_much_wait_is_cut_off(writer: FrameWriter, transport: FakeTransport) -> None:
    writer.is_paused = True
    writer.write("x" * MOST)
    assert transport.done == []
    writer.write("x")
    assert writer.is_overrun
    assert transport.done == ["cut"]
    writer.write("more")
    assert writer.queued_bytes == 0


def test_a_close_comes_after_what_waits(writer: FrameWriter, transport: FakeTransport) -> None:
    writer.is_paused = True
    writer.write("last")
    writer.close(1013)
    writer.write("too late")
    writer.resume()
    assert transport.done == ["last", ("CLOSE", 1013)]


def test_a_close_that_is_not_answered_is_cut_off(writer: FrameWriter, transport: FakeTransport, loop: FakeLoop) -> None:
    writer.close(1000)
    writer.close(1008)
    loop.pass_s(CLOSING_S - 0.1)
    assert transport.done == [("CLOSE", 1000)]
    loop.pass_s(0.2)
    assert transport.done == [("CLOSE", 1000), "cut"]


def test_nothing_is_cut_that_is_gone(writer: FrameWriter, transport: FakeTransport, loop: FakeLoop) -> None:
    writer.close(1000)
    writer.gone()
    writer.close(1000)
    loop.pass_s(2 * CLOSING_S)
    assert transport.done == [("CLOSE", 1000)]


@pytest.mark.parametrize(("code", "told"), [(1001, ("CLOSE", 1001)), (NO_CODE, ("CLOSE", None)), (4000, ("CLOSE", 4000))])
def test_a_client_that_closes_gets_its_code_back(
    writer: FrameWriter, transport: FakeTransport, code: int, told: tuple[str, int | None]
) -> None:
    writer.is_paused = True
    writer.write("dropped")
    writer.answer_close(code)
    assert transport.done == [told, "disconnect"]


def test_a_broken_rule_closes_at_once_even_behind_a_close_that_waits(writer: FrameWriter, transport: FakeTransport) -> None:
    writer.is_paused = True
    writer.write("dropped")
    writer.close(1000)
    writer.fail(1002)
    assert transport.done == [("CLOSE", 1000)]


def test_who_broke_a_rule_is_cut_off_soon(writer: FrameWriter, transport: FakeTransport, loop: FakeLoop) -> None:
    writer.fail(1002)
    loop.pass_s(LINGER_S)
    assert transport.done == [("CLOSE", 1002), "cut"]


def test_pongs_do_not_pile_up_for_who_does_not_read(writer: FrameWriter, transport: FakeTransport) -> None:
    writer.pong(b"1")
    writer.is_paused = True
    for number in b"234":
        writer.pong(bytes([number]))
    writer.ping()
    writer.resume()
    assert transport.done == [("PONG", b"1"), ("PONG", b"4")]
