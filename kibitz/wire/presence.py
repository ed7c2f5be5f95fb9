"""What a participant says to the room's coordinator on the presence star.

A credential that is too long is refused `too-long` at `jwt`, `agentAssertion` or `agentCredit`; the coordinator answers
that with `unverified` (4.3). Everything else unreadable is ignored by the receiver.
Source: PROTOCOL 4.1, 17.3 and 0 (lines 7, 8, 15, 18, 20).
Twin: widget/src/wire/presence.ts.
"""

from dataclasses import dataclass
from typing import Any, Final

from kibitz.wire.broker_frames import peer_id
from kibitz.wire.codec import Codec, Field, checked, either, flag, join, matching, one_of, optional, record, tagged
from kibitz.wire.fields import (
    Shown,
    SignedOrder,
    assertion,
    avatar,
    command_token,
    credential,
    digest,
    display_name,
    media_id,
    order_token,
    pass_token,
    seat_token,
    shown_entries,
    signed_order,
    tags,
)
from kibitz.wire.host_commands import OPERATIONS, TARGETED
from kibitz.wire.refusal import Refused
from kibitz.wire.roster import Meta, has_microphone, told_meta
from kibitz.wire.tokens import seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """I am here. tags: None from an older build."""

    tags: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """I leave the call; the connection stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """May I come in? credential: what the gate asks for; assertion, credit: of an agent."""

    name: str
    avatar: str | None = None
    seat_token: str | None = None
    media_id: str | None = None
    credential: str | None = None
    assertion: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """I am in the call, or out of it, with this state. has_microphone: None from an older build."""

    is_in_call: bool
    has_camera: bool
    name: str
    avatar: str | None = None
    media_id: str | None = None
    seat_token: str | None = None
    has_microphone: bool | None = None
    meta: Meta | None = None
    credential: str | None = None
    assertion: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCommand:
    """A host command under the host key (9.4). pass_token: goes with an `admit` where the door asks for passes (17.3)."""

    token: str
    pass_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What the host wants. target: a media id for kick, a link id for admit and deny; issued_at: epoch seconds."""

    operation: str
    target: str | None = None
    issued_at: float
    command_id: str


@dataclass(frozen=True, slots=True)
class PlainCommand:
    """A host command that counts by the connection it came on (0.8)."""

    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """What I show at the door of this connection (17.3). browser_id: this browser in this room, for bans."""

    own_id: str
    other_id: str
    tags: list[str]
    entries: list[Shown]
    order: str | None = None
    browser_id: str


def _names_its_target(command: Command, where: str) -> Refused | None:
    if command.operation in TARGETED and command.target is None:
        return Refused("no-target", join(where, "target"))
    return None


_name: Final = Field("name", display_name)
_avatar: Final = Field("avatar", avatar)
_seat_token: Final = Field("token", seat_token)
_media_id: Final = Field("voiceId", media_id)
_credential: Final = Field("jwt", credential)
_assertion: Final = Field("agentAssertion", assertion)
_credit: Final = Field("agentCredit", credential)

ping: Final = record(Ping, tags=Field("f", optional(tags)))
_knock: Final = record(
    Knock,
    name=_name,
    avatar=_avatar,
    seat_token=_seat_token,
    media_id=_media_id,
    credential=_credential,
    assertion=_assertion,
    credit=_credit,
)
_announce: Final = record(
    Announce,
    is_in_call=Field("on", flag),
    has_camera=Field("cam", flag),
    name=_name,
    avatar=_avatar,
    media_id=_media_id,
    seat_token=_seat_token,
    has_microphone=has_microphone,
    meta=Field("meta", told_meta),
    credential=_credential,
    assertion=_assertion,
    credit=_credit,
)
_signed_command: Final = record(
    SignedCommand,
    token=Field("token", command_token),
    pass_token=Field("pass", optional(pass_token)),
)
_command: Final = record(
    Command,
    operation=Field("op", one_of(*OPERATIONS)),
    target=Field("target", media_id),
    issued_at=Field("iat", seconds),
    command_id=Field("jti", matching("[0-9a-f]{24}", 24)),
)
_plain_command: Final = record(PlainCommand, command=Field("cmd", checked(_command, _names_its_target)))
_mod: Final = either("cmd", (PlainCommand, _plain_command), (SignedCommand, _signed_command))

show: Final = record(
    Show,
    own_id=Field("id", peer_id),
    other_id=Field("to", peer_id),
    tags=Field("f", tags),
    entries=Field("show", shown_entries),
    order=Field("order", optional(order_token)),
    browser_id=Field("bid", digest),
)

to_coordinator: Final[Codec[Any]] = tagged(
    "t",
    {
        "ping": ping,
        "leave": record(Leave),
        "knock": _knock,
        "voice": _announce,
        "mod": _mod,
        "order": signed_order,
        "show": show,
    },
    {
        "ping": Ping,
        "leave": Leave,
        "knock": Knock,
        "voice": Announce,
        "mod": (SignedCommand, PlainCommand),
        "order": SignedOrder,
        "show": Show,
    },
)
"""Participant -> coordinator (4.1)."""

ToCoordinator = Ping | Leave | Knock | Announce | SignedCommand | PlainCommand | SignedOrder | Show
