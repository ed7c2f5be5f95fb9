"""Hostile inputs for every decoder of the wire: valid ones, damaged by a seeded hand.

The same seed and count give the same inputs on any machine. An input names its reader (verdicts.py) and carries what came
from outside as a text; bytes travel as hexadecimal. One random source is handed through; nothing else decides anything.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from kibitz.wire.base64url import read_base64url, utf8, write_base64url
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from tests.kibitz.wire.corpus_bytes import PACK_VECTORS, PACKED, hostile_bytes, packed_bytes
from tests.kibitz.wire.corpus_damage import (
    LONG_PARTS,
    ODD_PARTS,
    Entries,
    damaged_json,
    hostile_text,
    opened,
    places,
    scratched,
    with_part,
    written,
)
from tests.kibitz.wire.corpus_seeds import CLAIMS, LINK_PARTS, SCALAR, SLOW_TEXTS, TEXTS, VALUES


@dataclass(frozen=True, slots=True)
class Input:
    """One thing from outside. reader: a key of verdicts.READERS."""

    reader: str
    text: str


def hostile(seed: int, count: int) -> Iterator[Input]:
    """count inputs: of 48, 20 JSON texts, 1 a crowd, 9 BinaryPack, 6 links, 10 other texts, 2 signed tokens (dear to check)."""
    source = Random(seed)  # noqa: S311  # repeatable, nothing is secret
    makers = [maker for maker, share in _MAKERS for _ in range(share)]
    for _ in range(count):
        yield source.choice(makers)(source)


def edges() -> Iterator[Input]:
    """What is worth trying by name: full messages, known bytes, and each place of each seed with each odd value."""
    yield from (Input(reader, text) for reader, texts in SLOW_TEXTS.items() for text in texts)
    yield from (Input("binarypack", row["hex"]) for rows in PACK_VECTORS.values() for row in rows)
    yield from _full()
    seen: set[tuple[str, str]] = set()
    for reader, value in ((reader, value) for reader, values in VALUES.items() for value in values):
        for number, (holder, index) in enumerate(places(opened(value), [])):
            key, part = holder[index] if isinstance(holder, Entries) else ("[]", holder[index])
            kind = next((f"{value[tag]} {key}" for tag in ("t", "k", "type") if tag in value), key)
            others = [] if (reader, kind) in seen else ODD_PARTS
            if isinstance(part, str) and (reader, key) not in seen:
                others = [*others, *LONG_PARTS]
            seen |= {(reader, kind), (reader, key)}
            yield from (Input(reader, written(with_part(value, number, other), False)) for other in others)


def _full() -> Iterator[Input]:
    """Messages around the limits that only large ones reach."""
    yield from _full_frames()
    yield from _full_meta()
    yield from _full_content()
    yield from (Input("meta", " " * (LIMITS["json_chars"] - 2 + more) + "{}") for more in (0, 1))
    yield Input("binarypack", packed_bytes(["__proto__", {"a": "__proto__"}]).hex())
    for items in (LIMITS["pack_items"] - 1, LIMITS["pack_items"]):
        yield Input("binarypack", f"dd{items:08x}" + "c0" * items)


def _full_frames() -> Iterator[Input]:
    for reader, limit in (("client-frame", LIMITS["client_frame_bytes"]), ("server-frame", LIMITS["server_frame_bytes"])):
        for char, width in (("a", 1), ("é", 2), ("\ud800", 3), ("😀", 4)):
            room = limit - len('{"type":"LEAVE","src":"a0ff","payload":""}')
            for more in (-1, 0, 1):
                text = char * (room // width) + "a" * (room % width + more)
                yield Input(reader, f'{{"type":"LEAVE","src":"a0ff","payload":"{text}"}}')


def _full_meta() -> Iterator[Input]:
    for char, units in (("a", 1), ("é", 1), ("\x7f", 1), ("😀", 2), ('"', 2), ("\n", 2), ("\x00", 6), ("\ud800", 6)):
        room = LIMITS["meta_json_chars"] - len('{"a":""}')
        for more in (-1, 0, 1):
            text = char * (room // units) + "a" * (room % units + more)
            yield from (Input("meta", json.dumps({"a": text}, ensure_ascii=is_ascii)) for is_ascii in (False, True))


def _full_content() -> Iterator[Input]:
    texts = ["a" * (LIMITS["app_json_chars"] + more) for more in (-3, -2, -1, 0)]
    token = "a" * LIMITS["order_chars"]
    tokens = [token] * (LIMITS["record_chars"] // LIMITS["order_chars"] - 1)
    for value in (
        *({"k": "app", "data": text} for text in texts),
        *({"k": "schema", "name": "a", "schema": text} for text in texts),
        *({"k": "record", "tokens": [*tokens, end, "a"]} for end in (token, token[1:])),
    ):
        yield Input("content", json.dumps(value))
        yield Input("packed-content", packed_bytes(value).hex())
    yield from (Input("content", '{"k":"app","data":' + "[" * depth + "]" * depth + "}") for depth in (31, 32, 33))


def valid(seed: int, reader: str) -> Iterator[Input]:
    """Undamaged inputs of one reader without end, with other names and texts each time."""
    source = Random(seed)  # noqa: S311  # repeatable, nothing is secret
    while True:
        yield Input(reader, _valid_text(source, reader))


def _valid_text(source: Random, reader: str) -> str:
    if reader in VALUES:
        return json.dumps(_reworded(source, source.choice(VALUES[reader])), ensure_ascii=False, separators=(",", ":"))
    if reader in PACKED:
        return packed_bytes(_reworded(source, source.choice(VALUES[PACKED[reader]]))).hex()
    if reader == "link":
        return _link_of(source, _valid_part)
    if reader in CLAIMS:
        return _with_proof(reader, lambda name: source.choice(_sound_tokens(name)))
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


def _json(source: Random) -> Input:
    reader = source.choice(tuple(VALUES))
    return Input(reader, damaged_json(source, source.choice(VALUES[reader])))


# Crowds: lists that leave out what they cannot read, full of it

_CROWDED: Final[tuple[tuple[str, str, str, int], ...]] = (
    ("roster", "", "members", LIMITS["roster_members"]),
    ("to-participant", "roster", "members", LIMITS["roster_members"]),
    ("to-participant", "knocks", "list", LIMITS["knock_entries"]),
    ("to-coordinator", "ping", "f", LIMITS["tags"]),
    ("to-coordinator", "show", "f", LIMITS["tags"]),
    ("content", "show", "f", LIMITS["tags"]),
    ("manifest-claims", "", "invitees", LIMITS["manifest_entries"]),
    ("manifest-claims", "", "agentKeys", LIMITS["manifest_entries"]),
)
"""reader, the word of the message, the list, how many of it are kept."""


def _crowd(source: Random) -> Input:
    """Unreadable entries under, at or far over what is looked at, with good ones before and after them."""
    reader, word, field, most = source.choice(_CROWDED)
    message = next(value for value in VALUES[reader] if field in value and word in ("", value.get("t"), value.get("k")))
    good, looks = message[field], LIMITS["kept_looks"] * most
    before = good[:1] * source.choice((0, 1, 1, most // 4))
    bad: list[Any] = [source.choice((0, None, "", [], {}, {"id": "-"}, {"m": 1}))]
    crowd = bad * (source.choice((looks, looks, 4 * looks)) - len(before) + source.choice((-1, 0, 0, 1)))
    return Input(reader, json.dumps({**message, field: [*before, *crowd, *good]}, separators=(",", ":")))


# Bare texts: pay links, tokens, seals, keys, fingerprints and the like


def _bare(source: Random) -> Input:
    reader = source.choice(tuple(TEXTS))
    text = source.choice(TEXTS[reader])
    for _ in range(source.choice((0, 1, 1, 2))):
        text = scratched(source, text) if source.random() < 0.85 else hostile_text(source)
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
    return Input(reader, _with_proof(reader, lambda name: _damaged_token(source, name)))


def _with_proof(reader: str, token: Callable[[str], str]) -> str:
    """What is shown: an invitation goes with its proof."""
    return f"{token(reader)}|{token('proof')}" if reader == "invitation" else token(reader)


def _damaged_token(source: Random, reader: str) -> str:
    roll = source.random()
    if roll < 0.05:
        return signed(source.randbytes(source.randrange(40)))
    if roll < 0.5:
        return signed(damaged_json(source, source.choice(CLAIMS[reader])))
    token = source.choice(_sound_tokens(reader))
    return token if roll < 0.7 else scratched(source, token)


# Links


def _valid_part(source: Random, kind: str) -> str:
    return source.choice(LINK_PARTS[kind])


def _hostile_part(source: Random, kind: str) -> str:
    part = source.choice(LINK_PARTS[kind])
    roll = source.random()
    if roll < 0.55:
        return part
    return scratched(source, part) if roll < 0.9 else hostile_text(source)


def _link_of(source: Random, part: Callable[[Random, str], str]) -> str:
    form = source.choice(LINK_PARTS["form"])
    params = "&".join(part(source, "param") for _ in range(source.choice((0, 1, 2, 3, 5))))
    return form.format(origin=part(source, "origin"), room=part(source, "room"), params=params)


def _link(source: Random) -> Input:
    text = _link_of(source, _hostile_part)
    return Input("link", scratched(source, text) if source.random() < 0.2 else text)


def _pack(source: Random) -> Input:
    reader = source.choice(tuple(PACKED))
    return Input(reader, hostile_bytes(source, reader).hex())


_MAKERS: Final[tuple[tuple[Callable[[Random], Input], int], ...]] = (
    (_json, 20),
    (_crowd, 1),
    (_pack, 9),
    (_link, 6),
    (_bare, 10),
    (_token, 2),
)
