from dataclasses import replace

import pytest

from kibitz.wire.door import Pass, sign_pass
from kibitz.wire.invitations import Guest, Invitation, Proof, check_guest, check_invitation, sign_invitation, sign_proof
from kibitz.wire.keys import thumbprint
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import sign_token
from tests.kibitz.wire.signers import NOW, OURS, ROOM, THEIRS, Signer

CREATOR = Signer()
GUEST = Signer()
STRANGER = Signer()
INVITED = Invitation("Zoë", ROOM, NOW + 100, GUEST.public)
PROVEN = Proof(ROOM, OURS, NOW)
TICKET = sign_invitation(INVITED, CREATOR.secret)


def shown(token: str, proof: str, handshook: str = OURS, now: float | None = NOW) -> Guest | Refused:
    return check_guest(token, proof, creator=CREATOR.public, room=ROOM, handshook=handshook, now=now)


def test_an_invitation_comes_back_as_it_was_made() -> None:
    assert check_invitation(TICKET, CREATOR.public, ROOM, NOW) == INVITED


def test_a_guest_passes_with_the_key_of_the_invitation() -> None:
    assert shown(TICKET, sign_proof(PROVEN, GUEST.secret)) == Guest("Zoë", thumbprint(GUEST.public), NOW + 100)


def test_a_copied_invitation_is_worth_nothing() -> None:
    proof = sign_proof(PROVEN, GUEST.secret)
    assert shown(TICKET, proof, handshook=THEIRS) == Refused("wrong-certificate", "proof.fp")
    assert shown(TICKET, sign_proof(PROVEN, STRANGER.secret)) == Refused("token-signature", "proof")
    assert shown(TICKET, TICKET) == Refused("token-signature", "proof")


def test_an_invitation_of_an_older_link_does_not_pass_the_door() -> None:
    bearer = sign_invitation(replace(INVITED, guest_key=None), CREATOR.secret)
    assert check_invitation(bearer, CREATOR.public, ROOM, NOW) == replace(INVITED, guest_key=None)
    assert shown(bearer, sign_proof(PROVEN, GUEST.secret)) == Refused("no-proof-key", "cnf")


def test_the_end_counts_at_the_first_pass_only() -> None:
    proof = sign_proof(PROVEN, GUEST.secret)
    assert shown(TICKET, proof, now=NOW + 99.9) == shown(TICKET, proof, now=None) == shown(TICKET, proof)
    assert shown(TICKET, proof, now=NOW + 100) == Refused("expired", "exp")


def test_a_proof_of_another_room_or_kind_does_not_count() -> None:
    assert shown(TICKET, sign_proof(replace(PROVEN, room="other"), GUEST.secret)) == Refused("wrong-room", "proof.room")
    other_kind = sign_token({"k": "kbz-host.v1", "room": ROOM, "fp": OURS, "iat": NOW}, GUEST.secret)
    assert shown(TICKET, other_kind) == Refused("wrong-kind", "proof.k")


@pytest.mark.parametrize("name", ["", "  ", "\ufeff"])
def test_an_invitation_for_nobody_is_refused(name: str) -> None:
    token = sign_invitation(replace(INVITED, name=name), CREATOR.secret)
    assert check_invitation(token, CREATOR.public, ROOM, NOW) == Refused("no-name", "name")


def test_what_the_same_key_signed_for_another_purpose_is_no_invitation() -> None:
    ticket = sign_pass(Pass(ROOM, OURS, "Zoë", NOW, NOW + 100), CREATOR.secret)
    assert check_invitation(ticket, CREATOR.public, ROOM, NOW) == Refused("wrong-kind", "k")
    assert shown(ticket, sign_proof(PROVEN, GUEST.secret)) == Refused("wrong-kind", "k")
    nameless = sign_token({"k": None, "name": "Zoë", "room": ROOM, "exp": NOW + 100}, CREATOR.secret)
    assert check_invitation(nameless, CREATOR.public, ROOM, NOW) == Refused("wrong-kind", "k")


def test_only_the_creator_invites() -> None:
    assert check_invitation(sign_invitation(INVITED, STRANGER.secret), CREATOR.public, ROOM, NOW) == Refused("token-signature")


def test_what_is_longer_than_a_credential_is_refused() -> None:
    token = sign_token({"name": "x" * 8192}, CREATOR.secret)
    assert check_invitation(token, CREATOR.public, ROOM, NOW) == Refused("too-long")
