"""What Python says of any input of the hostile corpus, in a form that another language's answer can be compared with.

Twin: widget/tools/wire-verdicts.ts, which has the same readers under the same names.
"""

import hashlib
import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from kibitz.wire import registry
from kibitz.wire.binarypack import unpack
from kibitz.wire.codec import Codec
from kibitz.wire.content import content
from kibitz.wire.link_params import encode_params
from kibitz.wire.links import read_link
from kibitz.wire.presence import to_coordinator
from kibitz.wire.refusal import Refused
from kibitz.wire.values import MAX_SAFE

OWN_ORIGIN: Final = "https://kibitz.example"

_WHOLE_CHARS: Final = 200
"""A longer account of an accepted value is compared by its digest."""


def verdict(reader: str, text: str) -> dict[str, str]:
    """{"ok": account of what would be written again} or {"refused": code, "where": path}."""
    found = READERS[reader](text)
    if isinstance(found, Refused):
        return {"refused": found.code, "where": found.where}
    account = json.dumps(_plain(found), separators=(",", ":"))
    return {"ok": account if len(account) <= _WHOLE_CHARS else hashlib.sha256(account.encode("ascii")).hexdigest()}


def _plain(value: Any) -> object:
    """A value with its records in one order of keys and its numbers and bytes in one spelling."""
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            whole = int(value) if value == value and abs(value) <= MAX_SAFE else None
            return whole if whole == value else {"f": struct.pack(">d", value).hex()}
        case bytes():
            return {"b": value.hex()}
        case Mapping():
            return {"r": [[key, _plain(value[key])] for key in sorted(value, key=_units) if value[key] is not None]}
        case _:
            return [_plain(part) for part in value]


def _units(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _packed(codec: Codec[Any]) -> Callable[[str], object]:
    def read(digits: str) -> object:
        value = unpack(bytes.fromhex(digits))
        decoded = value if isinstance(value, Refused) else codec.decode(value, "")
        return decoded if isinstance(decoded, Refused) else codec.encode(decoded)

    return read


def _link(text: str) -> object:
    opened = read_link(text, OWN_ORIGIN)
    if isinstance(opened, Refused):
        return opened
    written = encode_params(opened.params)
    params = [written.code, written.where] if isinstance(written, Refused) else written
    return {"room": opened.room, "params": params, "raw": opened.raw, "notice": opened.notice}


READERS: Final[Mapping[str, Callable[[str], object]]] = {
    **registry.READERS,
    "binarypack": lambda digits: unpack(bytes.fromhex(digits)),
    "packed-content": _packed(content),
    "packed-to-coordinator": _packed(to_coordinator),
    # "link": _link,
}
