"""What is shown at the door that everyone checks: host entries, passes, agent assertions, codes; and bans and orders.

Everything signed here is bound to the certificate its holder handshook, so nothing shown can be used by somebody else
and proofs have no age. A code is proven and never sent. Invitations are in their own module.
Source: PROTOCOL.md 0.7, 9.5, 17.2. Twin: widget/src/wire/door.ts.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from kibitz.wire.base64url import digest_text, read_base64url, utf8, write_base64url
from kibitz.wire.codec import Codec, Field, fallback, flag, many, matching, record, shown, text, whole
from kibitz.wire.fingerprints import canonical, fingerprint, normal_identity
from kibitz.wire.keys import PublicKey, SigningKey
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import (
    open_claims,
    run_out,
    seconds,
    sign_claims,
    token_digest,
    wrong_age,
    wrong_certificate,
    wrong_room,
)
from kibitz.wire.values import cut, well_formed

HOST_KIND: Final = "kbz-host.v1"
PASS_KIND: Final = "kbz-pass.v1"  # noqa: S105  # the name of a kind, no password
AGENT_KIND: Final = "kbz-agent-key.v1"
ORDER_KIND: Final = "kbz-host-order.v1"
CODE_KIND: Final = "kbz-code.v1"


@dataclass(frozen=True, slots=True)
class Bound:
    """A signer's word for one certificate in one room: a host entry or an agent's assertion."""

    room: str
    fingerprint: str
    issued_at: float


bound: Final[Codec[Bound]] = record(
    Bound,
    room=Field("room", text(LIMITS["room_chars"])),
    fingerprint=Field("fp", fingerprint),
    issued_at=Field("iat", seconds),
)


def sign_host_entry(value: Bound, host: SigningKey) -> str:
    """What the host shows; it stands for every rule."""
    return sign_claims(HOST_KIND, bound, value, host)


def check_host_entry(token: str, host: PublicKey, *, room: str, handshook: str) -> Bound | Refused:
    """A host entry. Order: the token's refusals, the fields', `wrong-room`, `wrong-certificate`.

    handshook, here and below: the other side's fingerprint on this very connection.
    """
    found = open_claims(token, host, HOST_KIND, bound, LIMITS["credential_chars"])
    return found if isinstance(found, Refused) else _elsewhere(found, room, handshook) or found


def _elsewhere(found: "Bound | Pass", room: str, handshook: str) -> Refused | None:
    return wrong_room(found.room, room) or wrong_certificate(found.fingerprint, handshook)


@dataclass(frozen=True, slots=True)
class Pass:
    """The host's ticket for one certificate, at most 12 hours. name: as knocked, perhaps empty; times: epoch seconds."""

    room: str
    fingerprint: str
    name: str
    issued_at: float
    expires_at: float


pass_claims: Final[Codec[Pass]] = record(
    Pass,
    room=Field("room", text(LIMITS["room_chars"])),
    fingerprint=Field("fp", fingerprint),
    name=Field("name", fallback(shown(LIMITS["name_chars"]), "")),
    issued_at=Field("iat", seconds),
    expires_at=Field("exp", seconds),
)


def sign_pass(value: Pass, host: SigningKey) -> str:
    """The token of a pass."""
    return sign_claims(PASS_KIND, pass_claims, value, host)


def check_pass(token: str, host: PublicKey, *, room: str, handshook: str, now: float | None) -> Pass | Refused:
    """A pass. Order: the token's refusals, the fields', `wrong-room`, `wrong-certificate`, `lives-too-long`, `expired`.

    A pass may neither span nor still have more than 12 h (and how far a clock may be ahead), or one dated in the future
    would outlive them. now: epoch seconds; None for a fingerprint that passed before, whose pass may have run out since.
    """
    found = open_claims(token, host, PASS_KIND, pass_claims, LIMITS["credential_chars"])
    if isinstance(found, Refused):
        return found
    return _elsewhere(found, room, handshook) or _lives_too_long(found, now) or run_out(found.expires_at, now) or found


def _lives_too_long(found: Pass, now: float | None) -> Refused | None:
    life, ahead = LIMITS["pass_life_s"], LIMITS["command_ahead_s"]
    is_long = found.expires_at - found.issued_at > life or (now is not None and found.expires_at - now > life + ahead)
    return Refused("lives-too-long", "exp") if is_long else None


def sign_assertion(value: Bound, agent: SigningKey) -> str:
    """What an agent shows."""
    return sign_claims(AGENT_KIND, bound, value, agent)


def check_assertion(
    token: str, allowed: Sequence[PublicKey], *, room: str, handshook: str, now: float | None
) -> PublicKey | Refused:
    """The allowed key that signed an assertion; its claims are hard checks once a signature fits (9.5).

    Order: the token's refusals (`token-signature` when no key fits), the fields', `wrong-room`, `wrong-certificate`,
    `not-yet-valid`, `too-old`. now: epoch seconds; None at the door, where what is bound to a certificate has no age (17.2).
    """
    for key in allowed:
        found = open_claims(token, key, AGENT_KIND, bound, LIMITS["assertion_chars"])
        if not isinstance(found, Refused):
            return _elsewhere(found, room, handshook) or _stale(found, now) or key
        if found.code != "token-signature":
            return found
    return Refused("token-signature")


def _stale(found: Bound, now: float | None) -> Refused | None:
    return None if now is None else wrong_age(found.issued_at, now, LIMITS["command_ahead_s"], LIMITS["assertion_age_s"])


# --- codes -------------------------------------------------------------------------------------------------------

SALT_BYTES: Final = 16
_MAC_BYTES: Final = 32
_ROUNDS: Final = 600_000
"""PBKDF2 for typed codes: 80 bits are made here, the rounds are for those that are not (17.2)."""

_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 symbols without look-alikes (2.3), five bits each."""


def new_code(random: bytes) -> str:
    """A fresh code of 80 bits in four groups, `7hkm-x2qp-9rtv-w4zc`; random: 16 bytes."""
    if len(random) != LIMITS["code_symbols"]:
        raise ValueError("a code is made of 16 bytes")
    symbols = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in random)
    return "-".join(symbols[at : at + 4] for at in range(0, len(symbols), 4))


def canonical_code(typed: str) -> str:
    """What counts of a typed code: NFKC, ASCII letters upper-case, only A-Z and 0-9."""
    wide = normalize("NFKC", well_formed(cut(typed, LIMITS["typed_code_chars"])))
    return "".join(char.upper() for char in wide if char.isascii() and char.isalnum())


def strong_code(typed: str) -> str | Refused:
    """A code fit for a new room, canonical; `code-too-short` under 16 symbols (0.10)."""
    found = canonical_code(typed)
    return found if len(found) >= LIMITS["code_symbols"] else Refused("code-too-short")


def code_key(typed: str, salt: bytes) -> bytes:
    """K, 32 bytes: slow on purpose, about 0.2 s."""
    return hashlib.pbkdf2_hmac("sha256", canonical_code(typed).encode("ascii"), salt, _ROUNDS, _MAC_BYTES)


def write_code_check(key: bytes, salt: bytes) -> str:
    """`gch` of a link, by which a page tells at once that a code is wrong."""
    return write_base64url(salt + _mac(key, "kbz-code-check.v1"))


def open_code_check(code_check: str, typed: str) -> bytes | Refused:
    """K2, the key of proofs, when the typed code is the one of `gch`; else `bad-base64`, `bad-value` or `wrong-code`."""
    data = read_base64url(code_check)
    if isinstance(data, Refused):
        return data
    if len(data) != SALT_BYTES + _MAC_BYTES:
        return Refused("bad-value")
    if not canonical_code(typed):
        return Refused("wrong-code")
    key = code_key(typed, data[:SALT_BYTES])
    is_right = hmac.compare_digest(_mac(key, "kbz-code-check.v1"), data[SALT_BYTES:])
    return proof_key(key) if is_right else Refused("wrong-code")


def proof_key(key: bytes) -> bytes:
    """K2 of K: it never leaves the browser."""
    return _mac(key, "kbz-code-key.v1")


def code_proof(proving: bytes, room: str, own_fingerprint: str) -> str:
    """The proof of a code for one certificate; proving: K2."""
    return write_base64url(_mac(proving, f"{CODE_KIND}|{room}|{canonical(own_fingerprint)}"))


def wrong_code_entry(credential: str, proof: str, proving: bytes, *, room: str, handshook: str) -> Refused | None:
    """Why a `code` entry does not count: `wrong-kind`, `bad-base64` or `wrong-code`. proving: one's own K2."""
    if credential != CODE_KIND:
        return Refused("wrong-kind", "cred")
    data = read_base64url(proof, "proof")
    if isinstance(data, Refused):
        return data
    wanted = _mac(proving, f"{CODE_KIND}|{room}|{canonical(handshook)}")
    return None if hmac.compare_digest(wanted, data) else Refused("wrong-code", "proof")


def _mac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, utf8(message), "sha256")


# --- bans and orders ---------------------------------------------------------------------------------------------

INVITATION_BAN: Final = "inv"
ADDRESS_BAN: Final = "eml"
FINGERPRINT_BAN: Final = "fp"
MEDIA_BAN: Final = "mid"
BROWSER_BAN: Final = "bid"

_NORMAL: Final = {ADDRESS_BAN: normal_identity, FINGERPRINT_BAN: canonical}


def ban_hash(kind: str, value: str, room: str) -> str:
    """An entry of an order's ban list: it names nobody to somebody who has not met them (0.7).

    kind: inv (thumbprint of the guest key), eml (proven address), fp, mid (media id) or bid (see browser_mark).
    """
    return digest_text(f"{kind}|{_NORMAL.get(kind, str)(value)}|{room}")


def browser_mark(secret: bytes, room: str) -> str:
    """`bid`: what a browser tells of the 16 random bytes it keeps, another in every room (0.7)."""
    return digest_text(f"{write_base64url(secret)}|{room}")


@dataclass(frozen=True, slots=True)
class Order:
    """The host's standing order. bans: at most 256 ban hashes; seq and prev: place in the host's record; times: epoch seconds."""

    room: str
    bans: list[str]
    is_locked: bool
    is_lobby_on: bool
    seq: int
    prev: str
    issued_at: float


order: Final[Codec[Order]] = record(
    Order,
    room=Field("room", text(LIMITS["room_chars"])),
    bans=Field("ban", many(matching("[A-Za-z0-9_-]{43}", LIMITS["digest_chars"]), LIMITS["order_bans"])),
    is_locked=Field("lock", flag),
    is_lobby_on=Field("lobby", flag),
    seq=Field("seq", whole()),
    prev=Field("prev", fallback(token_digest, "")),
    issued_at=Field("iat", seconds),
)


def sign_order(value: Order, host: SigningKey) -> str:
    """The token of an order."""
    return sign_claims(ORDER_KIND, order, value, host)


def open_order(token: str, host: PublicKey, room: str) -> Order | Refused:
    """An order of this room's host, whatever its age. Order: the token's refusals (32 KiB), the fields', `wrong-room`."""
    found = open_claims(token, host, ORDER_KIND, order, LIMITS["order_chars"])
    return found if isinstance(found, Refused) else wrong_room(found.room, room) or found
