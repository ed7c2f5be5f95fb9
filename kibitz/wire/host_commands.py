"""Signed host commands (message `mod`): what the host asks of whoever coordinates, and each member checks for itself.

A command holds for one room, one certificate and two minutes, and is done once. `kick` names a media id, `admit` and
`deny` a presence connection; other commands ignore a target. Commands and orders share one counter `seq` and the chain
`prev` (section 19). Source: PROTOCOL.md 0.6, 0.25, 9.4. Twin: widget/src/wire/host-commands.ts.
"""

from dataclasses import dataclass
from typing import Final

from kibitz.wire.codec import Codec, Field, filled, matching, one_of, optional, record, text, whole
from kibitz.wire.fingerprints import fingerprint
from kibitz.wire.keys import PublicKey, SigningKey
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import body_id, open_claims, seconds, sign_claims, token_digest, wrong_age, wrong_certificate, wrong_room

COMMAND_KIND: Final = "kbz-host-cmd.v1"
OPERATIONS: Final = ("claim", "lobbyon", "lobbyoff", "admit", "deny", "lock", "unlock", "reset", "kick")
TARGETED: Final = ("admit", "deny", "kick")
"""Operations upon somebody."""

COMMAND_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class HostCommand:
    """What a command says. fingerprint: the signer's own; issued_at: epoch seconds.

    command_id, seq and prev are missing in commands of older builds.
    """

    room: str
    fingerprint: str
    operation: str
    target: str | None
    issued_at: float
    command_id: str | None = None
    seq: int | None = None
    prev: str | None = None


host_command: Final[Codec[HostCommand]] = record(
    HostCommand,
    room=Field("room", text(LIMITS["room_chars"])),
    fingerprint=Field("fp", fingerprint),
    operation=Field("op", one_of(*OPERATIONS)),
    target=Field("target", filled(text(LIMITS["peer_id_chars"]))),
    issued_at=Field("iat", seconds),
    command_id=Field("jti", optional(matching("[A-Za-z0-9_-]+", LIMITS["jti_chars"]))),
    seq=Field("seq", optional(whole())),
    prev=Field("prev", optional(token_digest)),
)


def command_id(random: bytes) -> str:
    """A fresh `jti`: 24 hex digits of 12 random bytes."""
    if len(random) != COMMAND_ID_BYTES:
        raise ValueError("a command id is made of 12 bytes")
    return random.hex()


def sign_command(value: HostCommand, host: SigningKey) -> str:
    """The token of a command."""
    return sign_claims(COMMAND_KIND, host_command, value, host)


def open_command(token: str, host: PublicKey, room: str) -> HostCommand | Refused:
    """A command as the record keeps it: whatever its age. Order: the token's refusals, the fields', `wrong-room`, `no-target`."""
    found = open_claims(token, host, COMMAND_KIND, host_command, LIMITS["command_chars"])
    if isinstance(found, Refused):
        return found
    return wrong_room(found.room, room) or _without_target(found) or found


def _without_target(found: HostCommand) -> Refused | None:
    return Refused("no-target", "target") if found.operation in TARGETED and found.target is None else None


def check_command(token: str, host: PublicKey, *, room: str, handshook: str | None, now: float) -> HostCommand | Refused:
    """A command to obey now: as open_command, then `wrong-certificate`, `not-yet-valid`, `too-old`.

    handshook: the fingerprint of the connection it came on; None where it is passed on by others, or is one's own (0.25, 9.4).
    """
    found = open_command(token, host, room)
    if isinstance(found, Refused):
        return found
    elsewhere = None if handshook is None else wrong_certificate(found.fingerprint, handshook)
    return elsewhere or wrong_age(found.issued_at, now, LIMITS["command_ahead_s"], LIMITS["command_age_s"]) or found


def command_mark(found: HostCommand, token: str) -> str:
    """What a done command is remembered by (0.6): its jti, else the SHA-256 of its body, which can have many signatures."""
    return body_id(token) if found.command_id is None else found.command_id


def done_once(done: tuple[str, ...], mark: str) -> tuple[str, ...] | Refused:
    """The memory with one more command, the newest 256 kept; `already-done` if it is in it."""
    return Refused("already-done") if mark in done else (*done, mark)[-LIMITS["commands_remembered"] :]
