"""The values that travel: what JSON can say, plus bytes. Reading and measuring them the way a browser does.

JavaScript is the older speaker of this wire, so its rules hold in both twins: one kind of number, text measured in
UTF-16 code units, the last of two equal keys wins. Nothing here raises on any input.
Twin: widget/src/wire/values.ts.
"""

import json
import math
import re
from array import array
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from itertools import accumulate
from typing import Final

from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused

MAX_SAFE: Final = 2**53 - 1
"""The largest whole number a browser holds exactly (ECMA-262, Number.MAX_SAFE_INTEGER)."""

FORBIDDEN_KEY: Final = "__proto__"
"""Never a field name: in a browser it is a way to another object's behaviour."""

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""Brackets as the step in depth that each is, signed bytes."""
_NO_BRACKETS = bytes(set(range(256)) - set(b"[{]}"))
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_ESCAPED = re.compile(r'["\\\b\f\n\r\t]')
_LONG_ESCAPE = re.compile(r"[\x00-\x07\x0b\x0e-\x1f\ud800-\udfff]")


def is_number(value: object) -> bool:
    """A finite number that JavaScript could hold: Python's integers count up to 2^53 - 1, its booleans do not."""
    match value:
        case bool():
            return False
        case int():
            return abs(value) <= MAX_SAFE
        case float():
            return math.isfinite(value)
        case _:
            return False


def utf16_units(text: str) -> int:
    """Length as `String.length` counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def well_formed(text: str) -> str:
    """Lone surrogates become U+FFFD (ECMA-262, String.prototype.toWellFormed)."""
    if text.isascii():
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return re.sub("[\ud800-\udfff]", "\ufffd", joined)


def cut(text: str, units: int) -> str:
    """The first `units` UTF-16 code units, never half of a character."""
    if len(text) <= units and text.isascii():
        return text
    piece = text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "surrogatepass")
    return piece[:-1] if piece and "\ud800" <= piece[-1] <= "\udbff" else piece


def read_json(text: str, max_chars: int = LIMITS["json_chars"]) -> object | Refused:
    """The value of a JSON text (RFC 8259), with a browser's numbers.

    Refuses `too-large` (more UTF-16 units than max_chars), `too-deep`, `not-json`.
    """
    if utf16_units(text) > max_chars:
        return Refused("too-large")
    if _opens_deeper_than(text, LIMITS["depth"]):
        return Refused("too-deep")
    try:
        value: object = _JSON.decode(text)
    except ValueError:
        return Refused("not-json")
    return value


def _opens_deeper_than(text: str, limit: int) -> bool:
    """Whether brackets outside of strings nest deeper than limit; decided before parsing, so no parser's stack matters."""
    if text.count("[") + text.count("{") <= limit:
        return False
    outside = _STRING.sub("", text).encode("utf-8", "surrogatepass")
    steps = array("b", outside.translate(_STEPS, _NO_BRACKETS))
    return max(accumulate(steps), default=0) > limit


def _number(digits: str) -> int | float:
    value = float(digits)
    return int(digits) if abs(value) <= MAX_SAFE else value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_JSON: Final = json.JSONDecoder(parse_int=_number, parse_constant=_no_constant)


def browser_order(keys: Iterable[str]) -> list[str]:
    """Keys as a browser walks them: array indexes first, ascending (ECMA-262, OrdinaryOwnPropertyKeys)."""
    listed = list(keys)
    indexes = [key for key in listed if _INDEX.fullmatch(key) and int(key) < 2**32 - 1]
    if not indexes:
        return listed
    indexes.sort(key=int)
    first = set(indexes)
    return indexes + [key for key in listed if key not in first]


Measure = Callable[[object, int], int | Refused]
"""How much a value that JSON cannot say counts, within a limit."""


def _unsayable(value: object, limit: int) -> int | Refused:
    return Refused("wrong-type")


def json_chars(value: object, limit: int) -> int | Refused:
    """How many UTF-16 units `JSON.stringify` makes of a value, without making them.

    Refuses `too-large` as soon as more than limit is sure, `too-deep`, `forbidden-key`, and `wrong-type` for what JSON
    cannot say (bytes, NaN and the like); so a value that passes can be kept, sent on and shown.
    """
    return _chars(value, limit, LIMITS["depth"], _unsayable)


def data_size(value: object, limit: int) -> int | Refused:
    """As json_chars, for data that may also hold bytes (BinaryPack carries them): each byte counts as one unit."""
    return _chars(value, limit, LIMITS["depth"], _byte_count)


def _byte_count(value: object, limit: int) -> int | Refused:
    if not isinstance(value, bytes):
        return Refused("wrong-type")
    return len(value) if len(value) <= limit else Refused("too-large")


def _chars(value: object, limit: int, depth: int, other: Measure) -> int | Refused:
    match value:
        case None | True:
            return 4
        case False:
            return 5
        case str():
            return string_chars(value, limit)
        case int() | float():
            return len(number_text(value)) if is_number(value) else Refused("wrong-type")
        case list():
            return Refused("too-deep") if depth == 0 else _list_chars(value, limit, depth - 1, other)
        case dict():
            return Refused("too-deep") if depth == 0 else _dict_chars(value, limit, depth - 1, other)
        case _:
            return other(value, limit)


def _list_chars(items: list[object], limit: int, depth: int, other: Measure) -> int | Refused:
    total = 2 + max(0, len(items) - 1)
    for item in items:
        if total > limit:
            return Refused("too-large")
        chars = _chars(item, limit - total, depth, other)
        if isinstance(chars, Refused):
            return chars
        total += chars
    return total if total <= limit else Refused("too-large")


def _dict_chars(entries: Mapping[str, object], limit: int, depth: int, other: Measure) -> int | Refused:
    if not all(isinstance(key, str) for key in entries):
        return Refused("wrong-type")
    total = 2 + max(0, len(entries) - 1)
    for key in browser_order(entries):
        item = entries[key]
        if total > limit:
            return Refused("too-large")
        if key == FORBIDDEN_KEY:
            return Refused("forbidden-key")
        key_chars = string_chars(key, limit - total)
        if isinstance(key_chars, Refused):
            return key_chars
        total += key_chars + 1
        chars = _chars(item, limit - total, depth, other)
        if isinstance(chars, Refused):
            return chars
        total += chars
    return total if total <= limit else Refused("too-large")


def string_chars(text: str, limit: int) -> int | Refused:
    """UTF-16 units of a string as JSON.stringify writes it (well-formed, ECMA-262 25.5.2.3)."""
    units = utf16_units(text) + 2
    if units > limit:
        return Refused("too-large")
    units += len(_ESCAPED.findall(text))
    joined = text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    units += 5 * len(_LONG_ESCAPE.findall(joined))
    return units if units <= limit else Refused("too-large")


def number_text(value: int | float) -> str:
    """A finite number as JavaScript writes it (ECMA-262, Number::toString): shortest digits, exponent from 1e21 and 1e-7."""
    if value == 0:
        return "0"
    negative, figures, scale = Decimal(repr(float(value))).normalize().as_tuple()
    digits = "".join(map(str, figures))
    point = len(digits) + int(scale)
    if len(digits) <= point <= 21:
        body = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        body = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        body = f"0.{'0' * -point}{digits}"
    else:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        body = f"{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{body}" if negative else body
