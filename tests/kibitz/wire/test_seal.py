import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.base64url import read_base64url, write_base64url
from kibitz.wire.refusal import Refused
from kibitz.wire.seal import ITERATIONS, seal, seal_key, unseal

SALT = bytes(range(16))
IV = bytes(range(100, 112))
PASSPHRASE = "correct horse battery staple"


def sealed(text: str, passphrase: str = PASSPHRASE) -> str:
    blob = seal(text, passphrase, SALT, IV, 1)
    assert isinstance(blob, str)
    return blob


@pytest.mark.parametrize("version", [1, 2])
def test_what_is_sealed_is_unsealed(version: int) -> None:
    blob = seal("é😀", PASSPHRASE, SALT, IV, 1 if version == 1 else 2)
    assert isinstance(blob, str)
    assert unseal(blob, PASSPHRASE) == "é😀"


def test_version_2_is_written_unless_told() -> None:
    data = read_base64url(str(seal("", "p", SALT, IV)))
    assert isinstance(data, bytes)
    assert (data[0], len(data)) == (2, 45)


def test_the_keys_of_appendix_v5() -> None:
    assert seal_key(PASSPHRASE, SALT, 1).hex() == "18465cade096c185b5f60765891fca3f74477e23fd9b6fc88faf7831a91753ac"
    assert seal_key(PASSPHRASE, SALT, 2).hex() == "ef177144eec9420cbc1093d2a8b344a92bc506d0d4ec9c028dd19f8324d8c1e6"
    assert ITERATIONS == {1: 210_000, 2: 600_000}


def test_a_password_is_compared_after_nfkc() -> None:
    assert unseal(sealed("x", "ﬁve Å"), "five Å") == "x"


def test_a_wrong_password_and_a_changed_blob_look_the_same() -> None:
    blob = sealed("x")
    assert unseal(blob, PASSPHRASE + "!") == Refused("seal-wrong-passphrase")
    data = read_base64url(blob)
    assert isinstance(data, bytes)
    for at in (1, 17, 29, len(data) - 1):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert unseal(write_base64url(changed), PASSPHRASE) == Refused("seal-wrong-passphrase")


@given(st.text(st.characters(), max_size=60) | st.binary(max_size=44).map(write_base64url))
def test_what_is_no_blob_is_unreadable(blob: str) -> None:
    assert unseal(blob, PASSPHRASE) == Refused("seal-unreadable")


@pytest.mark.parametrize("version", [0, 3, 255])
def test_a_version_of_the_future_is_unreadable(version: int) -> None:
    assert unseal(write_base64url(bytes([version]) + bytes(60)), PASSPHRASE) == Refused("seal-unreadable")


def test_bytes_that_are_no_text_are_unreadable() -> None:
    locked = AESGCM(seal_key(PASSPHRASE, SALT, 1)).encrypt(IV, b"\xff", None)
    assert unseal(write_base64url(b"\x01" + SALT + IV + locked), PASSPHRASE) == Refused("seal-unreadable")


def test_sizes_are_bounded() -> None:
    assert seal("x" * 16_385, PASSPHRASE, SALT, IV) == Refused("too-large")
    assert seal("x", "p" * 1025, SALT, IV) == Refused("too-long")
    assert seal("x", "", SALT, IV) == Refused("bad-value")
    assert unseal("A" * 22_529, PASSPHRASE) == Refused("too-large")
    assert unseal(sealed("x"), "p" * 1025) == Refused("too-long")
    assert unseal(sealed("x"), "") == Refused("seal-wrong-passphrase")


def test_the_longest_text_comes_back() -> None:
    assert unseal(sealed("x" * 16_384), PASSPHRASE) == "x" * 16_384


@pytest.mark.parametrize(("salt", "iv"), [(SALT[:15], IV), (SALT, IV[:11])])
def test_a_caller_that_brings_the_wrong_bytes_is_told(salt: bytes, iv: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        seal("x", PASSPHRASE, salt, iv)
