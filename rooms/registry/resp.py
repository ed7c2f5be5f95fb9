"""Redis's protocol as far as the registry needs it: RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/. Pure.

redis-py speaks all of it, but takes longer over one batch than the batch takes in Redis; the registry's traffic is few and
large commands, for which these few lines do.
"""

from collections.abc import Iterable
from typing import Any, Final

RawCommand = tuple[str | bytes, ...]
"""A command's name and its arguments."""


class Refusal(Exception):  # noqa: N818  # a reply that says no; raised where nobody expected one
    """Redis does not do what it was asked to."""


Reply = Any
"""bytes (also for a status), int, None, a list of replies, or a Refusal."""

_END: Final = b"\r\n"
_STATUS, _ERROR, _NUMBER, _TEXT, _LIST = b"+-:$*"


def pack(commands: Iterable[RawCommand]) -> bytes:
    """Commands as bytes to send."""
    parts: list[bytes] = []
    for command in commands:
        parts.append(b"*%d\r\n" % len(command))
        for argument in command:
            raw = argument.encode() if isinstance(argument, str) else argument
            parts += (b"$%d\r\n" % len(raw), raw, _END)
    return b"".join(parts)


def read_reply(buffer: bytes, at: int) -> tuple[Reply, int] | None:
    """The reply that begins at a place, and where the next one does; None: more bytes must come.

    Raises ValueError for what no Redis says.
    """
    end = buffer.find(_END, at)
    if end < 0:
        return None
    kind, head, at = buffer[at], buffer[at + 1 : end], end + 2
    if kind == _TEXT:
        return _read_text(buffer, int(head), at)
    if kind == _LIST:
        return _read_list(buffer, int(head), at)
    if kind == _NUMBER:
        return int(head), at
    if kind == _STATUS:
        return head, at
    if kind == _ERROR:
        return Refusal(head.decode(errors="replace")), at
    raise ValueError("not a reply of Redis")


def _read_text(buffer: bytes, length: int, at: int) -> tuple[Reply, int] | None:
    if length < 0:
        return None, at
    if len(buffer) < at + length + 2:
        return None
    return buffer[at : at + length], at + length + 2


def _read_list(buffer: bytes, length: int, at: int) -> tuple[Reply, int] | None:
    if length < 0:
        return None, at
    replies: list[Reply] = []
    for _ in range(length):
        got = read_reply(buffer, at)
        if got is None:
            return None
        reply, at = got
        replies.append(reply)
    return replies, at
