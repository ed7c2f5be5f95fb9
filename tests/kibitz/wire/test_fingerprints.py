import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.fingerprints import canonical, fingerprint, fingerprint_of_sdp, member_hash, nonce, normal_identity
from kibitz.wire.refusal import Refused
from tests.kibitz.wire.signers import OURS, THEIRS

SECTION = f"a=fingerprint:sha-256 {OURS.upper()}\r\n"


@given(st.binary(min_size=32, max_size=32))
def test_every_sha_256_is_a_fingerprint(digest: bytes) -> None:
    written = digest.hex(":")
    assert fingerprint.decode(f" {written.upper()}\n", "") == written == canonical(written)


@given(st.text(st.characters(), max_size=120))
def test_any_text_is_answered(text: str) -> None:
    assert fingerprint.decode(text, "fp") == Refused("bad-fingerprint", "fp")
    assert isinstance(fingerprint_of_sdp(text), Refused)
    assert nonce(text, "standup") == Refused("bad-fingerprint")


def test_a_description_names_one_certificate() -> None:
    assert fingerprint_of_sdp(f"v=0\r\n{SECTION}m=audio 9\r\n{SECTION}") == OURS
    assert fingerprint_of_sdp("v=0\r\n") == Refused("no-fingerprint")
    assert fingerprint_of_sdp(SECTION + f"a=fingerprint:sha-256 {THEIRS}\r\n") == Refused("many-fingerprints")


@pytest.mark.parametrize("line", ["a=fingerprint:sha-1 00:11", "a=fingerprint:sha-512 " + OURS, "a=fingerprint:"])
def test_only_sha_256_counts(line: str) -> None:
    assert fingerprint_of_sdp(line) == Refused("no-fingerprint")
    assert fingerprint_of_sdp(SECTION + line) == Refused("many-fingerprints")


def test_a_description_is_bounded() -> None:
    assert fingerprint_of_sdp(SECTION + "x" * 65_536) == Refused("too-large")


def test_a_nonce_depends_on_the_room_and_not_on_case() -> None:
    assert nonce(OURS, "a") == nonce(OURS.upper(), "a") != nonce(OURS, "b")
    assert nonce(OURS, "") != nonce(OURS, "a")


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        (" Alice@Example.COM\ufeff", "alice@example.com"),
        ("\uff21lice@example.com", "alice@example.com"),
        ("\x1falice\x1f", "\x1falice\x1f"),
        ("e\u0301", "é"),
    ],
)
def test_identities_are_compared_as_a_browser_compares_them(typed: str, compared: str) -> None:
    assert normal_identity(typed) == compared


def test_a_member_hash_is_another_in_every_room() -> None:
    assert (
        member_hash("Alice@example.com", "a") == member_hash("alice@example.com ", "a") != member_hash("alice@example.com", "b")
    )
