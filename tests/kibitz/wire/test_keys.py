import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.base64url import write_base64url
from kibitz.wire.keys import (
    PrivateKey,
    PublicKey,
    private_from_scalar,
    private_key,
    public_key,
    read_key_text,
    signing_key,
    thumbprint,
    write_key_text,
)
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import open_token, sign_token

V6 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "i_ZXS_BXkWINaFloDkQnn2UgdKRgjRSj3-7iMNbroys",
    "y": "XmT9oGx0odGownMfVfJtOLQKvloRZ05C7BVZTH3odnM",
}


def _number(value: int) -> str:
    return write_base64url(value.to_bytes(32, "big"))


def fresh_key() -> PrivateKey:
    made = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    point = made.public_numbers
    return PrivateKey(PublicKey(_number(point.x), _number(point.y)), _number(made.private_value))


def test_the_thumbprint_of_appendix_v6() -> None:
    key = public_key.decode(V6, "")
    assert isinstance(key, PublicKey)
    assert thumbprint(key) == "GSUZI-x3TKvM8TLajVPKTWSlto91zqufntCC9o76B3E"


def test_a_written_public_key_has_no_secret_and_reads_again() -> None:
    key = fresh_key()
    assert public_key.encode(key.public) == {"kty": "EC", "crv": "P-256", "x": key.public.x, "y": key.public.y}
    assert read_key_text(write_key_text(key.public)) == key.public
    assert public_key.decode(private_key.encode(key), "jwk") == Refused("private-key", "jwk.d")


def test_a_private_key_signs_for_its_public_half() -> None:
    key = private_key.decode(private_key.encode(fresh_key()), "")
    assert isinstance(key, PrivateKey)
    ready = signing_key(key)
    assert isinstance(ready, ec.EllipticCurvePrivateKey)
    assert open_token(sign_token({"a": 1}, ready), key.public, 200) == {"a": 1}


def test_a_scalar_of_somebody_else_is_refused_before_it_signs() -> None:
    one, other = fresh_key(), fresh_key()
    mixed = private_from_scalar(other.d, one.public)
    assert isinstance(mixed, PrivateKey)
    assert signing_key(mixed) == Refused("bad-key")


@pytest.mark.parametrize("value", [0, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551, 2**256 - 1])
def test_a_scalar_out_of_range_is_refused(value: int) -> None:
    assert private_from_scalar(_number(value), fresh_key().public, "gtk") == Refused("bad-key", "gtk")


def test_points_off_the_curve_are_refused() -> None:
    for _ in range(20):
        made = public_key.decode(V6 | {"y": write_base64url(secrets.token_bytes(32))}, "")
        assert made == Refused("bad-key")


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from([*V6.values(), None, True, 0, "", [], {}, ["verify"], "A" * 43])
            for name in ("kty", "crv", "x", "y", "d", "ext", "key_ops")
        },
    )
)
def test_any_record_is_answered(jwk: dict[str, object]) -> None:
    assert isinstance(public_key.decode(jwk, ""), PublicKey | Refused)
    assert isinstance(private_key.decode(jwk, ""), PrivateKey | Refused)


def test_a_key_in_a_link_is_bounded() -> None:
    assert read_key_text("A" * 1025) == Refused("too-long")
