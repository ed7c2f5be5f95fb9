"""Our credentials at a real relay (coturn): a good one gets an address to relay from, an old or altered one gets none.

The client here speaks just enough of STUN and TURN to ask for an allocation. Sources: RFC 8489 (5, 14.5), RFC 8656 (7).
"""

import hashlib
import hmac
import json
import os
import secrets
import socket
import struct
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rooms.turn import TTL_S, credential
from tests.conftest import free_port, served

pytestmark = pytest.mark.server

SECRET = "a-secret-that-both-sides-know"
ALLOCATE, ALLOCATED, REFUSED = 0x0003, 0x0103, 0x0113
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, REALM, NONCE, REQUESTED_TRANSPORT = 0x0006, 0x0008, 0x0009, 0x0014, 0x0015, 0x0019
MAGIC_COOKIE = 0x2112A442
OVER_UDP = b"\x11\x00\x00\x00"
TRIES = 60
"""A datagram may get lost, and the relay may still be starting; each try waits half a second."""


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a relay that knows our secret."""
    folder = tmp_path_factory.mktemp("relay")
    port = free_port()
    command = ["turnserver", "-n", "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=kibitz.test"]
    command += ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}", "--no-cli", "--no-tls"]
    command += ["--no-dtls", "--log-file=stdout", f"--userdb={folder / 'users'}", f"--pidfile={folder / 'pid'}"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env={"PATH": os.environ["PATH"]})
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def message(attributes: bytes, key: bytes = b"") -> bytes:
    """An Allocate request; with a key it is signed."""
    transaction = secrets.token_bytes(12)
    signed_bytes = 24 if key else 0

    def head(size: int) -> bytes:
        return struct.pack("!HHI", ALLOCATE, size, MAGIC_COOKIE) + transaction

    whole = head(len(attributes) + signed_bytes) + attributes
    return whole + attribute(MESSAGE_INTEGRITY, hmac.digest(key, whole, "sha1")) if key else whole


def read(answer: bytes) -> tuple[int, dict[int, bytes]]:
    """Type and attributes of an answer."""
    kind, size = struct.unpack_from("!HH", answer)
    attributes: dict[int, bytes] = {}
    at = 20
    while at < 20 + size:
        name, length = struct.unpack_from("!HH", answer, at)
        attributes.setdefault(name, answer[at + 4 : at + 4 + length])
        at += 4 + length + -length % 4
    return kind, attributes


def ask(channel: socket.socket, request: bytes) -> tuple[int, dict[int, bytes]]:
    for _ in range(TRIES):
        channel.send(request)
        try:
            answer = channel.recv(2048)
        except (TimeoutError, ConnectionRefusedError):
            time.sleep(0.05)  # the relay is outside of our hands; the next try decides
            continue
        if answer[4:20] == request[4:20]:
            return read(answer)
    pytest.fail("the relay does not answer")


def allocation(port: int, username: str, password: str) -> int:
    """0 if the relay gives an address, else its error code."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.settimeout(0.5)
        channel.connect(("127.0.0.1", port))
        _, told = ask(channel, message(attribute(REQUESTED_TRANSPORT, OVER_UDP)))
        realm, nonce = told[REALM], told[NONCE]
        key = hashlib.md5(f"{username}:{realm.decode()}:{password}".encode(), usedforsecurity=False).digest()
        parts = [(REQUESTED_TRANSPORT, OVER_UDP), (USERNAME, username.encode()), (REALM, realm), (NONCE, nonce)]
        kind, answer = ask(channel, message(b"".join(attribute(*part) for part in parts), key))
    assert kind in (ALLOCATED, REFUSED)
    return 0 if kind == ALLOCATED else answer[ERROR_CODE][2] * 100 + answer[ERROR_CODE][3]


def test_the_relay_takes_a_credential_of_ours(relay: int) -> None:
    assert allocation(relay, *credential(SECRET, int(time.time()) + TTL_S, "opaque")) == 0


def test_the_relay_refuses_an_expired_one(relay: int) -> None:
    assert allocation(relay, *credential(SECRET, int(time.time()) - 5, "opaque")) == 401


def test_the_relay_refuses_one_whose_time_was_altered(relay: int) -> None:
    expired_at_s = int(time.time()) - 5
    _, password = credential(SECRET, expired_at_s, "opaque")
    assert allocation(relay, f"{expired_at_s + TTL_S}:opaque", password) == 401


def test_the_relay_refuses_one_made_with_another_secret(relay: int) -> None:
    assert allocation(relay, *credential("another", int(time.time()) + TTL_S, "opaque")) == 401


def test_what_the_address_hands_out_works_at_the_relay(relay: int, tmp_path: Path) -> None:
    settings = {"TURN_URLS": f"turn:127.0.0.1:{relay}", "TURN_SECRET": SECRET}
    with served(tmp_path, settings) as origin, urllib.request.urlopen(f"{origin}/api/turn", timeout=30) as answer:
        stun, turn = json.loads(answer.read())["iceServers"]
    assert stun == {"urls": [f"stun:127.0.0.1:{relay}"]}
    assert turn["urls"] == [f"turn:127.0.0.1:{relay}"]
    assert allocation(relay, turn["username"], turn["credential"]) == 0
