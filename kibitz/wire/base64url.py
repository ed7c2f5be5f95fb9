"""Bytes as text: base64url without padding (RFC 4648, 5) and the digests that are written so.

Written without padding. Reading is strict, so a value has exactly one text: only A-Z a-z 0-9 - _, no padding, never
4n + 1 characters, and the bits of the last character that carry nothing must be zero. Source: PROTOCOL.md 9.
Twin: widget/src/wire/base64url.ts.
"""

import base64
import hashlib
import re
from typing import Final

from kibitz.wire.refusal import Refused
from kibitz.wire.values import well_formed

_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]*")


def write_base64url(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def read_base64url(text: str, where: str = "") -> bytes | Refused:
    """The bytes of a base64url text, or `bad-base64`."""
    if not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        return Refused("bad-base64", where)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if write_base64url(data) == text else Refused("bad-base64", where)


def utf8(text: str) -> bytes:
    """As TextEncoder: lone surrogates become U+FFFD."""
    return well_formed(text).encode("utf-8")


def digest_text(text: str) -> str:
    """base64url SHA-256 of a text in UTF-8: 43 characters."""
    return write_base64url(hashlib.sha256(utf8(text)).digest())
