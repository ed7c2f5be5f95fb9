from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.websockets.messages import NO_CODE, Closed, Fault, Inbox, Opcode, Ping, Text

CAP = 100


def fed(*frames: tuple[int, bytes, bool]) -> list[object]:
    inbox = Inbox(CAP)
    return [inbox.take(opcode, payload, is_final=is_final, is_reserved=False) for opcode, payload, is_final in frames]


def test_a_text_in_one_frame() -> None:
    assert fed((Opcode.TEXT, "é".encode(), True)) == [Text("é")]


def test_fragments_are_put_together_with_a_ping_between_and_a_letter_cut_in_two() -> None:
    head, tail = "é".encode()[:1], "é".encode()[1:]
    assert fed(
        (Opcode.TEXT, b"a" + head, False),
        (Opcode.PING, b"?", True),
        (Opcode.CONTINUATION, b"", False),
        (Opcode.CONTINUATION, tail + b"b", True),
        (Opcode.TEXT, b"c", True),
    ) == [None, Ping(b"?"), None, Text("aéb"), Text("c")]


@given(st.text(max_size=30), st.lists(st.integers(0, 120), max_size=8))
def test_however_a_text_is_cut_it_comes_out_whole(message: str, cuts: list[int]) -> None:
    data = message.encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(edges)]
    frames = [
        (Opcode.CONTINUATION if number else Opcode.TEXT, part, number == len(parts) - 1) for number, part in enumerate(parts)
    ]
    inbox = Inbox(1000)
    assert [inbox.take(*frame[:2], is_final=frame[2], is_reserved=False) for frame in frames][-1] == Text(message)


@pytest.mark.parametrize(
    "frames",
    [
        [(Opcode.TEXT, b"x" * (CAP + 1), True)],
        [(Opcode.TEXT, b"x" * CAP, False), (Opcode.CONTINUATION, b"x", True)],
        [(Opcode.BINARY, b"x" * CAP, False), (Opcode.CONTINUATION, b"x", False)],
    ],
)
def test_more_than_the_cap_is_too_big(frames: list[tuple[int, bytes, bool]]) -> None:
    assert fed(*frames)[-1] == Fault(1009)


def test_the_cap_itself_is_allowed() -> None:
    assert fed((Opcode.TEXT, b"x" * 60, False), (Opcode.CONTINUATION, b"x" * 40, True)) == [None, Text("x" * CAP)]


def test_binary_messages_are_dropped() -> None:
    assert (
        fed((Opcode.BINARY, b"\xff", True), (Opcode.BINARY, b"\xff", False), (Opcode.CONTINUATION, b"\xff", True)) == [None] * 3
    )


@pytest.mark.parametrize(
    "frames",
    [
        [(Opcode.CONTINUATION, b"x", True)],
        [(Opcode.TEXT, b"x", False), (Opcode.TEXT, b"x", True)],
        [(Opcode.TEXT, b"x", False), (Opcode.BINARY, b"x", True)],
    ],
)
def test_parts_out_of_order_break_the_protocol(frames: list[tuple[int, bytes, bool]]) -> None:
    assert fed(*frames)[-1] == Fault(1002)


@pytest.mark.parametrize("opcode", list(Opcode))
def test_reserved_bits_break_the_protocol(opcode: int) -> None:
    assert Inbox(CAP).take(opcode, b"", is_final=True, is_reserved=True) == Fault(1002)


@pytest.mark.parametrize("data", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"])
def test_what_is_not_utf8_is_no_text(data: bytes) -> None:
    assert fed((Opcode.TEXT, data, True)) == [Fault(1007)]
    assert fed((Opcode.CLOSE, b"\x03\xe8" + data, True)) == [Fault(1007)]


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4999])
def test_a_close_gives_its_code(code: int) -> None:
    assert fed((Opcode.CLOSE, code.to_bytes(2, "big") + b"bye", True)) == [Closed(code)]


def test_a_close_may_be_without_one() -> None:
    assert fed((Opcode.CLOSE, b"", True)) == [Closed(NO_CODE)]


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535])
def test_codes_that_nobody_may_send_break_the_protocol(code: int) -> None:
    assert fed((Opcode.CLOSE, code.to_bytes(2, "big"), True)) == [Fault(1002)]


def test_half_a_code_breaks_the_protocol() -> None:
    assert fed((Opcode.CLOSE, b"\x03", True)) == [Fault(1002)]


def test_pongs_mean_nothing() -> None:
    assert fed((Opcode.PONG, b"unasked", True)) == [None]
