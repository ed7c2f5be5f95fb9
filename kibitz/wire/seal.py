"""A text locked with a password: the host's private key (`ghk`) and a manifest for one group (`ge`).

version(1) | salt(16) | iv(12) | AES-256-GCM with its 16-byte tag, as base64url. The key is PBKDF2-HMAC-SHA256 over the
NFKC password: slow on purpose, about 0.2 s. Wrong password and changed bytes cannot be told apart.
Limit: NFKC follows the Unicode version of the runtime. Source: PROTOCOL.md 9.1. Twin: widget/src/wire/seal.ts.
"""

import hashlib
from typing import Final, Literal
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kibitz.wire.base64url import read_base64url, utf8, write_base64url
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import utf16_units, well_formed

Version = Literal[1, 2]

ITERATIONS: Final[dict[int, int]] = {1: 210_000, 2: 600_000}
"""Rounds of PBKDF2 by version byte. We write 2 and read both."""

SALT_BYTES: Final = 16
IV_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
_HEAD_BYTES: Final = 1 + SALT_BYTES + IV_BYTES


def seal_key(passphrase: str, salt: bytes, version: Version) -> bytes:
    """The 32-byte key of a password."""
    password = utf8(normalize("NFKC", well_formed(passphrase)))
    return hashlib.pbkdf2_hmac("sha256", password, salt, ITERATIONS[version], _KEY_BYTES)


def seal(plaintext: str, passphrase: str, salt: bytes, iv: bytes, version: Version = 2) -> str | Refused:
    """The blob of a text; salt: 16 fresh random bytes, iv: 12.

    Refuses a text that is `too-large`, and a password that is `too-long` or empty (`bad-value`).
    """
    if len(salt) != SALT_BYTES or len(iv) != IV_BYTES:
        raise ValueError("a salt has 16 bytes and an iv 12")
    text = utf8(plaintext)
    if len(text) > LIMITS["link_manifest_chars"]:
        return Refused("too-large")
    if utf16_units(passphrase) > LIMITS["passphrase_chars"]:
        return Refused("too-long")
    if not passphrase:
        return Refused("bad-value")
    locked = AESGCM(seal_key(passphrase, salt, version)).encrypt(iv, text, None)
    return write_base64url(bytes([version]) + salt + iv + locked)


def unseal(blob: str, passphrase: str) -> str | Refused:
    """The text of a blob. Order: `too-large`, `seal-unreadable`, `too-long` (the password), `seal-wrong-passphrase`."""
    if utf16_units(blob) > LIMITS["link_sealed_chars"]:
        return Refused("too-large")
    data = read_base64url(blob)
    if isinstance(data, Refused) or len(data) < _HEAD_BYTES + _TAG_BYTES or data[0] not in ITERATIONS:
        return Refused("seal-unreadable")
    if utf16_units(passphrase) > LIMITS["passphrase_chars"]:
        return Refused("too-long")
    if not passphrase:
        return Refused("seal-wrong-passphrase")
    version: Version = 1 if data[0] == 1 else 2
    salt, iv = data[1 : 1 + SALT_BYTES], data[1 + SALT_BYTES : _HEAD_BYTES]
    try:
        text = AESGCM(seal_key(passphrase, salt, version)).decrypt(iv, data[_HEAD_BYTES:], None)
    except InvalidTag:
        return Refused("seal-wrong-passphrase")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return Refused("seal-unreadable")
