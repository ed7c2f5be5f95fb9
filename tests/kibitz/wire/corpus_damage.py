"""Damage to JSON texts and to plain texts, by a seeded hand.

A value is opened into a tree that can say what no value can: a key twice, NaN, a bracket too many; then it is written.
"""

import json
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from kibitz.wire.limits import LIMITS
from tests.kibitz.wire.corpus_seeds import VALUES


@dataclass(frozen=True, slots=True)
class Verbatim:
    """JSON text that no value makes: NaN, 1e400, a deep bracket."""

    text: str


class Entries(list[tuple[str, Any]]):
    """A record that may say a key twice."""


_SIZES: Final = sorted({size for size in LIMITS.values() if size <= 1024} | {0, 1, 65})
_LARGE_SIZES: Final = sorted(size for size in set(LIMITS.values()) if 1024 < size <= 300_000)
FILLINGS: Final = (
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
ODD_PARTS: Final = [
    *_NUMBERS,
    *_ODD,
    *_WORDS,
    *("a" * (size + more) for size in _SMALL for more in (0, 1)),
    *("😀" * size for size in _SMALL),
]
LONG_PARTS: Final = ["a" * (size + more) for size in _LARGE_SIZES if size <= LIMITS["order_chars"] for more in (0, 1)]


def damaged_json(source: Random, value: Any) -> str:
    root = opened(value)
    for _ in range(source.choice((0, 1, 1, 1, 2, 3))):
        root = _damage(source, root)
    text = written(root, source.random() < 0.5)
    return scratched(source, text) if source.random() < 0.15 else text


def opened(value: Any) -> Any:
    """A copy that can be damaged: records as lists of pairs."""
    match value:
        case dict():
            return Entries((key, opened(part)) for key, part in value.items())
        case list():
            return [opened(part) for part in value]
        case _:
            return value


def places(node: Any, found: list[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """Every place inside node as (container, index)."""
    for index, part in enumerate(node):
        found.append((node, index))
        inner = part[1] if isinstance(node, Entries) else part
        if isinstance(inner, list):
            places(inner, found)
    return found


def _damage(source: Random, root: Any) -> Any:
    inside = places(root, []) if isinstance(root, list) else []
    if not inside or source.random() < 0.02:
        return _hostile_value(source)
    holder, index = source.choice(inside)
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
        items[index] = _hostile_value(source) if roll < 0.8 else opened(source.choice(VALUES["content"]))


def _drop(source: Random, entries: Entries, index: int) -> None:
    del entries[index]


def _say_twice(source: Random, entries: Entries, index: int) -> None:
    entries.append((entries[index][0], _hostile_value(source)))


def _say_more(source: Random, entries: Entries, index: int) -> None:
    entries.insert(source.choice((0, len(entries))), (source.choice((*_WORDS, "10", "9", "t", "k")), _hostile_value(source)))


def _rename(source: Random, entries: Entries, index: int) -> None:
    entries[index] = (hostile_text(source), entries[index][1])


def _wrap(source: Random, entries: Entries, index: int) -> None:
    key, part = entries[index]
    entries[index] = (key, source.choice((str(part), [part], Entries([(key, part)]))))


def _empty(source: Random, entries: Entries, index: int) -> None:
    entries[index] = (entries[index][0], None)


def _misspell(source: Random, entries: Entries, index: int) -> None:
    key, part = entries[index]
    entries[index] = (key, scratched(source, part) if isinstance(part, str) else hostile_text(source))


def _replace(source: Random, entries: Entries, index: int) -> None:
    entries[index] = (entries[index][0], _hostile_value(source))


_ENTRY_DAMAGES: Final = (_drop, _say_twice, _say_more, _rename, _wrap, _empty, _misspell, *[_replace] * 5)


def _hostile_value(source: Random) -> Any:
    roll = source.random()
    if roll < 0.35:
        return source.choice(_NUMBERS)
    if roll < 0.65:
        return hostile_text(source)
    if roll < 0.7:
        return opened(source.choice(source.choice(tuple(VALUES.values()))))
    return opened(source.choice(_ODD))


def hostile_text(source: Random) -> str:
    """At, under or over some limit, of one kind of character or two; or a word that means something to a language."""
    if source.random() < 0.2:
        return source.choice(_WORDS)
    sizes = _LARGE_SIZES if source.random() < 0.004 else _SIZES
    size = max(0, source.choice(sizes) + source.choice((-1, 0, 0, 1, 2)))
    filling = source.choice(FILLINGS)
    text = filling * (size if source.random() < 0.8 else size // 2)
    return text + source.choice(FILLINGS) * source.randrange(3) if source.random() < 0.3 else text


def written(node: Any, is_ascii: bool) -> str:
    match node:
        case Verbatim(text):
            return text
        case Entries():
            return f"{{{','.join(f'{json.dumps(key, ensure_ascii=is_ascii)}:{written(part, is_ascii)}' for key, part in node)}}}"
        case list():
            return f"[{','.join(written(part, is_ascii) for part in node)}]"
        case _:
            return json.dumps(node, ensure_ascii=is_ascii)


def scratched(source: Random, text: str) -> str:
    """Damage that knows nothing of the meaning: cut, doubled, one character other, something put in."""
    at = source.randrange(len(text) + 1)
    match source.randrange(6):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + text[at + 1 :]
        case 2:
            return text[:at] + source.choice(FILLINGS + tuple("{}[],:\"'/.#?&=+@_0eE-")) + text[at + 1 :]
        case 3:
            return (
                text[:at] + source.choice(("\ufeff", "\u00a0", "\n", ",", "\x0b", "/**/", "\ud83d", '"', "..", "%zz")) + text[at:]
            )
        case 4:
            return source.choice(("\ufeff", " ", "\u2028", "\x0c")) + text + source.choice(("", " ", "\n", "\x00", "x"))
        case _:
            return text + text[:at]


def with_part(value: Any, number: int, other: Any) -> Any:
    """A copy of value with another part at its place of that number."""
    root = opened(value)
    holder, index = places(root, [])[number]
    holder[index] = (holder[index][0], other) if isinstance(holder, Entries) else other
    return root
