"""BinaryPack: the bytes in which PeerJS carries values over a data channel (PROTOCOL 4 and 12.5).

Purpose: write what a browser writes and read what it writes, so that an agent sits in a room like any other participant.

Writing gives the bytes of the npm package peerjs-js-binarypack 2.1.0 wherever that package reads its own bytes back as the
same number. It does not for 2^63, 2^64, most whole numbers below -2^31 and fractions just under a power of two, and it
throws for whole numbers beyond 2^64; these are written as an IEEE 754 double, which it reads rightly. A number that no form
carries (not finite, subnormal) is refused.

Reading is total and bounded: `check_packed` walks the structure once, without recursion, and refuses whatever the package
would read past, read wrongly, throw at or take as a prototype; only then values are built. Its rules, in the order of checking:

==================== =====================================================================================================
too-large            more bytes than the limit (looked at first), or more values than the limit declared so far
pack-truncated       the bytes end before a value, its length or its body; or more values are declared than bytes are left
pack-unknown-type    a type byte the package never writes: c1, c4-c9, d4-d7 (it reads them as undefined)
pack-key             a key that is not a text (it would be turned into one)
too-deep             more than 32 lists and maps inside each other
bad-number           a float whose exponent is all zeros or all ones: zero, subnormal, infinite, NaN (it reads other numbers)
pack-text            a text that is not UTF-8 as RFC 3629 has it (the package's reader accepts anything, or throws)
forbidden-key        the key `__proto__`
pack-trailing        bytes after the value
==================== =====================================================================================================

A byte order mark stays part of its text. Of two equal keys the last wins. Whole numbers of 64 bits are rounded as the package
rounds them. `where` is always empty: bytes have no field path.
Twin: widget/src/wire/binarypack.ts, which checks the same and lets the package read.
"""

import struct
from dataclasses import dataclass
from typing import Final, Literal

from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import FORBIDDEN_KEY, MAX_SAFE, browser_order, is_number, well_formed

Kind = Literal["constant", "unsigned", "signed", "float", "text", "bytes", "list", "map"]

_FORBIDDEN: Final = FORBIDDEN_KEY.encode()


@dataclass(frozen=True, slots=True)
class _Form:
    """What a type byte announces. size: bytes of the body, or items; told: bytes after the type byte that tell size instead."""

    kind: Kind
    size: int = 0
    told: int = 0
    value: object = None


def _forms() -> tuple[_Form | None, ...]:
    """All 256 type bytes; None for those nobody writes."""
    forms: list[_Form | None] = [None] * 256
    for number in range(-32, 128):
        forms[number & 0xFF] = _Form("constant", value=number)
    short: tuple[tuple[int, Kind], ...] = ((0x80, "map"), (0x90, "list"), (0xA0, "bytes"), (0xB0, "text"))
    for first, kind in short:
        for size in range(16):
            forms[first + size] = _Form(kind, size)
    for byte, value in ((0xC0, None), (0xC2, False), (0xC3, True)):
        forms[byte] = _Form("constant", value=value)
    forms[0xCA], forms[0xCB] = _Form("float", 4), _Form("float", 8)
    for power in range(4):
        forms[0xCC + power], forms[0xD0 + power] = _Form("unsigned", 1 << power), _Form("signed", 1 << power)
    long: tuple[tuple[int, Kind], ...] = ((0xD8, "text"), (0xDA, "bytes"), (0xDC, "list"), (0xDE, "map"))
    for first, kind in long:
        forms[first], forms[first + 1] = _Form(kind, told=2), _Form(kind, told=4)
    return tuple(forms)


_FORMS: Final = _forms()


def unpack(data: bytes) -> object | Refused:
    """The value of a BinaryPack message: None, bool, int up to 2^53 - 1, float, str, bytes, list, dict with text keys.

    Refuses what check_packed refuses.
    """
    checked = check_packed(data)
    return checked if isinstance(checked, Refused) else _Reader(data).value()


def check_packed(data: bytes) -> Literal[True] | Refused:
    """Whether the bytes are one whole value within the limits; see the table above. Builds nothing."""
    if len(data) > LIMITS["pack_bytes"]:
        return Refused("too-large")
    scan = _Scan(data)
    while scan.awaited:
        if scan.awaited[-1] == 0:
            scan.leave()
            continue
        refused = scan.step()
        if refused is not None:
            return refused
    return True if scan.at == len(data) else Refused("pack-trailing")


class _Scan:
    """One walk over packed bytes. awaited: values still to come on each open level; in_map: whether that level is a map."""

    __slots__ = ("at", "awaited", "data", "declared", "in_map")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.declared = 1
        self.awaited = [1]
        self.in_map = [False]

    def leave(self) -> None:
        """Close the innermost level."""
        self.awaited.pop()
        self.in_map.pop()

    def step(self) -> Refused | None:
        """Read the next type byte and what belongs to it."""
        if self.at >= len(self.data):
            return Refused("pack-truncated")
        form = _FORMS[self.data[self.at]]
        if form is None:
            return Refused("pack-unknown-type")
        is_key = self.in_map[-1] and self.awaited[-1] % 2 == 0
        if is_key and form.kind != "text":
            return Refused("pack-key")
        self.awaited[-1] -= 1
        self.at += 1 + form.told
        if self.at > len(self.data):
            return Refused("pack-truncated")
        size = int.from_bytes(self.data[self.at - form.told : self.at], "big") if form.told else form.size
        if form.kind in ("list", "map"):
            return self._enter(form.kind == "map", size)
        return self._body(form.kind, size, is_key)

    def _enter(self, is_map: bool, size: int) -> Refused | None:
        if len(self.awaited) > LIMITS["depth"]:
            return Refused("too-deep")
        values = 2 * size if is_map else size
        if values > len(self.data) - self.at:
            return Refused("pack-truncated")
        self.declared += values
        if self.declared > LIMITS["pack_items"]:
            return Refused("too-large")
        self.awaited.append(values)
        self.in_map.append(is_map)
        return None

    def _body(self, kind: Kind, size: int, is_key: bool) -> Refused | None:
        end = self.at + size
        if end > len(self.data):
            return Refused("pack-truncated")
        if kind == "float" and _is_odd_float(self.data, self.at, size):
            return Refused("bad-number")
        if kind == "text":
            body = self.data[self.at : end]
            if not _is_utf8(body):
                return Refused("pack-text")
            if is_key and body == _FORBIDDEN:
                return Refused("forbidden-key")
        self.at = end
        return None


def _is_odd_float(data: bytes, at: int, size: int) -> bool:
    """Whether a float's exponent is all zeros or all ones (IEEE 754): not a normal number."""
    head = int.from_bytes(data[at : at + 2], "big")
    exponent, top = ((head >> 7) & 0xFF, 0xFF) if size == 4 else ((head >> 4) & 0x7FF, 0x7FF)
    return exponent in (0, top)


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Reader:
    """Builds the values of bytes that check_packed accepted; so it needs no checks, and at most 32 calls on the stack."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def value(self) -> object:
        form = _FORMS[self._take(1)[0]]
        match form:
            case _Form(kind="constant", value=value):
                return value
            case _Form(kind="list"):
                return [self.value() for _ in range(self._size(form))]
            case _Form(kind="map"):
                return dict(self._entry() for _ in range(self._size(form)))
            case _Form(kind="text"):
                return self._take(self._size(form)).decode("utf-8")
            case _Form(kind="bytes"):
                return self._take(self._size(form))
            case _Form(kind="float", size=size):
                unpacked: float = struct.unpack(">f" if size == 4 else ">d", self._take(size))[0]
                return unpacked
            case _Form(kind=kind, size=size):
                return _whole(self._take(size), kind == "signed")
            case None:
                raise AssertionError("check_packed let an unknown type byte through")

    def _entry(self) -> tuple[object, object]:
        key = self.value()
        return key, self.value()

    def _size(self, form: _Form) -> int:
        return int.from_bytes(self._take(form.told), "big") if form.told else form.size

    def _take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]


def _whole(body: bytes, signed: bool) -> int | float:
    """A whole number as a browser adds it up: byte by byte in a double, so 64 bits are rounded on the way as there."""
    number = 0.0
    for byte in body:
        number = number * 256 + byte
    if signed and number >= 2.0 ** (8 * len(body) - 1):
        number -= 2.0 ** (8 * len(body))
    return int(number) if abs(number) <= MAX_SAFE else number


def pack(value: object) -> bytes | Refused:
    """The BinaryPack bytes of a value: what JSON can say, plus bytes.

    Text is made well-formed, the keys of a map come in a browser's order.
    Refuses `too-deep` (cycles too), `too-large`, `wrong-type`, `bad-number`, `forbidden-key`. What is packed, unpack accepts.
    """
    written = _Writer()
    refused = written.value(value, LIMITS["depth"])
    return bytes(written.out) if refused is None else refused


class _Writer:
    """Appends packed values to out, counting values, so that even a small graph with many paths stays bounded."""

    __slots__ = ("declared", "out")

    def __init__(self) -> None:
        self.out = bytearray()
        self.declared = 1

    def value(self, value: object, depth: int) -> Refused | None:
        match value:
            case None:
                return self._write(b"\xc0")
            case bool():
                return self._write(b"\xc3" if value else b"\xc2")
            case int() | float():
                number = _pack_number(value)
                return number if isinstance(number, Refused) else self._write(number)
            case str():
                return self._text(value)
            case bytes():
                return self._write(_head(0xA0, 0xDA, len(value)), value)
            case list():
                return Refused("too-deep") if depth == 0 else self._list(value, depth - 1)
            case dict():
                return Refused("too-deep") if depth == 0 else self._map(value, depth - 1)
            case _:
                return Refused("wrong-type")

    def _write(self, *pieces: bytes) -> Refused | None:
        if len(self.out) + sum(map(len, pieces)) > LIMITS["pack_bytes"]:
            return Refused("too-large")
        for piece in pieces:
            self.out += piece
        return None

    def _declare(self, head: bytes, values: int) -> Refused | None:
        self.declared += values
        return Refused("too-large") if self.declared > LIMITS["pack_items"] else self._write(head)

    def _text(self, text: str) -> Refused | None:
        if len(text) > LIMITS["pack_bytes"]:
            return Refused("too-large")
        body = well_formed(text).encode("utf-8")
        return self._write(_head(0xB0, 0xD8, len(body)), body)

    def _list(self, items: list[object], depth: int) -> Refused | None:
        refused = self._declare(_head(0x90, 0xDC, len(items)), len(items))
        for item in items:
            refused = refused or self.value(item, depth)
            if refused is not None:
                break
        return refused

    def _map(self, entries: dict[object, object], depth: int) -> Refused | None:
        names = [key for key in entries if isinstance(key, str)]
        if len(names) != len(entries):
            return Refused("wrong-type")
        if FORBIDDEN_KEY in entries:
            return Refused("forbidden-key")
        refused = self._declare(_head(0x80, 0xDE, len(entries)), 2 * len(entries))
        for key in browser_order(names):
            refused = refused or self._text(key) or self.value(entries[key], depth)
            if refused is not None:
                break
        return refused


def _head(short: int, long: int, size: int) -> bytes:
    """The type byte and length of a text, bytes, list or map."""
    if size <= 0x0F:
        return bytes([short + size])
    return struct.pack(">BH", long, size) if size <= 0xFFFF else struct.pack(">BI", long + 1, size)


_WHOLE_FORMS: Final = (
    (-0x20, 0x7F, "", ">b"),
    (0, 0xFF, "cc", ">B"),
    (-0x80, 0x7F, "d0", ">b"),
    (0, 0xFFFF, "cd", ">H"),
    (-0x8000, 0x7FFF, "d1", ">h"),
    (0, 0xFFFFFFFF, "ce", ">I"),
    (-0x80000000, 0x7FFFFFFF, "d2", ">i"),
    (0, 2**63 - 1, "d3", ">q"),
    (2**63 + 1, 2**64 - 1, "cf", ">Q"),
)
"""The first form that fits is taken, in the package's order: least, most, type byte, layout."""

_WHOLE_AT_2_64: Final = 2048
"""A browser adds a negative 64-bit number up near 2^64, where doubles are this far apart: only multiples come out right."""

_LEAST_NORMAL: Final = 2.0**-1022


def _pack_number(value: int | float) -> bytes | Refused:
    if not is_number(value):
        return Refused("bad-number")
    if value != int(value):
        return struct.pack(">Bd", 0xCB, value) if abs(value) >= _LEAST_NORMAL else Refused("bad-number")
    number = int(value)
    for least, most, kind, layout in _WHOLE_FORMS:
        if least <= number <= most:
            return bytes.fromhex(kind) + struct.pack(layout, number)
    if -(2**63) <= number < 0 and number % _WHOLE_AT_2_64 == 0:
        return struct.pack(">Bq", 0xD3, number)
    return struct.pack(">Bd", 0xCB, float(number))
