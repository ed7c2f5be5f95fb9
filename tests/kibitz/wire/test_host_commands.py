from dataclasses import replace

import pytest

from kibitz.wire.base64url import read_base64url, write_base64url
from kibitz.wire.host_commands import (
    OPERATIONS,
    TARGETED,
    HostCommand,
    check_command,
    command_id,
    command_mark,
    done_once,
    open_command,
    sign_command,
)
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import body_id, sign_token, token_id
from tests.kibitz.wire.signers import NOW, OURS, ROOM, THEIRS, Signer

HOST = Signer()
STRANGER = Signer()
LOCK = HostCommand(ROOM, OURS, "lock", None, NOW, command_id(bytes(range(12))), 1, "")


def checked(command: HostCommand, handshook: str | None = OURS, now: float = NOW) -> HostCommand | Refused:
    return check_command(sign_command(command, HOST.secret), HOST.public, room=ROOM, handshook=handshook, now=now)


def test_every_command_comes_back_as_it_was_made() -> None:
    for operation in OPERATIONS:
        command = replace(LOCK, operation=operation, target="f4fcdc17-caaf" if operation in TARGETED else None)
        assert checked(command) == command


@pytest.mark.parametrize("operation", TARGETED)
def test_who_is_meant_must_be_said(operation: str) -> None:
    assert checked(replace(LOCK, operation=operation)) == Refused("no-target", "target")


def test_a_command_of_an_older_build_has_no_id_and_no_place_in_a_chain() -> None:
    old = HostCommand(ROOM, OURS, "lock", None, NOW)
    assert checked(old) == old


@pytest.mark.parametrize(("ago", "code"), [(-60, None), (-61, "not-yet-valid"), (120, None), (121, "too-old")])
def test_a_command_holds_for_two_minutes(ago: int, code: str | None) -> None:
    command = replace(LOCK, issued_at=NOW - ago)
    assert checked(command) == (command if code is None else Refused(code, "iat"))
    assert open_command(sign_command(command, HOST.secret), HOST.public, ROOM) == command


def test_a_command_belongs_to_the_connection_it_came_on() -> None:
    assert checked(LOCK, handshook=THEIRS) == Refused("wrong-certificate", "fp")
    assert checked(LOCK, handshook=None) == LOCK
    assert checked(replace(LOCK, room="other")) == Refused("wrong-room", "room")


def test_only_the_host_commands() -> None:
    token = sign_command(LOCK, STRANGER.secret)
    assert check_command(token, HOST.public, room=ROOM, handshook=OURS, now=NOW) == Refused("token-signature")


def test_a_command_is_done_once() -> None:
    token = sign_command(LOCK, HOST.secret)
    done = done_once((), command_mark(LOCK, token))
    assert done == ("000102030405060708090a0b",)
    assert done_once(done, command_mark(LOCK, sign_command(LOCK, HOST.secret))) == Refused("already-done")


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def signed_again(token: str) -> str:
    """The other signature that holds wherever one does: s becomes n - s (SEC 1, 4.1.4); nobody needs a key for it."""
    body, _, written = token.partition(".")
    signature = read_base64url(written)
    assert isinstance(signature, bytes)
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    return f"{body}.{write_base64url(signature[:32] + s.to_bytes(32, 'big'))}"


def test_one_without_an_id_is_remembered_by_its_body() -> None:
    old = replace(LOCK, command_id=None)
    token = sign_command(old, HOST.secret)
    again = signed_again(token)
    assert again != token
    assert open_command(again, HOST.public, ROOM) == open_command(token, HOST.public, ROOM) == old
    done = done_once((), command_mark(old, token))
    assert done == (body_id(token),)
    assert done_once(done, command_mark(old, again)) == Refused("already-done")
    assert token_id(again) != token_id(token)


def test_the_newest_256_are_remembered() -> None:
    done: tuple[str, ...] = ()
    for number in range(300):
        more = done_once(done, str(number))
        assert isinstance(more, tuple)
        done = more
    assert done == tuple(str(number) for number in range(44, 300))


def test_another_kind_is_no_command() -> None:
    token = sign_token({"k": "kbz-host-order.v1"}, HOST.secret)
    assert open_command(token, HOST.public, ROOM) == Refused("wrong-kind", "k")


def test_what_is_longer_than_a_command_is_refused() -> None:
    token = sign_token({"pad": "x" * 8192}, HOST.secret)
    assert open_command(token, HOST.public, ROOM) == Refused("too-long")


def test_a_caller_that_brings_the_wrong_bytes_is_told() -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        command_id(bytes(11))
