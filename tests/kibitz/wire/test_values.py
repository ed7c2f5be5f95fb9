import json
import re
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import browser_order, cut, data_size, json_chars, number_text, read_json, utf16_units, well_formed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (2**53, "9007199254740992"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_are_written_as_in_a_browser(value: float, written: str) -> None:
    assert number_text(value) == written


def test_the_last_of_two_equal_keys_wins() -> None:
    assert read_json('{"a":1,"a":2}') == {"a": 2}


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "-Infinity", "{", "[1,]", "'a'", "01", "\ufeff1", '"\n"', "1 2"])
def test_what_is_not_json_is_refused(text: str) -> None:
    assert read_json(text) == Refused("not-json")


def test_depth_is_decided_before_parsing() -> None:
    assert read_json("[" * 100_000) == Refused("too-deep")
    assert read_json("[" * 32 + "]" * 32) != Refused("too-deep")
    assert read_json("[" * 33 + "]" * 33) == Refused("too-deep")
    assert read_json(json.dumps("[" * 100)) == "[" * 100


@given(st.lists(st.sampled_from(["[", "]", "{", "}", "[" * 30, "]" * 30, '"', "\\", '\\"', "a", "\ud83d", "\n"]), max_size=40))
def test_depth_is_that_of_brackets_outside_of_strings(pieces: list[str]) -> None:
    text = "".join(pieces)
    outside = re.sub(r'"(?:[^"\\]|\\.)*(?:"|\\?$)', "", text, flags=re.DOTALL)
    depths = accumulate((char in "[{") - (char in "]}") for char in outside)
    assert (read_json(text) == Refused("too-deep")) == (max(depths, default=0) > LIMITS["depth"])


def test_half_a_character_is_never_cut_off() -> None:
    assert cut("a😀", 2) == "a"
    assert cut("a😀", 3) == "a😀"
    assert well_formed("a\ud83d") == "a\ufffd"


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(), lambda inner: st.lists(inner)))
def test_measured_as_written(value: object) -> None:
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert json_chars(value, 10**6) == utf16_units(written)


def test_what_json_cannot_say_is_refused() -> None:
    assert json_chars([float("nan")], 100) == Refused("wrong-type")
    assert json_chars([b"bytes"], 100) == Refused("wrong-type")
    assert json_chars({"__proto__": 1}, 100) == Refused("forbidden-key")
    loop: list[object] = []
    loop.append(loop)
    assert json_chars(loop, 10**6) == Refused("too-deep")


def test_keys_are_walked_as_in_a_browser() -> None:
    assert browser_order({"b": 1, "10": 1, "2": 1, "02": 1, "4294967294": 1, "4294967295": 1}) == [
        "2",
        "10",
        "4294967294",
        "b",
        "02",
        "4294967295",
    ]
    assert json_chars({"b": [float("nan")], "1": {"__proto__": 0}}, 100) == Refused("forbidden-key")


def test_bytes_are_measured_where_they_may_be() -> None:
    assert data_size({"a": b"123"}, 100) == len('{"a":}') + 3
    assert data_size([b"12345"], 6) == Refused("too-large")
