from dataclasses import replace

import pytest

from kibitz.wire.fingerprints import member_hash
from kibitz.wire.grants import agent_grant
from kibitz.wire.manifests import AgentKey, Invitee, Manifest, admits, check_manifest, hashed, manifest_of, sign_manifest
from kibitz.wire.refusal import Refused
from kibitz.wire.seal import seal, unseal
from kibitz.wire.tokens import sign_token
from tests.kibitz.wire.signers import NOW, ROOM, Signer

CREATOR = Signer()
AGENT = Signer()
LIST = Manifest(["alice@example.com"], "google", ROOM, NOW + 100)
NOBODY = replace(LIST, members=[])


def checked(value: Manifest, mode: str | None = "google", now: float = NOW) -> Manifest | Refused:
    return check_manifest(sign_manifest(value, CREATOR.secret), CREATOR.public, room=ROOM, mode=mode, now=now)


def found(value: Manifest) -> Manifest:
    answer = checked(value, mode=None)
    assert isinstance(answer, Manifest)
    return answer


def test_a_full_list_comes_back_as_it_was_made() -> None:
    full = replace(
        LIST,
        domains=["example.org"],
        hashes=[member_hash("bob@example.com", ROOM)],
        invitees=[Invitee("mail", "alice@example.com", name="Alice"), Invitee("oidc", domain="example.org", is_shown=True)],
        agent_keys=[AgentKey(AGENT.public, agent_grant(), "scribe"), AgentKey(AGENT.public)],
    )
    assert checked(full) == full


def test_each_reason_has_its_code() -> None:
    assert checked(replace(LIST, room="other")) == Refused("wrong-room", "room")
    assert checked(LIST, mode="invite") == Refused("wrong-mode", "mode")
    assert checked(LIST, now=NOW + 100) == Refused("expired", "exp")
    assert checked(NOBODY) == Refused("no-members", "members")


@pytest.mark.parametrize(
    "some",
    [{"domains": ["example.org"]}, {"hashes": ["A" * 43]}, {"agent_keys": [AgentKey(AGENT.public)]}],
    ids=["a domain", "a hash", "an agent"],
)
def test_one_of_anything_is_a_list(some: dict[str, list[object]]) -> None:
    assert isinstance(checked(replace(NOBODY, **some)), Manifest)  # type: ignore[arg-type]  # each is a field of its type


@pytest.mark.parametrize(
    "some",
    [
        {"members": ["", " ", "\ufeff"]},
        {"domains": ["", " @ "]},
        {"mode": "names", "domains": ["example.org"]},
        {"mode": "names", "members": [" "], "domains": ["example.org"]},
    ],
    ids=["blank members", "blank domains", "domains for picked names", "both"],
)
def test_a_list_that_could_admit_nobody_is_refused(some: dict[str, object]) -> None:
    value = replace(NOBODY, **some)  # type: ignore[arg-type]  # each is a field of its type
    assert checked(value, mode=None) == Refused("no-members", "members")


def test_what_names_its_kind_is_no_list() -> None:
    token = sign_token(
        {"k": "kbz-host-order.v1", "members": ["a"], "mode": "names", "room": ROOM, "exp": NOW + 9}, CREATOR.secret
    )
    assert check_manifest(token, CREATOR.public, room=ROOM, mode=None, now=NOW) == Refused("wrong-kind", "k")


def test_members_are_compared_without_case_and_space() -> None:
    assert admits(found(LIST), " ALICE@Example.com")
    assert not admits(found(LIST), "bob@example.com")
    assert not admits(found(LIST), " ")


def test_with_hashes_only_hashes_count() -> None:
    by_hash = found(replace(LIST, hashes=[member_hash("bob@example.com", ROOM)]))
    assert admits(by_hash, "Bob@example.com")
    assert not admits(by_hash, "alice@example.com")


def test_a_domain_is_what_follows_the_last_at_sign() -> None:
    ours = found(replace(NOBODY, domains=["@Example.org", ""]))
    assert admits(ours, "anyone@example.ORG")
    assert admits(ours, '"a@b"@example.org')
    for stranger in ("a@sub.example.org", "example.org", "a@example.org@evil.example", "a@", "@"):
        assert not admits(ours, stranger)


def test_a_picked_name_proves_no_domain() -> None:
    assert not admits(found(replace(NOBODY, mode="names", members=["Bo"], domains=["example.org"])), "x@example.org")


def test_a_form_becomes_a_list() -> None:
    rows = [
        Invitee("mail", "a@example.com", name="A"),
        Invitee("signin", "b@example.com"),
        Invitee("mail", "  "),
        Invitee("signin"),
        Invitee("oidc", "c@example.org", "example.org"),
        Invitee("oidc", "d@example.net", "example.net", is_shown=True),
    ]
    made = manifest_of(rows, room=ROOM, expires_at=NOW)
    assert (made.mode, made.members) == ("google", ["a@example.com", "b@example.com"])
    assert made.domains == ["example.org", "example.net"]
    assert [row.identity for row in made.invitees] == ["a@example.com", "b@example.com", None, "d@example.net"]


def test_a_hashed_list_names_no_address_and_admits_the_same() -> None:
    plain = manifest_of([Invitee("mail", "a@example.com", name="A")], room=ROOM, expires_at=NOW + 100)
    secret = found(hashed(plain))
    assert "example.com" not in str(secret)
    assert admits(secret, "A@example.com")
    assert not admits(secret, "b@example.com")


def test_a_list_can_be_locked_with_a_password() -> None:
    token = sign_manifest(LIST, CREATOR.secret)
    blob = seal(token, "open sesame", bytes(16), bytes(12), 1)
    assert isinstance(blob, str)
    assert unseal(blob, "open sesame") == token


def test_what_is_longer_than_a_link_allows_is_refused() -> None:
    token = sign_token({"members": ["x" * 16_384]}, CREATOR.secret)
    assert check_manifest(token, CREATOR.public, room=ROOM, mode=None, now=NOW) == Refused("too-long")
