"""Total decoders from small parts: a value in, the decoded value or a refusal out; and the way back.

A message is a table of fields. The table gives both directions, so what we read and what we write cannot drift apart.
Fields are looked at in the table's order and the first refusal is the answer, the same in both languages.
Absent, undefined and null are the same for an optional field (PROTOCOL 4). Fields the table does not name are dropped.
Twin: widget/src/wire/codec.ts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any, Generic, TypeVar

from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import (
    FORBIDDEN_KEY,
    MAX_SAFE,
    browser_order,
    cut,
    data_size,
    is_number,
    json_chars,
    utf16_units,
    well_formed,
)

T = TypeVar("T")
S = TypeVar("S")


def _same(value: Any) -> object:
    return value


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """decode(value, where) -> T or Refused, never an exception; encode(T) -> what goes on the wire.

    absent: what stands for a field that is not there; Refused("missing") makes the field required.
    """

    decode: Callable[[object, str], T | Refused]
    encode: Callable[[T], object] = _same
    absent: Callable[[str], T | Refused] = lambda where: Refused("missing", where)


def join(where: str, part: str | int) -> str:
    """The path of a part inside where."""
    return f"{where}.{part}" if where else str(part)


def _flag(value: object, where: str) -> bool | Refused:
    return value if isinstance(value, bool) else Refused("wrong-type", where)


flag: Codec[bool] = Codec(_flag)
"""true or false, nothing that merely looks like it."""


def whole(least: int = 0, most: int = MAX_SAFE) -> Codec[int]:
    """A whole number from least to most; refuses `wrong-type` or `bad-number`."""

    def decode(value: object, where: str) -> int | Refused:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Refused("wrong-type", where)
        if not is_number(value) or value != int(value) or not least <= value <= most:
            return Refused("bad-number", where)
        return int(value)

    return Codec(decode)


def _finite(value: object, where: str) -> float | Refused:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Refused("wrong-type", where)
    return value if is_number(value) else Refused("bad-number", where)


finite: Codec[float] = Codec(_finite)
"""Any number that is not infinite and not NaN."""


def text(most: int, least: int = 0) -> Codec[str]:
    """Well-formed text of least to most UTF-16 units; longer is refused `too-long`, shorter `bad-value`."""

    def decode(value: object, where: str) -> str | Refused:
        if not isinstance(value, str):
            return Refused("wrong-type", where)
        units = utf16_units(value)
        if units > most:
            return Refused("too-long", where)
        return well_formed(value) if units >= least else Refused("bad-value", where)

    return Codec(decode)


def matching(pattern: str, most: int) -> Codec[str]:
    """Text of at most `most` units that is the whole of an ASCII pattern; refuses `wrong-type`, `too-long`, `bad-value`."""
    rule = re.compile(pattern)

    def decode(value: object, where: str) -> str | Refused:
        if not isinstance(value, str):
            return Refused("wrong-type", where)
        if utf16_units(value) > most:
            return Refused("too-long", where)
        return value if rule.fullmatch(value) else Refused("bad-value", where)

    return Codec(decode)


def shown(most: int, least: int = 0) -> Codec[str]:
    """Text for people: cut to most UTF-16 units, then trimmed (ECMA-262, trim); refuses `bad-value` when shorter than least."""

    def decode(value: object, where: str) -> str | Refused:
        if not isinstance(value, str):
            return Refused("wrong-type", where)
        piece = trim(well_formed(cut(value, most)))
        return piece if utf16_units(piece) >= least else Refused("bad-value", where)

    return Codec(decode)


_WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def trim(value: str) -> str:
    """As String.prototype.trim: ECMA-262's white space and line ends, which are not Python's."""
    return value.strip(_WHITE_SPACE)


def one_of(*allowed: str) -> Codec[str]:
    """One of a few words; anything else is refused `bad-value`."""

    def decode(value: object, where: str) -> str | Refused:
        if not isinstance(value, str):
            return Refused("wrong-type", where)
        return value if value in allowed else Refused("bad-value", where)

    return Codec(decode)


def opaque(max_json_chars: int) -> Codec[object]:
    """Somebody else's data, kept as it is: what JSON can say, within the size and 32 levels."""

    def decode(value: object, where: str) -> object | Refused:
        chars = json_chars(value, max_json_chars)
        return Refused(chars.code, where) if isinstance(chars, Refused) else value

    return Codec(decode)


def opaque_data(max_units: int) -> Codec[object]:
    """As opaque, for data that may also hold bytes."""

    def decode(value: object, where: str) -> object | Refused:
        size = data_size(value, max_units)
        return Refused(size.code, where) if isinstance(size, Refused) else value

    return Codec(decode)


def many(item: Codec[T], most: int) -> Codec[list[T]]:
    """A list of at most `most` items (`too-many`), each decoded."""

    def decode(value: object, where: str) -> list[T] | Refused:
        if not isinstance(value, list):
            return Refused("wrong-type", where)
        if len(value) > most:
            return Refused("too-many", where)
        found: list[T] = []
        for index, part in enumerate(value):
            decoded = item.decode(part, join(where, index))
            if isinstance(decoded, Refused):
                return decoded
            found.append(decoded)
        return found

    return Codec(decode, lambda items: [item.encode(part) for part in items])


def kept(item: Codec[T], most: int) -> Codec[list[T]]:
    """A list whose unreadable items are dropped.

    The rest is not looked at after `most` readable ones, nor after kept_looks times as many of any kind.
    """
    looks = LIMITS["kept_looks"] * most

    def decode(value: object, where: str) -> list[T] | Refused:
        if not isinstance(value, list):
            return Refused("wrong-type", where)
        found: list[T] = []
        for index, part in enumerate(islice(value, looks)):
            if len(found) == most:
                break
            decoded = item.decode(part, join(where, index))
            if not isinstance(decoded, Refused):
                found.append(decoded)
        return found

    return Codec(decode, lambda items: [item.encode(part) for part in items])


def keyed(item: Codec[T], most: int, key_chars: int = LIMITS["name_chars"]) -> Codec[dict[str, T]]:
    """A record used as a map: at most `most` keys of at most key_chars, each value decoded."""

    def decode(value: object, where: str) -> dict[str, T] | Refused:
        entries = as_record(value, where)
        if isinstance(entries, Refused):
            return entries
        if len(entries) > most:
            return Refused("too-many", where)
        found: dict[str, T] = {}
        for key in browser_order(entries):
            if key == FORBIDDEN_KEY:
                return Refused("forbidden-key", where)
            if utf16_units(key) > key_chars:
                return Refused("too-long", where)
            decoded = item.decode(entries[key], join(where, key))
            if isinstance(decoded, Refused):
                return decoded
            found[key] = decoded
        return found

    return Codec(decode, lambda entries: {key: item.encode(part) for key, part in entries.items()})


def optional(item: Codec[T]) -> Codec[T | None]:
    """A part that may be absent; absent is None and is not written."""

    def decode(value: object, where: str) -> T | Refused | None:
        return None if value is None else item.decode(value, where)

    return Codec(decode, lambda value: None if value is None else item.encode(value), lambda where: None)


def fallback(item: Codec[T], standard: T) -> Codec[T]:
    """A part that may be absent and then has a standard value; it is always written."""

    def decode(value: object, where: str) -> T | Refused:
        return standard if value is None else item.decode(value, where)

    return Codec(decode, item.encode, lambda where: standard)


def _mark(value: bool) -> object:
    return value or None


mark: Codec[bool] = Codec(_flag, _mark, lambda where: False)
"""A flag that is written only when it is true."""


def filled(item: Codec[str]) -> Codec[str | None]:
    """A text that may be absent, where an empty one says the same."""

    def decode(value: object, where: str) -> str | Refused | None:
        return None if value is None or value == "" else item.decode(value, where) or None

    return Codec(decode, lambda value: None if value is None else item.encode(value), lambda where: None)


def lenient(item: Codec[T]) -> Codec[T]:
    """A part that is ignored when it is not readable: the item's own value for absent stands instead."""

    def decode(value: object, where: str) -> T | Refused:
        decoded = item.decode(value, where)
        return item.absent(where) if isinstance(decoded, Refused) else decoded

    return Codec(decode, item.encode, item.absent)


def checked(item: Codec[T], rule: Callable[[T, str], Refused | None]) -> Codec[T]:
    """A part with a rule over the decoded whole; rule(value, where) answers the refusal, or None."""

    def decode(value: object, where: str) -> T | Refused:
        decoded = item.decode(value, where)
        return decoded if isinstance(decoded, Refused) else rule(decoded, where) or decoded

    return Codec(decode, item.encode, item.absent)


def as_record(value: object, where: str) -> Mapping[str, object] | Refused:
    """A plain record with text keys, else `not-a-record`."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        return Refused("not-a-record", where)
    return value


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One row of a message's table: its name on the wire and how its value is read and written."""

    wire: str
    codec: Codec[T]


def record(shape: type[T], **table: Field[Any]) -> Codec[T]:
    """A record with fixed fields: the keyword is the clear name (an attribute of the dataclass `shape`)."""
    names = [field.name for field in fields(shape)]  # type: ignore[arg-type]  # T is always a dataclass; typing has no bound for it
    if names != list(table):
        raise TypeError(f"{shape.__name__} has the fields {names}, its table has {list(table)}")

    def decode(value: object, where: str) -> T | Refused:
        entries = as_record(value, where)
        if isinstance(entries, Refused):
            return entries
        found: dict[str, object] = {}
        for name, field in table.items():
            path = join(where, field.wire)
            part = entries.get(field.wire)
            decoded = field.codec.absent(path) if part is None else field.codec.decode(part, path)
            if isinstance(decoded, Refused):
                return decoded
            found[name] = decoded
        return shape(**found)

    def encode(message: T) -> object:
        written = {field.wire: field.codec.encode(getattr(message, name)) for name, field in table.items()}
        return {key: part for key, part in written.items() if part is not None}

    return Codec(decode, encode)


def either(by: str, having: tuple[type[T], Codec[T]], lacking: tuple[type[S], Codec[S]]) -> Codec[T | S]:
    """One of two records under one word, told apart by whether the field `by` is there. Each comes with its dataclass."""
    shape, with_it = having
    _, without = lacking

    def decode(value: object, where: str) -> T | S | Refused:
        entries = as_record(value, where)
        if isinstance(entries, Refused):
            return entries
        return without.decode(value, where) if entries.get(by) is None else with_it.decode(value, where)

    def encode(message: Any) -> object:
        return with_it.encode(message) if isinstance(message, shape) else without.encode(message)

    return Codec(decode, encode)


def tagged(tag: str, kinds: Mapping[str, Codec[Any]], shapes: Mapping[str, type | tuple[type, ...]]) -> Codec[Any]:
    """One of several records, told apart by the word under `tag` (`t` on the star, `k` on the mesh).

    kinds: wire word -> record; shapes: the same words -> dataclass (or several, see either), for the way back.
    Refuses `missing`, `wrong-type` or `unknown-kind` at the tag.
    """
    words = {shape: word for word, named in shapes.items() for shape in (named if isinstance(named, tuple) else (named,))}

    def decode(value: object, where: str) -> object | Refused:
        entries = as_record(value, where)
        if isinstance(entries, Refused):
            return entries
        word = entries.get(tag)
        if word is None:
            return Refused("missing", join(where, tag))
        if not isinstance(word, str):
            return Refused("wrong-type", join(where, tag))
        kind = kinds.get(word)
        return Refused("unknown-kind", join(where, tag)) if kind is None else kind.decode(value, where)

    def encode(message: object) -> object:
        word = words[type(message)]
        body = kinds[word].encode(message)
        return {tag: word, **body} if isinstance(body, dict) else body

    return Codec(decode, encode)
