import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.binarypack import check_packed, pack, unpack
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import MAX_SAFE, read_json, well_formed

VECTORS: Any = read_json((Path(__file__).parents[2] / "vectors" / "binarypack.json").read_text("utf-8"))

_NORMAL = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
_KEYS = st.text(max_size=8).filter(lambda key: key != "__proto__")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_SAFE, MAX_SAFE) | _NORMAL | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(_KEYS, inner, max_size=20),
    max_leaves=60,
)


def packed(value: object) -> bytes:
    """The bytes of a value that packs."""
    written = pack(value)
    assert isinstance(written, bytes)
    return written


PACKED = VALUES.map(packed)


def value_of(said: Any) -> object:
    """A value as the vector file says it: bytes stand as {"$bytes": hex}."""
    match said:
        case {"$bytes": digits}:
            return bytes.fromhex(digits)
        case dict():
            return {key: value_of(part) for key, part in said.items()}
        case list():
            return [value_of(part) for part in said]
        case _:
            return said


@pytest.mark.parametrize("row", VECTORS["carried"] + VECTORS["mended"], ids=lambda row: row["hex"][:24])
def test_a_value_and_its_bytes(row: dict[str, Any]) -> None:
    value = value_of(row["value"])
    assert packed(value).hex() == row["hex"]
    assert unpack(packed(value)) == value


@pytest.mark.parametrize("row", VECTORS["read"], ids=lambda row: row["hex"][:24])
def test_other_writers_bytes_are_read(row: dict[str, Any]) -> None:
    assert unpack(bytes.fromhex(row["hex"])) == value_of(row["value"])


@pytest.mark.parametrize("row", VECTORS["refused"], ids=lambda row: f"{row['code']}-{row['hex'][:16]}")
def test_hostile_bytes_are_refused(row: dict[str, Any]) -> None:
    assert check_packed(bytes.fromhex(row["hex"])) == Refused(row["code"])
    assert unpack(bytes.fromhex(row["hex"])) == Refused(row["code"])


@given(VALUES)
def test_what_is_packed_is_read_back(value: object) -> None:
    assert unpack(packed(value)) == value


@given(st.binary(max_size=200) | PACKED.flatmap(lambda whole: st.integers(0, len(whole)).map(lambda end: whole[:end])))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    checked = check_packed(data)
    value = unpack(data)
    assert isinstance(value, Refused) == isinstance(checked, Refused)
    if not isinstance(checked, Refused):
        assert isinstance(pack(value), bytes | Refused)


@given(PACKED, st.data())
def test_a_shorter_or_longer_message_is_never_accepted(whole: bytes, data: st.DataObject) -> None:
    assert check_packed(whole[: data.draw(st.integers(0, len(whole) - 1))]) == Refused("pack-truncated")
    assert check_packed(whole + b"\xc0") == Refused("pack-trailing")


@pytest.mark.parametrize(("size", "head"), [(0xFFFF, "d8ffff"), (0x10000, "d900010000")])
def test_the_length_of_a_long_text(size: int, head: str) -> None:
    assert pack("x" * size) == bytes.fromhex(head) + b"x" * size
    assert unpack(bytes.fromhex(head) + b"x" * size) == "x" * size


def test_whole_doubles_and_zeros_are_written_as_whole_numbers() -> None:
    assert pack(-0.0) == b"\x00"
    assert pack(5.0) == b"\x05"
    assert isinstance(unpack(struct.pack(">Bd", 0xCB, 5.0)), float)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 5e-324, -2.2e-308, 2**53, -(2**60)])
def test_a_number_no_browser_carries_is_not_packed(number: float) -> None:
    assert pack([number]) == Refused("bad-number")


def test_half_characters_are_replaced_and_halves_joined() -> None:
    assert unpack(packed("\ud83d\ude00 \ud83d")) == "😀 \ufffd"


@given(st.text(st.characters(categories=["L", "Cs"])))
def test_text_travels_well_formed(text: str) -> None:
    assert unpack(packed(text)) == well_formed(text)


def test_loops_and_deep_values_are_refused_not_followed() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert pack(loop) == Refused("too-deep")
    ring: dict[str, object] = {}
    ring["again"] = [ring, ring]
    assert pack(ring) == Refused("too-deep")
    deep: object = None
    for _ in range(LIMITS["depth"]):
        deep = [deep]
    assert check_packed(b"\x91" * LIMITS["depth"] + b"\xc0") is True
    assert check_packed(packed(deep)) is True
    assert pack([deep]) == Refused("too-deep")


def test_a_small_graph_with_many_paths_is_refused() -> None:
    layer: object = [None] * 16
    for _ in range(10):
        layer = [layer] * 16
    assert pack(layer) == Refused("too-large")


def test_the_limits_of_size_and_number() -> None:
    body = LIMITS["pack_bytes"] - 5
    assert check_packed(packed(b"\0" * body)) is True
    assert pack(b"\0" * (body + 1)) == Refused("too-large")
    assert check_packed(b"\xc0" * (LIMITS["pack_bytes"] + 1)) == Refused("too-large")
    most = LIMITS["pack_items"] - 1
    assert check_packed(packed([None] * most)) is True
    assert pack([None] * (most + 1)) == Refused("too-large")
    assert check_packed(b"\xdd" + struct.pack(">I", most + 1) + b"\xc0" * (most + 1)) == Refused("too-large")


@pytest.mark.parametrize("value", [{1: 2}, (1,), {1, 2}, object(), bytearray(b"a"), [{"a": {None: 1}}]])
def test_what_no_browser_sends_is_not_packed(value: object) -> None:
    assert pack(value) == Refused("wrong-type")


def test_a_prototype_is_no_field() -> None:
    assert pack({"a": {"__proto__": {}}}) == Refused("forbidden-key")
    assert pack(["__proto__"]) == b"\x91\xb9__proto__"
