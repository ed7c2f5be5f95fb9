import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.base64url import read_base64url, write_base64url
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import json_text, open_token, run_out, sign_token, token_id, wrong_age, wrong_certificate, wrong_room
from kibitz.wire.values import read_json
from tests.kibitz.wire.signers import OURS, THEIRS, Signer

SIGNER = Signer()
STRANGER = Signer()

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_what_is_signed_is_opened(payload: dict[str, object]) -> None:
    assert open_token(sign_token(payload, SIGNER.secret), SIGNER.public, 100_000) == payload


def test_the_body_keeps_the_order_of_its_keys() -> None:
    body = sign_token({"b": 1, "a": {"d": 2.0, "c": "é"}}, SIGNER.secret).partition(".")[0]
    assert read_base64url(body) == '{"b":1,"a":{"d":2,"c":"é"}}'.encode()


@given(json_values)
def test_json_is_written_so_that_it_reads_the_same(value: object) -> None:
    assert read_json(json_text(value)) == value


def test_json_is_written_as_in_a_browser() -> None:
    assert json_text({"b": 1.5e-7, "1": 1e21, "0": "\ud800"}) == '{"0":"\\ud800","1":1e+21,"b":1.5e-7}'


@given(st.text(st.characters(), max_size=40) | st.text("AQ.", max_size=40))
def test_any_text_is_answered(token: str) -> None:
    assert isinstance(open_token(token, SIGNER.public, 100), Refused)


@given(st.integers(0, 10_000), st.sampled_from("AQgw_.é"))
def test_no_character_can_be_changed(at: int, put: str) -> None:
    token = sign_token({"room": "standup"}, SIGNER.secret)
    place = at % len(token)
    changed = token[:place] + put + token[place + 1 :]
    assert changed == token or isinstance(open_token(changed, SIGNER.public, 1000), Refused)


def test_a_signature_is_judged_before_the_body_is_read() -> None:
    body = write_base64url(b"not json")
    signature = write_base64url(bytes(64))
    assert open_token(f"{body}.{signature}", SIGNER.public, 1000) == Refused("token-signature")


def test_another_key_opens_nothing() -> None:
    assert open_token(sign_token({}, SIGNER.secret), STRANGER.public, 1000) == Refused("token-signature")


def test_the_limit_counts_characters() -> None:
    token = sign_token({}, SIGNER.secret)
    assert open_token(token, SIGNER.public, len(token)) == {}
    assert open_token(token, SIGNER.public, len(token) - 1) == Refused("too-long")


@pytest.mark.parametrize(
    ("age", "verdict"), [(-61, "not-yet-valid"), (-60, None), (0, None), (120, None), (121, "too-old"), (float("inf"), "too-old")]
)
def test_the_edges_of_an_age(age: float, verdict: str | None) -> None:
    found = wrong_age(1000 - age, 1000, 60, 120)
    assert found == (None if verdict is None else Refused(verdict, "iat"))


def test_the_checks_that_claims_share() -> None:
    assert wrong_room("standup", "standup") is None
    assert wrong_room("standup", "Standup") == Refused("wrong-room", "room")
    assert wrong_certificate(OURS, f" {OURS.upper()}") is None
    assert wrong_certificate(OURS, THEIRS) == Refused("wrong-certificate", "fp")
    assert run_out(1000, 999.5) is None
    assert run_out(1000, 1000) == Refused("expired", "exp")
    assert run_out(1000, None) is None


def test_a_token_is_named_by_all_of_its_text() -> None:
    assert token_id("a.b") != token_id("a.c")
    assert len(token_id("a.b")) == 43
