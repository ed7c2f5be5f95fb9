"""The safety code of a pair: symbols both sides read to each other, made from both certificates.

The same four symbols on both ends mean that nobody sits in between, as long as nobody could try certificates until they
match; a determined attacker can (0.27), so the interface labels this code and remembers nothing.
Source: PROTOCOL.md 8.3. The symbols are stated once in symbols.json. Twin: widget/src/wire/safety-code.ts.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from kibitz.wire.base64url import utf8
from kibitz.wire.fingerprints import fingerprint
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused


@dataclass(frozen=True, slots=True)
class Symbol:
    """One picture and its name, for people who read aloud or cannot see it."""

    symbol: str
    name: str


SYMBOLS: Final[tuple[Symbol, ...]] = tuple(
    Symbol(**entry) for entry in json.loads(files(__package__).joinpath("symbols.json").read_text("utf-8"))
)


def pair_code(one: str, other: str, count: int = 4) -> tuple[int, ...] | Refused:
    """Indexes into SYMBOLS for two fingerprints in any order; count: 1 to 32. Refuses `bad-number`, `bad-fingerprint`."""
    if not 1 <= count <= LIMITS["safety_symbols"]:
        return Refused("bad-number", "count")
    a, b = fingerprint.decode(one, "one"), fingerprint.decode(other, "other")
    if isinstance(a, Refused):
        return a
    return b if isinstance(b, Refused) else code_indexes(hashlib.sha256(utf8("|".join(sorted((a, b))))).digest(), count)


def code_indexes(digest: bytes, count: int) -> tuple[int, ...]:
    """The first count bytes of a digest, five bits of each."""
    return tuple(byte & 31 for byte in digest[:count])
