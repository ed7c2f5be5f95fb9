"""What the broker reads of a client's frame: its type and where it goes, nothing else.

A payload is for the other client, so it has no decoder on this side (server_frames.py is the client's side).
Limit: 64 KiB of UTF-8. Source: PROTOCOL 12.5 and 2.1 (PeerJS's id rule).
Twin: widget/src/wire/broker-frames.ts.
"""

import re
from dataclasses import dataclass
from typing import Final

from kibitz.wire.codec import as_record, matching, optional, text
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import read_json, well_formed

PEER_ID: Final = "[A-Za-z0-9]+(?:[ _-][A-Za-z0-9]+)*"
"""Groups of letters and digits, each two joined by one space, underscore or dash."""

peer_id: Final = matching(PEER_ID, LIMITS["peer_id_chars"])
"""The id of a peer at the broker, at most 64 characters."""

_TOKEN: Final = re.compile(r"[!-~]+")


def valid_peer_id(claimed: str) -> bool:
    """Whether the broker may give this id to a peer."""
    return not isinstance(peer_id.decode(claimed, ""), Refused)


def valid_token(token: str) -> bool:
    """Whether a peer may bring this to re-attach with: 1 to 128 visible ASCII characters."""
    return len(token) <= LIMITS["broker_token_chars"] and _TOKEN.fullmatch(token) is not None


@dataclass(frozen=True, slots=True)
class ClientFrame:
    """A frame as the broker sees it.

    destination: the peer id it goes to; None: it is for the broker (a heartbeat) or for nobody.
    brings_src: it has a field `src` of its own, be it null, which must not reach anybody: who sent it is for the broker to say.
    """

    type: str
    destination: str | None
    brings_src: bool


def read_frame(frame: str, max_bytes: int) -> object | Refused:
    """The value of a frame's JSON text; refuses `too-large` (UTF-8 bytes) and what read_json refuses."""
    if len(frame) > max_bytes or (not frame.isascii() and len(well_formed(frame).encode()) > max_bytes):
        return Refused("too-large")
    return read_json(frame, max_bytes)


_frame_type: Final = text(LIMITS["frame_type_chars"], least=1)
_destination: Final = optional(peer_id)


def read_client_frame(frame: str) -> ClientFrame | Refused:
    """Type and destination of a client's frame.

    Refuses what read_frame refuses, `not-a-record`, and a bad `type` or `dst`.
    """
    value = read_frame(frame, LIMITS["client_frame_bytes"])
    entries = value if isinstance(value, Refused) else as_record(value, "")
    if isinstance(entries, Refused):
        return entries
    word = entries.get("type")
    kind = Refused("missing", "type") if word is None else _frame_type.decode(word, "type")
    if isinstance(kind, Refused):
        return kind
    destination = _destination.decode(entries.get("dst"), "dst")
    return destination if isinstance(destination, Refused) else ClientFrame(kind, destination, "src" in entries)
