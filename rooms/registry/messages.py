"""The messages between workers, over their channels in Redis: MessagePack arrays, packed once by the sender.

A frame's text is for a client and passes as it is. Source: DESIGN.md, "Across processes".
"""

from collections.abc import Sequence
from typing import Final

import msgspec

Stamp = tuple[int, int]
"""When a batch went out: the number of the sender's link to Redis, and of the batch on it, counting up from 1."""


class Frame(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="f"):
    """A client's frame for an id of the worker it is sent to. Without a text it is a marker, which always comes back.

    doubts: batches that may have brought it before; whoever had one of them had this frame.
    hops: how often it came back from a worker that did not have the id (any more).
    """

    peer_id: str
    text: str
    sender: str
    doubts: tuple[Stamp, ...] = ()
    hops: int = 0


class Returned(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="r"):
    """A frame that comes back: the id is not here."""

    frame: Frame


class Moved(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="m"):
    """Another worker claimed an id that this one held."""

    peer_id: str


Item = Frame | Returned | Moved


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """One message on a channel. worker: who sent it. An empty one is a worker's own heartbeat."""

    worker: str
    stamp: Stamp
    items: list[Item]


NO_STAMP: Final[Stamp] = (0, 0)
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Envelope)
_ARRAY_OF_3: Final = b"\x93"


def packed(worker: str, items: Sequence[Item], stamp: Stamp = NO_STAMP) -> bytes:
    """An envelope that is complete."""
    return _encoder.encode((worker, stamp, items))


def packed_head(worker: str, stamp: Stamp) -> bytes:
    """An envelope up to its items, which the script ROUTE puts behind it."""
    return _ARRAY_OF_3 + _encoder.encode((worker, stamp))[1:]


def packed_frames(frames: Sequence[Frame]) -> list[str | bytes]:
    """Id and packed frame, in turn, as ROUTE wants them."""
    parts: list[str | bytes] = []
    for frame in frames:
        parts += (frame.peer_id, _encoder.encode(frame))
    return parts


def read_envelope(payload: bytes) -> Envelope | None:
    """None: not of this version's making."""
    try:
        return _decoder.decode(payload)
    except msgspec.DecodeError:
        return None
