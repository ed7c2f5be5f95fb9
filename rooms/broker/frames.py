"""The broker's words: how it reads a client's frame on the fast path, and what it says itself (PROTOCOL.md 12.5).

A frame's payload is for the other client. It is skipped here, never decoded, and its bytes are passed on as they came.
"""

import json
import re
from typing import Annotated, Final

import msgspec

from kibitz.wire.broker_frames import PEER_ID
from kibitz.wire.limits import LIMITS

KEY: Final = "peerjs"
"""The only API key; PeerJS clients send it unless told otherwise."""

OWN_WORDS: Final = frozenset({"OPEN", "ERROR", "ID-TAKEN", "INVALID-KEY", "EXPIRE"})
"""What only the broker says. A client that could send these to another would take its id away, or end its calls."""

FOR_THE_BROKER: Final = OWN_WORDS | {"HEARTBEAT"}
"""What is never passed on, whoever it is addressed to."""

OPEN: Final = '{"type":"OPEN"}'
ID_TAKEN: Final = '{"type":"ID-TAKEN","payload":{"msg":"ID is taken"}}'
INVALID_KEY: Final = '{"type":"INVALID-KEY","payload":{"msg":"Invalid key provided"}}'


class Route(msgspec.Struct, frozen=True, gc=False):
    """The two parts of a frame that concern the broker. Of equal names the last counts, as in a browser."""

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=LIMITS["frame_type_chars"])]
    dst: str | None = None


_decode: Final = msgspec.json.Decoder(Route).decode
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeEncodeError, RecursionError)
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""An escaped half of a surrogate pair, as a cut emoji leaves it: JSON to a browser, not to every reader."""


def read_route(text: str) -> Route | None:
    """Type and destination of a frame; None for what no client of ours would send."""
    try:
        return _decode(text)
    except _UNREADABLE:
        return _read_mended(text) if "\\u" in text else None


def _read_mended(text: str) -> Route | None:
    try:
        return _decode(_HALF.sub(r"\\ufffd", text))
    except _UNREADABLE:
        return None


_is_peer_id: Final = re.compile(PEER_ID).fullmatch
"""As valid_peer_id, at a quarter of its cost: each frame for another process is asked about."""


def is_leave(text: str) -> bool:
    """Whether a frame says that its sender goes away."""
    route = read_route(text)
    return route is not None and route.type == "LEAVE"


def is_usable(peer_id: str) -> bool:
    """Whether frames can be meant for this id at all."""
    return len(peer_id) <= LIMITS["peer_id_chars"] and _is_peer_id(peer_id) is not None


def source_mark(sender: str) -> str:
    """How every frame of a sender ends."""
    return f',"src":"{sender}"}}'


def marked(text: str, mark: str) -> str:
    """The frame as it came, with `src` behind everything else: the last of equal names counts, whatever the sender wrote."""
    whole = text if text[-1] == "}" else text.rstrip()
    return whole[:-1] + mark


def error(message: str) -> str:
    """An ERROR frame; PeerJS shows the message."""
    return json.dumps({"type": "ERROR", "payload": {"msg": message}}, separators=(",", ":"))


def expire(missing: str, sender: str) -> str:
    """Nobody has the id that sender wrote to."""
    return json.dumps({"type": "EXPIRE", "src": missing, "dst": sender}, separators=(",", ":"))
