from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.door import (
    CODE_KIND,
    Bound,
    Order,
    Pass,
    ban_hash,
    browser_mark,
    canonical_code,
    check_assertion,
    check_host_entry,
    check_pass,
    code_key,
    code_proof,
    new_code,
    open_code_check,
    open_order,
    proof_key,
    sign_assertion,
    sign_host_entry,
    sign_order,
    sign_pass,
    strong_code,
    write_code_check,
    wrong_code_entry,
)
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import sign_token
from tests.kibitz.wire.signers import NOW, OURS, ROOM, THEIRS, Signer

HOST = Signer()
AGENT = Signer()
STRANGER = Signer()
ENTRY = Bound(ROOM, OURS, NOW)
PASS = Pass(ROOM, OURS, "Alice", NOW, NOW + 43_200)
ORDER = Order(ROOM, [ban_hash("mid", "m1", ROOM)], is_locked=True, is_lobby_on=False, seq=NOW, prev="", issued_at=NOW)


def test_a_host_entry_holds_on_one_connection() -> None:
    token = sign_host_entry(ENTRY, HOST.secret)
    assert check_host_entry(token, HOST.public, room=ROOM, handshook=OURS) == ENTRY
    assert check_host_entry(token, HOST.public, room=ROOM, handshook=THEIRS) == Refused("wrong-certificate", "fp")
    assert check_host_entry(token, HOST.public, room="other", handshook=OURS) == Refused("wrong-room", "room")
    assert check_host_entry(token, STRANGER.public, room=ROOM, handshook=OURS) == Refused("token-signature")


def passed(value: Pass, now: float | None = NOW, handshook: str = OURS) -> Pass | Refused:
    return check_pass(sign_pass(value, HOST.secret), HOST.public, room=ROOM, handshook=handshook, now=now)


def test_a_pass_lives_twelve_hours_at_most() -> None:
    assert passed(PASS) == PASS
    assert passed(replace(PASS, expires_at=NOW + 43_201)) == Refused("lives-too-long", "exp")
    assert passed(PASS, now=NOW + 43_199) == PASS
    assert passed(PASS, now=NOW + 43_200) == Refused("expired", "exp")
    assert passed(PASS, now=None) == PASS
    assert passed(PASS, handshook=THEIRS) == Refused("wrong-certificate", "fp")


@pytest.mark.parametrize(("ahead", "is_good"), [(60, True), (61, False), (10_000_000, False)])
def test_a_pass_dated_in_the_future_does_not_outlive_twelve_hours(ahead: int, is_good: bool) -> None:
    dated = replace(PASS, issued_at=NOW + ahead, expires_at=NOW + ahead + 43_200)
    assert passed(dated) == (dated if is_good else Refused("lives-too-long", "exp"))
    assert passed(dated, now=None) == dated


def test_one_kind_never_stands_for_another() -> None:
    for token in (sign_pass(PASS, HOST.secret), sign_order(ORDER, HOST.secret), sign_assertion(ENTRY, HOST.secret)):
        assert check_host_entry(token, HOST.public, room=ROOM, handshook=OURS) == Refused("wrong-kind", "k")
    entry = sign_host_entry(ENTRY, HOST.secret)
    assert check_pass(entry, HOST.public, room=ROOM, handshook=OURS, now=NOW) == Refused("wrong-kind", "k")
    assert open_order(entry, HOST.public, ROOM) == Refused("wrong-kind", "k")


def test_an_agent_is_known_by_its_key() -> None:
    token = sign_assertion(ENTRY, AGENT.secret)
    allowed = [STRANGER.public, AGENT.public]
    assert check_assertion(token, allowed, room=ROOM, handshook=OURS, now=NOW + 300) == AGENT.public
    assert check_assertion(token, allowed, room=ROOM, handshook=OURS, now=NOW + 301) == Refused("too-old", "iat")
    assert check_assertion(token, allowed, room=ROOM, handshook=OURS, now=None) == AGENT.public
    assert check_assertion(token, allowed, room=ROOM, handshook=OURS, now=NOW - 61) == Refused("not-yet-valid", "iat")
    assert check_assertion(token, [STRANGER.public], room=ROOM, handshook=OURS, now=NOW) == Refused("token-signature")
    assert check_assertion(token, [], room=ROOM, handshook=OURS, now=NOW) == Refused("token-signature")
    assert check_assertion("junk", allowed, room=ROOM, handshook=OURS, now=NOW) == Refused("token-malformed")


@given(st.binary(min_size=16, max_size=16))
def test_a_fresh_code_is_strong_and_survives_being_retyped(random: bytes) -> None:
    code = new_code(random)
    assert strong_code(code.upper().replace("-", " ")) == canonical_code(code)
    assert len(canonical_code(code)) == 16
    assert not set("lo01") & set(code)


@given(st.text(st.characters(), max_size=300))
def test_any_typed_code_has_a_canonical_form(typed: str) -> None:
    found = canonical_code(typed)
    assert canonical_code(found) == found
    assert not found or (found.isascii() and found.isalnum() and found == found.upper())


def test_a_short_code_is_refused_for_a_new_room() -> None:
    assert strong_code("7hkm-x2qp-9rtv-w4z") == Refused("code-too-short")


def test_a_code_is_proven_and_never_sent() -> None:
    salt, typed = bytes(range(16)), "7hkm-x2qp-9rtv-w4zc"
    key = code_key(typed, salt)
    check = write_code_check(key, salt)
    proving = open_code_check(check, "7HKM X2QP 9RTV W4ZC")
    assert isinstance(proving, bytes)
    assert proving == proof_key(key) != key
    proof = code_proof(proving, ROOM, OURS)
    assert wrong_code_entry(CODE_KIND, proof, proving, room=ROOM, handshook=OURS.upper()) is None
    assert wrong_code_entry(CODE_KIND, proof, proving, room=ROOM, handshook=THEIRS) == Refused("wrong-code", "proof")
    assert wrong_code_entry(CODE_KIND, proof, proving, room="other", handshook=OURS) == Refused("wrong-code", "proof")
    assert open_code_check(check, "7hkm-x2qp-9rtv-w4zd") == Refused("wrong-code")


@pytest.mark.parametrize(
    ("check", "code"), [("", "bad-value"), ("A" * 63, "bad-value"), ("A" * 65, "bad-base64"), ("A" * 64, "wrong-code")]
)
def test_a_damaged_code_check_opens_nothing(check: str, code: str) -> None:
    assert open_code_check(check, "") == Refused(code)


def test_a_ban_names_nobody_and_counts_in_one_room() -> None:
    assert ban_hash("eml", " Zoe@Example.org", ROOM) == ban_hash("eml", "zoe@example.org", ROOM)
    assert ban_hash("fp", OURS.upper(), ROOM) == ban_hash("fp", OURS, ROOM)
    assert ban_hash("mid", "A", ROOM) != ban_hash("mid", "a", ROOM)
    assert len({ban_hash(kind, "a", room) for kind in ("inv", "eml", "fp", "mid", "bid") for room in ("x", "y")}) == 10
    assert browser_mark(bytes(16), "x") != browser_mark(bytes(16), "y")


def test_an_order_comes_back_as_it_was_made() -> None:
    assert open_order(sign_order(ORDER, HOST.secret), HOST.public, ROOM) == ORDER
    assert open_order(sign_order(ORDER, HOST.secret), HOST.public, "other") == Refused("wrong-room", "room")
    assert open_order(sign_order(ORDER, STRANGER.secret), HOST.public, ROOM) == Refused("token-signature")


def test_the_longest_order_fits_and_a_longer_one_is_refused() -> None:
    most = replace(ORDER, bans=[ban_hash("mid", str(number), ROOM) for number in range(256)], prev="A" * 43)
    assert open_order(sign_order(most, HOST.secret), HOST.public, ROOM) == most
    more = replace(ORDER, bans=[*most.bans, "A" * 43])
    assert open_order(sign_order(more, HOST.secret), HOST.public, ROOM) == Refused("too-many", "ban")
    assert open_order(sign_token({"pad": "x" * 32_768}, HOST.secret), HOST.public, ROOM) == Refused("too-long")


def test_a_caller_that_brings_the_wrong_bytes_is_told() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        new_code(bytes(15))
