"""The signed text `body.sig`: base64url JSON, a dot, base64url of a raw 64-byte ECDSA P-256 / SHA-256 signature.

What is signed are the ASCII bytes of the body as written, never the JSON read from it; nothing of a body is believed
before its signature held. There is no header and no algorithm to choose. Source: PROTOCOL.md 9.0.
Also the checks that the claims of several kinds share. Twin: widget/src/wire/tokens.ts.
"""

import json
import math
from collections.abc import Mapping
from typing import Final, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from kibitz.wire.base64url import digest_text, read_base64url, utf8, write_base64url
from kibitz.wire.codec import Codec, as_record, finite, matching
from kibitz.wire.fingerprints import canonical
from kibitz.wire.keys import PublicKey, SigningKey, verifying_key
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import browser_order, number_text, read_json, utf16_units

T = TypeVar("T")

_HALF_BYTES: Final = 32
_ECDSA: Final = ec.ECDSA(SHA256())

seconds: Final[Codec[float]] = finite
"""A time in claims: epoch seconds. Older peers may write fractions."""

token_digest: Final[Codec[str]] = matching(r"(?:[A-Za-z0-9_-]{43})?", LIMITS["digest_chars"])
"""`prev`: base64url SHA-256 of the token before, empty for the first."""


def json_text(value: object) -> str:
    """A value as JSON.stringify writes it: compact, keys in the given order (indexes first), lone surrogates escaped."""
    match value:
        case str():
            return _quoted(value)
        case bool() | None:
            return json.dumps(value)
        case int() | float():
            return number_text(value) if math.isfinite(value) else "null"
        case list() | tuple():
            return f"[{','.join(json_text(part) for part in value)}]"
        case dict():
            return f"{{{','.join(f'{_quoted(key)}:{json_text(value[key])}' for key in browser_order(value))}}}"
        case _:
            raise TypeError(f"{type(value).__name__} is not JSON")


def _quoted(text: str) -> str:
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    written = json.dumps(joined, ensure_ascii=False)
    return "".join(f"\\u{ord(char):04x}" if "\ud800" <= char <= "\udfff" else char for char in written)


def sign_token(payload: Mapping[str, object], key: SigningKey) -> str:
    """body.sig over the payload, its keys in the given order."""
    body = write_base64url(utf8(json_text(dict(payload))))
    r, s = decode_dss_signature(key.sign(body.encode("ascii"), _ECDSA))
    return f"{body}.{write_base64url(r.to_bytes(_HALF_BYTES, 'big') + s.to_bytes(_HALF_BYTES, 'big'))}"


def open_token(token: str, key: PublicKey, max_chars: int) -> Mapping[str, object] | Refused:
    """The payload of a token signed with key. Order: `too-long`, `token-malformed`, `token-signature`, the JSON's refusals."""
    if utf16_units(token) > max_chars:
        return Refused("too-long")
    body, _, written_signature = token.partition(".")
    data, signature = read_base64url(body), read_base64url(written_signature)
    if isinstance(data, Refused) or isinstance(signature, Refused) or not data or len(signature) != 2 * _HALF_BYTES:
        return Refused("token-malformed")
    if not _holds(body, signature, key):
        return Refused("token-signature")
    try:
        payload = read_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        return Refused("not-json")
    return payload if isinstance(payload, Refused) else as_record(payload, "")


def _holds(body: str, signature: bytes, key: PublicKey) -> bool:
    r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF_BYTES], signature[_HALF_BYTES:]))
    try:
        verifying_key(key).verify(encode_dss_signature(r, s), body.encode("ascii"), _ECDSA)
    except InvalidSignature:
        return False
    return True


def sign_claims(kind: str, claims: Codec[T], value: T, key: SigningKey) -> str:
    """A token of claims of a kind: `k` first, then the table's fields."""
    return sign_token({"k": kind, **_fields(claims, value)}, key)


def sign_record(claims: Codec[T], value: T, key: SigningKey) -> str:
    """A token of claims that name no kind: invitations and manifests."""
    return sign_token(_fields(claims, value), key)


def _fields(claims: Codec[T], value: T) -> Mapping[str, object]:
    written = as_record(claims.encode(value), "")
    if isinstance(written, Refused):
        raise TypeError("claims are written as a record")
    return written


def open_claims(token: str, key: PublicKey, kind: str, claims: Codec[T], max_chars: int) -> T | Refused:
    """The claims of a token of a kind: what open_token refuses, `wrong-kind` at `k`, what the table refuses."""
    payload = open_token(token, key, max_chars)
    if isinstance(payload, Refused):
        return payload
    return claims.decode(payload, "") if payload.get("k") == kind else Refused("wrong-kind", "k")


def open_record(token: str, key: PublicKey, claims: Codec[T], max_chars: int) -> T | Refused:
    """The claims of a token that names no kind; one that does was signed for another purpose and is `wrong-kind` at `k`."""
    payload = open_token(token, key, max_chars)
    if isinstance(payload, Refused):
        return payload
    return Refused("wrong-kind", "k") if "k" in payload else claims.decode(payload, "")


def token_id(token: str) -> str:
    """base64url SHA-256 of a whole token: what `prev` names."""
    return digest_text(token)


def body_id(token: str) -> str:
    """base64url SHA-256 of what is signed. Of one ECDSA signature anybody can make a second one, of the body nobody can."""
    return digest_text(token.partition(".")[0])


def wrong_room(claimed: str, room: str) -> Refused | None:
    """`wrong-room` unless both are the same normalised room."""
    return None if claimed == room else Refused("wrong-room", "room")


def wrong_certificate(claimed: str, fingerprint: str) -> Refused | None:
    """`wrong-certificate` unless the claim names the certificate of this connection (8.1, canonical form)."""
    return None if claimed == canonical(fingerprint) else Refused("wrong-certificate", "fp")


def run_out(expires_at: float, now: float | None) -> Refused | None:
    """`expired` from the second expires_at on; now None: an earlier check of the same fingerprint counts (17.2)."""
    return None if now is None or now < expires_at else Refused("expired", "exp")


def wrong_age(issued_at: float, now: float, ahead_s: int, age_s: int) -> Refused | None:
    """`not-yet-valid` when issued more than ahead_s in the future, `too-old` when more than age_s ago (9.4, 9.5)."""
    if issued_at - now > ahead_s:
        return Refused("not-yet-valid", "iat")
    return Refused("too-old", "iat") if now - issued_at > age_s else None
