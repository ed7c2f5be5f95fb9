"""Fields and small records that several messages share, so that a name or a pass is read the same everywhere.

Source: PROTOCOL 0 (lines 7, 15, 20), 4, 6.4, 17.2 and 19.
Twin: widget/src/wire/fields.ts.
"""

from dataclasses import dataclass
from typing import Final

from kibitz.wire.broker_frames import peer_id
from kibitz.wire.codec import (
    Codec,
    Field,
    checked,
    filled,
    kept,
    many,
    matching,
    one_of,
    record,
    shown,
    text,
)
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import utf16_units

NO_NAME: Final = "Guest"

_name: Final = shown(LIMITS["name_chars"])


def _decode_name(value: object, where: str) -> str | Refused:
    return _name.decode(value, where) or NO_NAME


display_name: Final[Codec[str]] = Codec(_decode_name, absent=lambda where: NO_NAME)
"""A person's name: cut, not refused, since older builds know no limit (0.15); nothing left or absent is `Guest`."""

avatar: Final = filled(shown(LIMITS["avatar_chars"]))
"""An emoji, cut like a name; empty is none."""

media_id: Final = filled(peer_id)
"""A member's public identity, or none (older builds say so with an empty text)."""

seat_token: Final = filled(text(LIMITS["seat_token_chars"]))
credential: Final = filled(text(LIMITS["credential_chars"]))
assertion: Final = filled(text(LIMITS["assertion_chars"]))

command_token: Final = text(LIMITS["command_chars"], least=1)
pass_token: Final = text(LIMITS["pass_chars"], least=1)
order_token: Final = text(LIMITS["order_chars"], least=1)

tags: Final = kept(text(LIMITS["tag_chars"], least=1), LIMITS["tags"])
"""Feature tags (6.4): whatever is not one is passed over."""

digest: Final = matching("[A-Za-z0-9_-]{43}", LIMITS["digest_chars"])
"""base64url of 32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What somebody shows at the door for one rule (17.2)."""

    rule: str
    credential: str
    proof: str | None = None


_shown: Final = record(
    Shown,
    rule=Field("m", one_of("host", "invite", "code", "google", "email", "pass", "agent")),
    credential=Field("cred", text(LIMITS["credential_chars"], least=1)),
    proof=Field("proof", filled(text(LIMITS["proof_chars"]))),
)

shown_entries: Final = many(_shown, LIMITS["show_entries"])
"""One entry for each rule of the link; empty where no rule is in force."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A host's signed pass for the receiver (17.3)."""

    token: str


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """The newest standing order the sender holds (0.7)."""

    token: str


@dataclass(frozen=True, slots=True)
class Record:
    """A run of the host's signed acts, oldest first (19)."""

    tokens: list[str]


def _within_record(tokens: list[str], where: str) -> Refused | None:
    return Refused("too-large", where) if sum(map(utf16_units, tokens)) > LIMITS["record_chars"] else None


pass_message: Final = record(Pass, token=Field("token", pass_token))
signed_order: Final = record(SignedOrder, token=Field("token", order_token))
record_message: Final = record(
    Record, tokens=Field("tokens", checked(many(order_token, LIMITS["record_tokens"]), _within_record))
)
