"""Hostile BinaryPack: bombs, random bytes, values of any shape, and valid messages with bytes changed, moved and lost."""

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from kibitz.wire.binarypack import pack
from tests.kibitz.wire.corpus_damage import FILLINGS
from tests.kibitz.wire.corpus_seeds import BYTES, VALUES

PACKED: Final = {"binarypack": "content", "packed-content": "content", "packed-to-coordinator": "to-coordinator"}
PACK_VECTORS: Final = json.loads((Path(__file__).parents[2] / "vectors" / "binarypack.json").read_text("utf-8"))
_HEADS: Final = bytes.fromhex("8090a0b08f9fafbfc0c1c2c3c4c9cacbcccdcecfd0d1d2d3d4d7d8d9dadbdcdddedfe0ff007f")
_BOMBS: Final = tuple(
    bytes.fromhex(digits)
    for digits in (
        *("ddffffffff", "dfffffffff", "d9ffffffff", "dbffffffff", "dcffff" + "c0" * 40, "deffff" + "b0c0" * 40),
        *("91" * 40 + "c0", "81b161" * 40 + "c0", "91" * 9000, "9f" * 9000, "dd00000001" * 900, "dc0fff" + "c0" * 4095),
        *("81b95f5f70726f746f5f5f80", "91" * 32 + "c0", "91" * 32 + "90", "ddfffffffe" + "90" * 2000, "dc1000" + "90" * 4096),
    )
)


def packed_bytes(value: Any) -> bytes:
    packed = pack(value)
    if isinstance(packed, bytes):
        return packed
    raise ValueError(f"a seed does not pack: {packed}")


def hostile_bytes(source: Random, reader: str) -> bytes:
    """Bytes for a reader of PACKED."""
    roll = source.random()
    if roll < 0.04:
        return source.choice(_BOMBS)
    if roll < 0.12:
        return source.choice(_HEADS).to_bytes() + source.randbytes(source.randrange(24))
    packed = packed_bytes(_any_value(source, 3)) if roll < 0.3 else source.choice(_packed_seeds(PACKED[reader]))
    for _ in range(source.choice((0, 1, 1, 2, 3))):
        packed = _damaged_bytes(source, packed)
    return packed


@cache
def _packed_seeds(name: str) -> tuple[bytes, ...]:
    return tuple(map(packed_bytes, (*VALUES[name], *BYTES)))


def _any_value(source: Random, depth: int) -> Any:
    """A value of any shape that packs."""
    match source.randrange(8 if depth else 6):
        case 0:
            return source.choice((None, True, False, b"", "", [], {}))
        case 1:
            return source.randrange(-(2 ** source.randrange(1, 54)), 2 ** source.randrange(1, 54))
        case 2:
            return source.choice((-1, 1)) * (1 + source.random()) * 2.0 ** source.randrange(-1022, 1023)
        case 3:
            return "".join(source.choice(FILLINGS) for _ in range(source.choice((0, 3, 15, 16, 40))))
        case 4:
            return source.randbytes(source.choice((0, 1, 15, 16, 300)))
        case 5:
            return float(source.randrange(-(2 ** source.randrange(1, 70)), 2 ** source.randrange(1, 70)))
        case 6:
            return [_any_value(source, depth - 1) for _ in range(source.choice((0, 1, 3, 15, 16)))]
        case _:
            keys = (source.choice(("a", "10", "9", "é", "toString", "k" * 16, "01")) for _ in range(source.randrange(5)))
            return {key: _any_value(source, depth - 1) for key in keys}


def _damaged_bytes(source: Random, packed: bytes) -> bytes:
    at = source.randrange(len(packed) + 1)
    match source.randrange(7):
        case 0:
            return packed[:at]
        case 1:
            return packed[:at] + source.choice(_HEADS).to_bytes() + packed[at + 1 :]
        case 2:
            return packed[:at] + source.randbytes(1) + packed[at + 1 :]
        case 3:
            return packed[:at] + source.choice(_HEADS).to_bytes() + packed[at:]
        case 4:
            return packed[:at] + source.choice(_BOMBS)[:9] + packed[at:]
        case 5:
            return bytes([0x92]) + packed + source.choice(_packed_seeds("content"))
        case _:
            return packed + packed[:at]
