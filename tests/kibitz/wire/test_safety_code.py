import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.refusal import Refused
from kibitz.wire.safety_code import SYMBOLS, pair_code
from tests.kibitz.wire.signers import OURS, THEIRS

fingerprints = st.binary(min_size=32, max_size=32).map(lambda digest: digest.hex(":"))


def test_there_are_32_symbols_and_no_two_alike() -> None:
    assert len({entry.symbol for entry in SYMBOLS}) == len({entry.name for entry in SYMBOLS}) == 32
    assert [SYMBOLS[index].name for index in (0, 8, 16, 31)] == ["fox", "wave", "lemon", "blowfish"]


@given(fingerprints, fingerprints, st.integers(1, 32))
def test_both_ends_see_the_same(one: str, other: str, count: int) -> None:
    code = pair_code(one, other, count)
    assert isinstance(code, tuple)
    assert code == pair_code(other.upper(), one, count)
    assert len(code) == count
    assert all(0 <= index < 32 for index in code)


def test_the_longer_code_begins_with_the_shorter() -> None:
    short, long = pair_code(OURS, THEIRS), pair_code(OURS, THEIRS, 8)
    assert isinstance(short, tuple)
    assert isinstance(long, tuple)
    assert long[:4] == short


@pytest.mark.parametrize("count", [0, 33, -1])
def test_a_digest_has_32_bytes(count: int) -> None:
    assert pair_code(OURS, THEIRS, count) == Refused("bad-number", "count")


def test_without_a_fingerprint_there_is_no_code() -> None:
    assert pair_code("", THEIRS) == Refused("bad-fingerprint", "one")
    assert pair_code(OURS, OURS[1:]) == Refused("bad-fingerprint", "other")
