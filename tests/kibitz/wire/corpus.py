"""Hostile inputs for every decoder of the wire: valid ones, damaged by a seeded hand.

The same seed and count give the same inputs on any machine. An input names its reader (verdicts.py) and carries what came
from outside as a text; bytes travel as hexadecimal. One random source is handed through; nothing else decides anything.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from kibitz.wire.base64url import read_base64url, utf8, write_base64url
from kibitz.wire.binarypack import pack
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from tests.kibitz.wire.corpus_seeds import BYTES, CLAIMS, LINK_PARTS, SCALAR, SLOW_TEXTS, TEXTS, VALUES

Random = random.Random


@dataclass(frozen=True, slots=True)
class Input:
    """One thing from outside. reader: a key of verdicts.READERS."""

    reader: str
    text: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """JSON text that no value makes: NaN, 1e400, a deep bracket."""

    text: str


class Entries(list[tuple[str, Any]]):
    """A record that may say a key twice."""


_SIZES: Final = sorted({size for size in LIMITS.values() if size <= 1024} | {0, 1, 65})
_LARGE_SIZES: Final = sorted(size for size in set(LIMITS.values()) if 1024 < size <= 300_000)
_FILLINGS: Final = (
    "a",
    "7",
    " ",
    "é",
    "ſ",
    "\u212a",
    "İ",
    "😀",
    "\ud800",
    "\udc00",
    "\u0000",
    "\ufeff",
    '"',
    "\\",
    "\u2028",
    "-",
    "A",
    "%",
)
_WORDS: Final = (
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "toString",
    "then",
    "4294967294",
    "4294967295",
    "01",
    "-0",
    "",
    "null",
    "{}",
)
_NUMBERS: Final = tuple(
    map(
        Verbatim,
        (
            *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "-0", "0.0", "-0.0", "1.0", "1E+2", "1e21", "5e-324"),
            *("9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "18446744073709551616"),
            *(
                "9" * 400,
                "-" + "9" * 400,
                "1" + "0" * 308,
                "0." + "0" * 400 + "1",
                "1.5",
                "-1",
                "0",
                "256",
                "65536",
                "2147483648",
            ),
            *("01", "+1", ".5", "1.", "1_0", "0x10", "١", "1e", "--1", "1e5", "2e308", "1.7976931348623158e308", "0.1e1"),
        ),
    )
)
_ODD: Final[tuple[Any, ...]] = (
    *map(
        Verbatim,
        ("undefined", "'a'", '"\\x41"', '"\\u00"', '"\\ud83d"', '"\\ude00\\ud83d"', '"\ud83d\\ude00"', '"a\nb"', '"\t"', "[1,]"),
    ),
    *map(Verbatim, ("[" * 31 + "]" * 31, "[" * 33 + "]" * 33, '{"a":' * 33 + "1" + "}" * 33, "[" * 5000, '{"a":[' * 400)),
    *(None, True, False, [], {}, [[]], [None], {"a": None}, "true", "0", [1, "2", None], {"__proto__": {"isAdmin": True}}),
)


_SMALL: Final = [size for size in _SIZES if size]
_ODD_PARTS: Final = [
    *_NUMBERS,
    *_ODD,
    *_WORDS,
    *("a" * (size + more) for size in _SMALL for more in (0, 1)),
    *("😀" * size for size in _SMALL),
]
_LONG_PARTS: Final = ["a" * (size + more) for size in _LARGE_SIZES if size <= LIMITS["order_chars"] for more in (0, 1)]


def hostile(seed: int, count: int) -> Iterator[Input]:
    """count inputs: of 47, 20 JSON texts, 9 BinaryPack, 6 links, 10 other texts, 2 signed tokens (which cost most to check)."""
    source = Random(seed)
    makers = [maker for maker, share in _MAKERS for _ in range(share)]
    for _ in range(count):
        yield source.choice(makers)(source)


def edges() -> Iterator[Input]:
    """What is worth trying by name: full messages, known bytes, and each place of each seed with each odd value."""
    yield from (Input(reader, text) for reader, texts in SLOW_TEXTS.items() for text in texts)
    yield from (Input("binarypack", row["hex"]) for rows in _PACK_VECTORS.values() for row in rows)
    yield from _full()
    seen: set[tuple[str, str]] = set()
    for reader, value in ((reader, value) for reader, values in VALUES.items() for value in values):
        for number, (holder, index) in enumerate(_places(_open(value), [])):
            key, part = holder[index] if isinstance(holder, Entries) else ("[]", holder[index])
            kind = next((f"{value[tag]} {key}" for tag in ("t", "k", "type") if tag in value), key)
            others = [] if (reader, kind) in seen else _ODD_PARTS
            if isinstance(part, str) and (reader, key) not in seen:
                others = [*others, *_LONG_PARTS]
            seen |= {(reader, kind), (reader, key)}
            yield from (Input(reader, _write(_with(value, number, other), False)) for other in others)


def _full() -> Iterator[Input]:
    """Messages around the limits that only large ones reach."""
    for reader, limit in (("client-frame", LIMITS["client_frame_bytes"]), ("server-frame", LIMITS["server_frame_bytes"])):
        for char, width in (("a", 1), ("é", 2), ("\ud800", 3), ("😀", 4)):
            room = limit - len('{"type":"LEAVE","src":"a0ff","payload":""}')
            for more in (-1, 0, 1):
                text = char * (room // width) + "a" * (room % width + more)
                yield Input(reader, f'{{"type":"LEAVE","src":"a0ff","payload":"{text}"}}')
    for char, units in (("a", 1), ("é", 1), ("\x7f", 1), ("😀", 2), ('"', 2), ("\n", 2), ("\x00", 6), ("\ud800", 6)):
        room = LIMITS["meta_json_chars"] - len('{"a":""}')
        for more in (-1, 0, 1):
            text = char * (room // units) + "a" * (room % units + more)
            yield from (Input("meta", json.dumps({"a": text}, ensure_ascii=is_ascii)) for is_ascii in (False, True))
    for more in (-3, -2, -1, 0):
        text = "a" * (LIMITS["app_json_chars"] + more)
        for value in (
            {"k": "app", "data": text},
            {"k": "schema", "name": "a", "schema": text},
            {"k": "record", "tokens": [text]},
        ):
            yield Input("content", json.dumps(value))
            yield Input("packed-content", _packed(value).hex())
    tokens = ["a" * LIMITS["order_chars"]] * (LIMITS["record_chars"] // LIMITS["order_chars"])
    yield from (
        Input("content", json.dumps({"k": "record", "tokens": [*tokens[1:], end, "a"]})) for end in (tokens[0], tokens[0][1:])
    )
    yield from (Input("meta", " " * (LIMITS["json_chars"] - 2 + more) + "{}") for more in (0, 1))
    yield Input("binarypack", _packed(["__proto__", {"a": "__proto__"}]).hex())
    for items in (LIMITS["pack_items"] - 1, LIMITS["pack_items"]):
        yield Input("binarypack", f"dd{items:08x}" + "c0" * items)
    yield from (Input("content", '{"k":"app","data":' + "[" * depth + "]" * depth + "}") for depth in (31, 32, 33))


def _with(value: Any, number: int, other: Any) -> Any:
    """A copy of value with another part at its place of that number."""
    root = _open(value)
    holder, index = _places(root, [])[number]
    holder[index] = (holder[index][0], other) if isinstance(holder, Entries) else other
    return root


def valid(seed: int, reader: str) -> Iterator[Input]:
    """Well-formed inputs of one reader without end, with other names and texts each time."""
    source = Random(seed)
    while True:
        yield Input(reader, _valid_text(source, reader))


def _valid_text(source: Random, reader: str) -> str:
    if reader in VALUES:
        return json.dumps(_reworded(source, source.choice(VALUES[reader])), ensure_ascii=False, separators=(",", ":"))
    if reader in _PACKED:
        return _packed(_reworded(source, source.choice(VALUES[_PACKED[reader]]))).hex()
    if reader == "link":
        return _link_of(source, _valid_part)
    if reader in CLAIMS:
        return "|".join(
            source.choice(_sound_tokens(name)) for name in ((reader, "proof") if reader == "invitation" else (reader,))
        )
    return source.choice(TEXTS[reader])


def _reworded(source: Random, value: Any) -> Any:
    """The same shape with other free texts."""
    match value:
        case dict():
            return {
                key: _phrase(source) if key in ("text", "name", "label") else _reworded(source, part)
                for key, part in value.items()
            }
        case list():
            return [_reworded(source, part) for part in value]
        case _:
            return value


def _phrase(source: Random) -> str:
    return " ".join(
        source.choice(("good", "morning", "Übung", "call", "🦊", "seven", "notes")) for _ in range(source.randrange(1, 9))
    )


# JSON messages


def _json(source: Random) -> Input:
    reader = source.choice(tuple(VALUES))
    return Input(reader, _damaged_json(source, source.choice(VALUES[reader])))


def _damaged_json(source: Random, value: Any) -> str:
    root = _open(value)
    for _ in range(source.choice((0, 1, 1, 1, 2, 3))):
        root = _damage(source, root)
    text = _write(root, source.random() < 0.5)
    return _scratch(source, text) if source.random() < 0.15 else text


def _open(value: Any) -> Any:
    """A copy that can be damaged: records as lists of pairs."""
    match value:
        case dict():
            return Entries((key, _open(part)) for key, part in value.items())
        case list():
            return [_open(part) for part in value]
        case _:
            return value


def _places(node: Any, found: list[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """Every place inside node as (container, index)."""
    for index, part in enumerate(node):
        found.append((node, index))
        inner = part[1] if isinstance(node, Entries) else part
        if isinstance(inner, list):
            _places(inner, found)
    return found


def _damage(source: Random, root: Any) -> Any:
    places = _places(root, []) if isinstance(root, list) else []
    if not places or source.random() < 0.02:
        return _hostile_value(source)
    holder, index = source.choice(places)
    if isinstance(holder, Entries):
        source.choice(_ENTRY_DAMAGES)(source, holder, index)
    else:
        _damage_item(source, holder, index)
    return root


def _damage_item(source: Random, items: list[Any], index: int) -> None:
    roll = source.random()
    if roll < 0.1:
        items.extend([items[index]] * source.choice((1, 3, 100, 257)))
    elif roll < 0.3:
        items[index] = [items[index]]
    else:
        items[index] = _hostile_value(source) if roll < 0.8 else _open(source.choice(VALUES["content"]))


def _drop(source: Random, entries: Entries, index: int) -> None:
    del entries[index]


def _say_twice(source: Random, entries: Entries, index: int) -> None:
    entries.append((entries[index][0], _hostile_value(source)))


def _say_more(source: Random, entries: Entries, index: int) -> None:
    entries.insert(source.choice((0, len(entries))), (source.choice((*_WORDS, "10", "9", "t", "k")), _hostile_value(source)))


def _rename(source: Random, entries: Entries, index: int) -> None:
    entries[index] = (_hostile_text(source), entries[index][1])


def _wrap(source: Random, entries: Entries, index: int) -> None:
    key, part = entries[index]
    entries[index] = (key, source.choice((str(part), [part], Entries([(key, part)]))))


def _empty(source: Random, entries: Entries, index: int) -> None:
    entries[index] = (entries[index][0], None)


def _misspell(source: Random, entries: Entries, index: int) -> None:
    key, part = entries[index]
    entries[index] = (key, _scratch(source, part) if isinstance(part, str) else _hostile_text(source))


def _replace(source: Random, entries: Entries, index: int) -> None:
    entries[index] = (entries[index][0], _hostile_value(source))


_ENTRY_DAMAGES: Final = (_drop, _say_twice, _say_more, _rename, _wrap, _empty, _misspell, *[_replace] * 5)


def _hostile_value(source: Random) -> Any:
    roll = source.random()
    if roll < 0.35:
        return source.choice(_NUMBERS)
    if roll < 0.65:
        return _hostile_text(source)
    if roll < 0.7:
        return _open(source.choice(source.choice(tuple(VALUES.values()))))
    return _open(source.choice(_ODD))


def _hostile_text(source: Random) -> str:
    """At, under or over some limit, of one kind of character or two; or a word that means something to a language."""
    if source.random() < 0.2:
        return source.choice(_WORDS)
    sizes = _LARGE_SIZES if source.random() < 0.004 else _SIZES
    size = max(0, source.choice(sizes) + source.choice((-1, 0, 0, 1, 2)))
    filling = source.choice(_FILLINGS)
    text = filling * (size if source.random() < 0.8 else size // 2)
    return text + source.choice(_FILLINGS) * source.randrange(3) if source.random() < 0.3 else text


def _write(node: Any, is_ascii: bool) -> str:
    match node:
        case Verbatim(text):
            return text
        case Entries():
            return f"{{{','.join(f'{json.dumps(key, ensure_ascii=is_ascii)}:{_write(part, is_ascii)}' for key, part in node)}}}"
        case list():
            return f"[{','.join(_write(part, is_ascii) for part in node)}]"
        case _:
            return json.dumps(node, ensure_ascii=is_ascii)


def _scratch(source: Random, text: str) -> str:
    """Damage that knows nothing of the meaning: cut, doubled, one character other, something put in."""
    at = source.randrange(len(text) + 1)
    match source.randrange(6):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + text[at + 1 :]
        case 2:
            return text[:at] + source.choice(_FILLINGS + tuple("{}[],:\"'/.#?&=+@_0eE-")) + text[at + 1 :]
        case 3:
            return (
                text[:at] + source.choice(("\ufeff", "\u00a0", "\n", ",", "\x0b", "/**/", "\ud83d", '"', "..", "%zz")) + text[at:]
            )
        case 4:
            return source.choice(("\ufeff", " ", "\u2028", "\x0c")) + text + source.choice(("", " ", "\n", "\x00", "x"))
        case _:
            return text + text[:at]


# Bare texts: pay links, tokens, seals, keys, fingerprints and the like


def _bare(source: Random) -> Input:
    reader = source.choice(tuple(TEXTS))
    text = source.choice(TEXTS[reader])
    for _ in range(source.choice((0, 1, 1, 2))):
        text = _scratch(source, text) if source.random() < 0.85 else _hostile_text(source)
    return Input(reader, text if reader != "seal" or _is_cheap(text) else "?" + text)


def _is_cheap(sealed: str) -> bool:
    """Whether a sealed text is refused before its key is stretched."""
    data = read_base64url(sealed)
    return isinstance(data, Refused) or len(data) < 45 or data[0] not in (1, 2)


# Signed tokens: sound signatures over hostile payloads, and sound tokens damaged


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(SCALAR, "big"), ec.SECP256R1())


def signed(payload: str | bytes) -> str:
    """A token (PROTOCOL 9.0) over any bytes at all; the same bytes give the same token (RFC 6979)."""
    body = write_base64url(payload if isinstance(payload, bytes) else utf8(payload))
    r, s = decode_dss_signature(_key().sign(body.encode(), ec.ECDSA(SHA256(), deterministic_signing=True)))
    return f"{body}.{write_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@cache
def _sound_tokens(reader: str) -> tuple[str, ...]:
    return tuple(signed(json.dumps(payload, ensure_ascii=False)) for payload in CLAIMS[reader])


def _token(source: Random) -> Input:
    reader = source.choice(tuple(CLAIMS))
    return Input(
        reader, _damaged_token(source, reader) + ("|" + _damaged_token(source, "proof") if reader == "invitation" else "")
    )


def _damaged_token(source: Random, reader: str) -> str:
    roll = source.random()
    if roll < 0.05:
        return signed(source.randbytes(source.randrange(40)))
    if roll < 0.5:
        return signed(_damaged_json(source, source.choice(CLAIMS[reader])))
    token = source.choice(_sound_tokens(reader))
    return token if roll < 0.7 else _scratch(source, token)


# Links


def _valid_part(source: Random, kind: str) -> str:
    return source.choice(LINK_PARTS[kind])


def _hostile_part(source: Random, kind: str) -> str:
    part = source.choice(LINK_PARTS[kind])
    roll = source.random()
    if roll < 0.55:
        return part
    return _scratch(source, part) if roll < 0.9 else _hostile_text(source)


def _link_of(source: Random, part: Callable[[Random, str], str]) -> str:
    form = source.choice(LINK_PARTS["form"])
    params = "&".join(part(source, "param") for _ in range(source.choice((0, 1, 2, 3, 5))))
    return form.format(origin=part(source, "origin"), room=part(source, "room"), params=params)


def _link(source: Random) -> Input:
    text = _link_of(source, _hostile_part)
    return Input("link", _scratch(source, text) if source.random() < 0.2 else text)


# BinaryPack

_PACKED: Final = {"binarypack": "content", "packed-content": "content", "packed-to-coordinator": "to-coordinator"}
_PACK_VECTORS: Final = json.loads((Path(__file__).parents[2] / "vectors" / "binarypack.json").read_text("utf-8"))
_HEADS: Final = bytes.fromhex("8090a0b08f9fafbfc0c1c2c3c4c9cacbcccdcecfd0d1d2d3d4d7d8d9dadbdcdddedfe0ff007f")
_BOMBS: Final = tuple(
    bytes.fromhex(digits)
    for digits in (
        *("ddffffffff", "dfffffffff", "d9ffffffff", "dbffffffff", "dcffff" + "c0" * 40, "deffff" + "b0c0" * 40),
        *("91" * 40 + "c0", "81b161" * 40 + "c0", "91" * 9000, "9f" * 9000, "dd00000001" * 900, "dc0fff" + "c0" * 4095),
        *("81b95f5f70726f746f5f5f80", "91" * 32 + "c0", "91" * 32 + "90", "ddfffffffe" + "90" * 2000, "dc1000" + "90" * 4096),
    )
)


def _packed(value: Any) -> bytes:
    packed = pack(value)
    if isinstance(packed, bytes):
        return packed
    raise ValueError(f"a seed does not pack: {packed}")


def _bytes(source: Random) -> Input:
    reader = source.choice(tuple(_PACKED))
    roll = source.random()
    if roll < 0.04:
        return Input(reader, source.choice(_BOMBS).hex())
    if roll < 0.12:
        return Input(reader, (source.choice(_HEADS).to_bytes() + source.randbytes(source.randrange(24))).hex())
    packed = _packed(_any_value(source, 3)) if roll < 0.3 else source.choice(_packed_seeds(_PACKED[reader]))
    for _ in range(source.choice((0, 1, 1, 2, 3))):
        packed = _damaged_bytes(source, packed)
    return Input(reader, packed.hex())


@cache
def _packed_seeds(name: str) -> tuple[bytes, ...]:
    return tuple(map(_packed, (*VALUES[name], *BYTES)))


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
            return "".join(source.choice(_FILLINGS) for _ in range(source.choice((0, 3, 15, 16, 40))))
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


_MAKERS: Final[tuple[tuple[Callable[[Random], Input], int], ...]] = (
    (_json, 20),
    (_bytes, 9),
    (_link, 6),
    (_bare, 10),
    (_token, 2),
)
