"""The name of a room: normalised, refused when it names nothing, and turned into the PeerJS id the room meets under.

Invariant: a name is normalised until stable, so the id never ends in a dash and normalising twice changes nothing.
Limit: 40 characters of a-z, 0-9 and dashes. Source: PROTOCOL.md 0.1, 2 and 17.1.
Twin: widget/src/wire/rooms.ts.
"""

import hashlib
import json
import re
from importlib.resources import files
from typing import Final

from kibitz.wire.limits import LIMITS
from kibitz.wire.link_params import Raw, first
from kibitz.wire.refusal import Refused
from kibitz.wire.values import well_formed

RESERVED: Final = frozenset(
    {"new", "install", "uninstall", "privacy", "terms", "security", "relay", "setup", "docs", "extension", "help", "wake"}
)
"""Names of pages, never rooms (PROTOCOL.md 2.3)."""

WORDS: Final[tuple[str, ...]] = tuple(json.loads(files(__package__).joinpath("words.json").read_text("utf-8")))
"""First halves of fresh room codes: 128, so that seven bits of one byte choose without bias."""

NEW_ROOM_BYTES: Final = 32
"""Random bytes a fresh code asks for: 11 are used, the rest stand in for those that would bias the choice (1 in 64)."""

_FIGURES: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_CODE_CHARS: Final = 10
_EVEN_BELOW: Final = 252
"""The largest multiple of 36 that a byte reaches: bytes below it choose each figure equally often."""

_OTHERS = re.compile(r"[^a-z0-9]+")
_DOOR_KEYS: Final = ("g", "gk", "gm", "ge", "gc", "gi", "gei", "gch", "gh", "gho", "gl")


def normalise(text: str) -> str:
    """The name a text stands for, perhaps empty (PROTOCOL.md 2.1): `  Hello, World!  ` is `hello-world`."""
    return _dashed(text)[: LIMITS["room_chars"]].strip("-")


def _dashed(text: str) -> str:
    return _OTHERS.sub("-", text.lower()).strip("-")


def room_id(text: str) -> str | Refused:
    """The room of a link, cut to 40 so that old links open. Refuses `room-empty`, `room-reserved`."""
    name = normalise(text)
    if not name:
        return Refused("room-empty")
    return Refused("room-reserved") if name in RESERVED else name


def typed_room_id(text: str) -> str | Refused:
    """The room a person typed; what would be cut is refused instead. As room_id, and `room-too-long`."""
    return Refused("room-too-long") if len(_dashed(text)) > LIMITS["room_chars"] else room_id(text)


def peer_id(room: str) -> str:
    """The PeerJS id of a room without `gx`. room: normalised. Frozen (PROTOCOL.md 2.2)."""
    return f"kbz-v1-{room}"


def gx_peer_id(room: str, raw: Raw) -> str:
    """The PeerJS id of a `gx` room: another rule at the door is another place (PROTOCOL.md 17.1).

    room: normalised. raw: the link's parameters as they stand; first occurrence, empty counts as absent.
    """
    rules = "&".join(f"{key}={value}" for key in _DOOR_KEYS if (value := first(raw, key)))
    digest = hashlib.sha256(well_formed(f"kbz-room.v1|{room}|{rules}").encode()).hexdigest()
    return f"kbz-x1-{digest[:40]}"


def new_room(random: bytes) -> str | Refused:
    """A fresh code that nobody guesses, `<word>-<10 of a-z0-9>`: 51 bits after the word (PROTOCOL.md 2.3).

    random: NEW_ROOM_BYTES from a cryptographic source; refuses `missing` when too few of them are usable.
    """
    usable = [byte for byte in random[1:] if byte < _EVEN_BELOW][:_CODE_CHARS]
    if len(usable) < _CODE_CHARS:
        return Refused("missing", "random")
    return f"{WORDS[random[0] % len(WORDS)]}-{''.join(_FIGURES[byte % len(_FIGURES)] for byte in usable)}"
