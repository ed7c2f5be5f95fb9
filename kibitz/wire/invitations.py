"""Invitations (`gt`): a name for one guest, signed under the link's `gk`.

With `cnf`, the guest's own public key, an invitation is worth nothing without that key's signature over this
connection's certificate, so whoever it is shown to cannot use it. One without `cnf` is a bearer token of older links
and never passes the door of section 17. Source: PROTOCOL.md 9.2, 17.2. Twin: widget/src/wire/invitations.ts.
"""

from dataclasses import dataclass
from typing import Final

from kibitz.wire.codec import Codec, Field, fallback, join, optional, record, shown, text
from kibitz.wire.fingerprints import fingerprint
from kibitz.wire.keys import PublicKey, SigningKey, public_key, thumbprint
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import open_claims, open_record, run_out, seconds, sign_claims, sign_record, wrong_certificate, wrong_room

PROOF_KIND: Final = "kbz-door.v1"


@dataclass(frozen=True, slots=True)
class _Confirmation:
    jwk: PublicKey


_confirmation: Final = record(_Confirmation, jwk=Field("jwk", public_key))


def _read_confirmation(value: object, where: str) -> PublicKey | Refused:
    found = _confirmation.decode(value, where)
    return found if isinstance(found, Refused) else found.jwk


def _write_confirmation(key: PublicKey) -> object:
    return {"jwk": public_key.encode(key)}


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation says. expires_at: epoch seconds."""

    name: str
    room: str
    expires_at: float
    guest_key: PublicKey | None


invitation: Final[Codec[Invitation]] = record(
    Invitation,
    name=Field("name", fallback(shown(LIMITS["name_chars"]), "")),
    room=Field("room", text(LIMITS["room_chars"])),
    expires_at=Field("exp", seconds),
    guest_key=Field("cnf", optional(Codec(_read_confirmation, _write_confirmation))),
)


@dataclass(frozen=True, slots=True)
class Proof:
    """The guest key's word for one certificate in one room."""

    room: str
    fingerprint: str
    issued_at: float


proof: Final[Codec[Proof]] = record(
    Proof,
    room=Field("room", text(LIMITS["room_chars"])),
    fingerprint=Field("fp", fingerprint),
    issued_at=Field("iat", seconds),
)


def sign_invitation(value: Invitation, creator: SigningKey) -> str:
    """The `gt` of one guest."""
    return sign_record(invitation, value, creator)


def sign_proof(value: Proof, guest: SigningKey) -> str:
    """What a guest shows beside `gt`; without age, since it holds for this certificate only."""
    return sign_claims(PROOF_KIND, proof, value, guest)


def check_invitation(token: str, creator: PublicKey, room: str, now: float | None) -> Invitation | Refused:
    """An invitation that holds in this room.

    Order: the token's refusals, `wrong-kind`, the fields', `wrong-room`, `expired`, `no-name`.
    now: epoch seconds; None for a fingerprint that passed before, whose invitation may have run out since (17.2).
    """
    found = open_record(token, creator, invitation, LIMITS["credential_chars"])
    if isinstance(found, Refused):
        return found
    return wrong_room(found.room, room) or run_out(found.expires_at, now) or _nameless(found) or found


def _nameless(found: Invitation) -> Refused | None:
    return None if found.name else Refused("no-name", "name")


@dataclass(frozen=True, slots=True)
class Guest:
    """Who an invitation with its proof names. invitation_id: the thumbprint of the guest key, what a ban of `inv` names."""

    name: str
    invitation_id: str
    expires_at: float


def check_guest(
    shown_token: str, shown_proof: str, *, creator: PublicKey, room: str, handshook: str, now: float | None
) -> Guest | Refused:
    """The `invite` entry of 17.2: as check_invitation, then `no-proof-key`, then the proof's under `proof`.

    handshook: the other side's fingerprint on this very connection. now: as in check_invitation.
    """
    found = check_invitation(shown_token, creator, room, now)
    if isinstance(found, Refused):
        return found
    if found.guest_key is None:
        return Refused("no-proof-key", "cnf")
    refused = _unproven(shown_proof, found.guest_key, room, handshook)
    if refused is not None:
        return Refused(refused.code, join("proof", refused.where) if refused.where else "proof")
    return Guest(found.name, thumbprint(found.guest_key), found.expires_at)


def _unproven(shown_proof: str, guest_key: PublicKey, room: str, handshook: str) -> Refused | None:
    claims = open_claims(shown_proof, guest_key, PROOF_KIND, proof, LIMITS["proof_chars"])
    if isinstance(claims, Refused):
        return claims
    return wrong_room(claims.room, room) or wrong_certificate(claims.fingerprint, handshook)
