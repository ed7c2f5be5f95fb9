"""What the room's coordinator says to a participant on the presence star.

Source: PROTOCOL 4.2, 17.3, 19 and 0 (lines 5, 7, 25, 29). The roster itself is in roster.py.
Twin: widget/src/wire/coordination.ts.
"""

from dataclasses import dataclass
from typing import Any, Final

from kibitz.wire.broker_frames import peer_id
from kibitz.wire.codec import Codec, Field, kept, one_of, optional, record, tagged, text
from kibitz.wire.fields import (
    Pass,
    Record,
    Shown,
    avatar,
    command_token,
    display_name,
    order_token,
    pass_message,
    record_message,
    shown_entries,
)
from kibitz.wire.fingerprints import fingerprint
from kibitz.wire.limits import LIMITS
from kibitz.wire.presence import Ping, Show, ping, show
from kibitz.wire.roster import Roster, roster


@dataclass(frozen=True, slots=True, kw_only=True)
class LobbyAnswer:
    """Where somebody stands who knocked or announced."""

    status: str
    order: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kick:
    """You are removed. token: the host's command or an order, where the receiver asks for one (0.25)."""

    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Clear what was said and drawn. token: as in Kick."""

    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Knocker:
    """Somebody who waits. fingerprint, entries: in rooms whose door everyone checks (17.3)."""

    link_id: str
    name: str
    avatar: str | None = None
    fingerprint: str | None = None
    entries: list[Shown] | None = None


@dataclass(frozen=True, slots=True)
class Knocks:
    """Everybody who waits, for the host, oldest first; unreadable entries are left out."""

    waiting: list[Knocker]


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """Your command was not obeyed. why: `clock`, or a word of a newer build."""

    why: str


_knocker: Final = record(
    Knocker,
    link_id=Field("id", peer_id),
    name=Field("name", display_name),
    avatar=Field("avatar", avatar),
    fingerprint=Field("fp", optional(fingerprint)),
    entries=Field("show", optional(shown_entries)),
)
_lobby_answer: Final = record(
    LobbyAnswer,
    status=Field("status", one_of("waiting", "admitted", "denied", "locked", "unverified")),
    order=Field("order", optional(order_token)),
)
_kick: Final = record(Kick, token=Field("token", optional(order_token)))
_reset: Final = record(Reset, token=Field("token", optional(command_token)))
_knocks: Final = record(Knocks, waiting=Field("list", kept(_knocker, LIMITS["knock_entries"])))
_command_refused: Final = record(CommandRefused, why=Field("why", text(LIMITS["word_chars"], least=1)))

to_participant: Final[Codec[Any]] = tagged(
    "t",
    {
        "ping": ping,
        "roster": roster,
        "lobby": _lobby_answer,
        "kick": _kick,
        "reset": _reset,
        "knocks": _knocks,
        "show": show,
        "pass": pass_message,
        "record": record_message,
        "mod-refused": _command_refused,
    },
    {
        "ping": Ping,
        "roster": Roster,
        "lobby": LobbyAnswer,
        "kick": Kick,
        "reset": Reset,
        "knocks": Knocks,
        "show": Show,
        "pass": Pass,
        "record": Record,
        "mod-refused": CommandRefused,
    },
)
"""Coordinator -> participant (4.2)."""

ToParticipant = Ping | Roster | LobbyAnswer | Kick | Reset | Knocks | Show | Pass | Record | CommandRefused
