import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.registry.resp import Refusal, Reply, pack, read_reply

replies = st.recursive(
    st.none() | st.integers() | st.binary(max_size=60), lambda inner: st.lists(inner, max_size=4), max_leaves=12
)


def as_redis_says(reply: Reply) -> bytes:
    if reply is None:
        return b"$-1\r\n"
    if isinstance(reply, int):
        return b":%d\r\n" % reply
    if isinstance(reply, bytes):
        return b"$%d\r\n%b\r\n" % (len(reply), reply)
    return b"*%d\r\n" % len(reply) + b"".join(map(as_redis_says, reply))


@given(replies, st.binary(max_size=10))
def test_a_reply_is_read_once_it_is_whole(reply: Reply, rest: bytes) -> None:
    said = as_redis_says(reply)
    assert read_reply(b"xx" + said + rest, 2) == (reply, 2 + len(said))
    for end in range(len(said)):
        assert read_reply(said[:end], 0) is None


def test_a_status_and_a_missing_list_are_read() -> None:
    assert read_reply(b"+OK\r\n", 0) == (b"OK", 5)
    assert read_reply(b"*-1\r\n", 0) == (None, 5)


def test_a_refusal_is_a_reply() -> None:
    got = read_reply(b"-NOSCRIPT No matching script.\r\n", 0)
    assert got
    assert isinstance(got[0], Refusal)
    assert str(got[0]) == "NOSCRIPT No matching script."


@pytest.mark.parametrize("said", [b"HTTP/1.1 400\r\n", b"\r\n\r\n", b":x\r\n", b"$\r\n"])
def test_what_no_redis_says_is_an_error(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a reply|invalid literal"):
        read_reply(said, 0)


@given(st.lists(st.lists(st.text() | st.binary(), min_size=1).map(tuple), max_size=5))
def test_commands_are_packed_as_lists_of_texts(commands: list[tuple[str | bytes, ...]]) -> None:
    plain = [[part.encode() if isinstance(part, str) else part for part in command] for command in commands]
    assert pack(commands) == b"".join(map(as_redis_says, plain))
