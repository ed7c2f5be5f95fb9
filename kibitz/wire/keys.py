"""Signing keys: ECDSA P-256 as JSON Web Keys (RFC 7517, RFC 7518 6.2), read strictly, named by their thumbprint.

A key that was read is usable: x and y are 32 bytes each and the point is on the curve. A public key never holds `d`.
As importers of WebCrypto do, `ext` must not be false and `key_ops`, where given, must allow the use. Other members
are dropped. Source: PROTOCOL.md 9, 9.5, 17.2. Twin: widget/src/wire/keys.ts.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from kibitz.wire.base64url import digest_text, read_base64url, utf8, write_base64url
from kibitz.wire.codec import Codec, Field, as_record, flag, join, many, one_of, optional, record, text
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import read_json, utf16_units

_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The curve P-256, y² = x³ - 3x + b over the prime p, and its order n (SEC 2, 2.4.2)."""

_NUMBER_BYTES: Final = 32

SigningKey = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point on P-256; x and y as base64url of 32 bytes."""

    x: str
    y: str


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A public key and its scalar d, base64url of 32 bytes."""

    public: PublicKey
    d: str


def _number(value: object, where: str) -> str | Refused:
    if not isinstance(value, str):
        return Refused("wrong-type", where)
    data = read_base64url(value, where)
    if isinstance(data, Refused):
        return data
    return value if len(data) == _NUMBER_BYTES else Refused("bad-key", where)


def _whole_number(written: str) -> int:
    data = read_base64url(written)
    return -1 if isinstance(data, Refused) else int.from_bytes(data, "big")


@dataclass(frozen=True, slots=True)
class _Jwk:
    kty: str
    crv: str
    x: str
    y: str
    ext: bool | None
    key_ops: list[str] | None


_JWK: Final = record(
    _Jwk,
    kty=Field("kty", one_of("EC")),
    crv=Field("crv", one_of("P-256")),
    x=Field("x", Codec(_number)),
    y=Field("y", Codec(_number)),
    ext=Field("ext", optional(flag)),
    key_ops=Field("key_ops", optional(many(text(LIMITS["key_op_chars"]), LIMITS["key_ops"]))),
)


def _read_point(value: object, where: str, use: str) -> PublicKey | Refused:
    jwk = _JWK.decode(value, where)
    if isinstance(jwk, Refused):
        return jwk
    if jwk.ext is False:
        return Refused("key-use", join(where, "ext"))
    if jwk.key_ops is not None and use not in jwk.key_ops:
        return Refused("key-use", join(where, "key_ops"))
    return PublicKey(jwk.x, jwk.y) if _is_on_curve(jwk.x, jwk.y) else Refused("bad-key", where)


def _is_on_curve(written_x: str, written_y: str) -> bool:
    x, y = _whole_number(written_x), _whole_number(written_y)
    return x < _P and y < _P and (y * y - x * x * x + 3 * x - _B) % _P == 0


def _read_public(value: object, where: str) -> PublicKey | Refused:
    entries = as_record(value, where)
    if isinstance(entries, Refused):
        return entries
    if entries.get("d") is not None:
        return Refused("private-key", join(where, "d"))
    return _read_point(value, where, "verify")


def _write_public(key: PublicKey) -> object:
    return {"kty": "EC", "crv": "P-256", "x": key.x, "y": key.y}


public_key: Final[Codec[PublicKey]] = Codec(_read_public, _write_public)
"""A public JWK. Refuses `private-key`, `bad-base64`, `bad-key`, `key-use` and what a record refuses."""


def _read_private(value: object, where: str) -> PrivateKey | Refused:
    public = _read_point(value, where, "sign")
    if isinstance(public, Refused):
        return public
    entries = as_record(value, where)
    scalar = entries if isinstance(entries, Refused) else entries.get("d")
    path = join(where, "d")
    d = Refused("missing", path) if scalar is None else _number(scalar, path)
    return d if isinstance(d, Refused) else private_from_scalar(d, public, path)


def _write_private(key: PrivateKey) -> object:
    return {"kty": "EC", "crv": "P-256", "x": key.public.x, "y": key.public.y, "d": key.d}


private_key: Final[Codec[PrivateKey]] = Codec(_read_private, _write_private)
"""A private JWK (the plaintext of `ghk`). Whether d belongs to x and y is found by signing_key."""


def private_from_scalar(scalar: str, public: PublicKey, where: str = "") -> PrivateKey | Refused:
    """A private key from `gtk` or `gkd` (base64url of 32 bytes) and the public key it belongs to; `bad-base64`, `bad-key`."""
    d = _number(scalar, where)
    if isinstance(d, Refused):
        return d
    return PrivateKey(public, d) if 0 < _whole_number(d) < _ORDER else Refused("bad-key", where)


def signing_key(key: PrivateKey) -> SigningKey | Refused:
    """Ready to sign, or `bad-key` when d does not belong to x and y."""
    made = ec.derive_private_key(_whole_number(key.d), ec.SECP256R1())
    numbers = made.public_key().public_numbers()
    fits = (numbers.x, numbers.y) == (_whole_number(key.public.x), _whole_number(key.public.y))
    return made if fits else Refused("bad-key")


def verifying_key(key: PublicKey) -> ec.EllipticCurvePublicKey:
    """Ready to verify."""
    return ec.EllipticCurvePublicNumbers(_whole_number(key.x), _whole_number(key.y), ec.SECP256R1()).public_key()


def thumbprint(key: PublicKey) -> str:
    """The id of a key: base64url SHA-256 of its JSON with crv, kty, x, y in that order (RFC 7638; PROTOCOL 9.5)."""
    return digest_text(f'{{"crv":"P-256","kty":"EC","x":"{key.x}","y":"{key.y}"}}')


def write_key_text(key: PublicKey) -> str:
    """A public key as a link carries it (`gk`, `gh`): base64url of its JSON."""
    return write_base64url(utf8(f'{{"kty":"EC","crv":"P-256","x":"{key.x}","y":"{key.y}"}}'))


def read_key_text(written: str) -> PublicKey | Refused:
    """The public key of `gk` or `gh`: at most 1024 characters of base64url, holding JSON."""
    if utf16_units(written) > LIMITS["link_key_chars"]:
        return Refused("too-long")
    data = read_base64url(written)
    if isinstance(data, Refused):
        return data
    try:
        value = read_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        return Refused("not-json")
    return value if isinstance(value, Refused) else public_key.decode(value, "")
