"""What the session asks its shell to do. A socket is a number its shell chose; a close code is RFC 6455's (7.4)."""

from dataclasses import dataclass
from typing import Final

GOING: Final = 1000
POLICY: Final = 1008
RESTARTING: Final = 1012
TRY_LATER: Final = 1013


@dataclass(frozen=True, slots=True)
class Send:
    """Write a text frame to a socket."""

    socket: int
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close a socket."""

    socket: int
    code: int = GOING


@dataclass(frozen=True, slots=True)
class Claim:
    """Ask the registry for an id, then tell the session with `claimed`."""

    socket: int
    peer_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Release:
    """Give an id back to the registry. is_lost: its socket went without a goodbye, so it may come back."""

    peer_id: str
    token: str
    is_lost: bool


@dataclass(frozen=True, slots=True)
class Forward:
    """Bring a frame to an id that is not in this process, or tell the session with `missing` that nobody has it."""

    peer_id: str
    text: str
    sender: str


@dataclass(frozen=True, slots=True)
class Locate:
    """Frames wait for these ids: look whether another process has them by now, and tell the session with `found`."""

    peer_ids: tuple[str, ...]


Effect = Send | Close | Claim | Release | Forward | Locate
