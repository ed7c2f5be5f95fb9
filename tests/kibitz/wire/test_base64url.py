import base64

from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.base64url import digest_text, read_base64url, utf8, write_base64url
from kibitz.wire.refusal import Refused


@given(st.binary(max_size=200))
def test_what_is_written_is_read_again(data: bytes) -> None:
    assert read_base64url(write_base64url(data)) == data


@given(st.text("AQgw_-9", max_size=12))
def test_a_value_has_exactly_one_text(written: str) -> None:
    data = read_base64url(written)
    assert isinstance(data, Refused) or write_base64url(data) == written


@given(st.text(st.characters(), max_size=20))
def test_any_text_is_answered(written: str) -> None:
    found = read_base64url(written, "proof")
    assert isinstance(found, bytes) or found == Refused("bad-base64", "proof")


def test_unused_bits_and_padding_are_refused() -> None:
    assert base64.urlsafe_b64decode("AB==") == base64.urlsafe_b64decode("AA==")
    assert read_base64url("AA") == b"\0"
    assert read_base64url("AB") == Refused("bad-base64")
    assert read_base64url("AA==") == Refused("bad-base64")


def test_half_a_character_counts_as_a_replacement_character() -> None:
    assert utf8("a\ud800") == "a\ufffd".encode()
    assert digest_text("\ud83d\ude00") == digest_text("😀")
