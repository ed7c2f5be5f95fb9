"""What Python says of any input of the hostile corpus, in a form that another language's answer can be compared with.

Twin: widget/tools/wire-verdicts.ts, which has the same readers under the same names.
"""

import hashlib
import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from kibitz.wire import registry
from kibitz.wire.base64url import read_base64url
from kibitz.wire.binarypack import unpack
from kibitz.wire.broker_frames import valid_peer_id, valid_token
from kibitz.wire.codec import Codec
from kibitz.wire.content import content
from kibitz.wire.door import (
    bound,
    canonical_code,
    check_assertion,
    check_host_entry,
    check_pass,
    open_order,
    order,
    pass_claims,
    wrong_code_entry,
)
from kibitz.wire.fingerprints import fingerprint, fingerprint_of_sdp, normal_identity
from kibitz.wire.host_commands import check_command, host_command
from kibitz.wire.invitations import check_guest, invitation, proof
from kibitz.wire.keys import PublicKey, private_key, public_key, read_key_text, thumbprint, write_key_text
from kibitz.wire.limits import LIMITS
from kibitz.wire.link_params import encode_params, read_form, write_form
from kibitz.wire.links import read_link
from kibitz.wire.manifests import admits, check_manifest, manifest
from kibitz.wire.presence import to_coordinator
from kibitz.wire.refusal import Refused
from kibitz.wire.rooms import gx_peer_id, room_id, typed_room_id
from kibitz.wire.seal import unseal
from kibitz.wire.tokens import open_token
from kibitz.wire.values import MAX_SAFE
from tests.kibitz.wire.corpus_seeds import FP, NOW, PASSPHRASE, PROVING, PUBLIC_KEY, ROOM

OWN_ORIGIN: Final = "https://kibitz.example"

_WHOLE_CHARS: Final = 200
"""A longer account of an accepted value is compared by its digest."""


def verdict(reader: str, text: str) -> dict[str, str]:
    """{"ok": account of what would be written again} or {"refused": code, "where": path}."""
    found = READERS[reader](text)
    if isinstance(found, Refused):
        return {"refused": found.code, "where": found.where}
    account = json.dumps(_plain(found), separators=(",", ":"))
    return {"ok": account if len(account) <= _WHOLE_CHARS else hashlib.sha256(account.encode("ascii")).hexdigest()}


def _plain(value: Any) -> object:
    """A value with its records in one order of keys and its numbers and bytes in one spelling."""
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            whole = int(value) if value == value and abs(value) <= MAX_SAFE else None
            return whole if whole == value else {"f": struct.pack(">d", value).hex()}
        case bytes():
            return {"b": value.hex()}
        case Mapping():
            return {"r": [[key, _plain(value[key])] for key in sorted(value, key=_units) if value[key] is not None]}
        case _:
            return [_plain(part) for part in value]


def _units(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _packed(codec: Codec[Any]) -> Callable[[str], object]:
    def read(digits: str) -> object:
        value = unpack(bytes.fromhex(digits))
        decoded = value if isinstance(value, Refused) else codec.decode(value, "")
        return decoded if isinstance(decoded, Refused) else codec.encode(decoded)

    return read


def _link(text: str) -> object:
    opened = read_link(text, OWN_ORIGIN)
    if isinstance(opened, Refused):
        return opened
    written = encode_params(opened.params)
    params = [written.code, written.where] if isinstance(written, Refused) else written
    return {
        "room": opened.room,
        "params": params,
        "raw": opened.raw,
        "notice": opened.notice,
        "id": gx_peer_id(opened.room, opened.raw),
    }


def _checked(codec: Codec[Any], check: Callable[[str], object]) -> Callable[[str], object]:
    """A reader of signed tokens: what the claims say when they hold."""

    def read(token: str) -> object:
        found = check(token)
        return found if isinstance(found, Refused) else codec.encode(found)

    return read


def _written_key(key: PublicKey | Refused) -> object:
    return key if isinstance(key, Refused) else [write_key_text(key), thumbprint(key)]


def _guest(text: str) -> object:
    token, _, shown_proof = text.partition("|")
    found = check_guest(token, shown_proof, creator=KEY, room=ROOM, handshook=FP, now=NOW)
    return found if isinstance(found, Refused) else [found.name, found.invitation_id, found.expires_at]


def _manifest(token: str) -> object:
    found = check_manifest(token, KEY, room=ROOM, mode=None, now=NOW)
    if isinstance(found, Refused):
        return found
    return {"manifest": manifest.encode(found), "admits": admits(found, "ADA@example.org")}


def _code_entry(text: str) -> object:
    credential, _, shown_proof = text.partition("|")
    return wrong_code_entry(credential, shown_proof, PROVING, room=ROOM, handshook=FP)


_key = public_key.decode(PUBLIC_KEY, "")
assert not isinstance(_key, Refused)
KEY: Final = _key

READERS: Final[Mapping[str, Callable[[str], object]]] = {
    **registry.READERS,
    "binarypack": lambda digits: unpack(bytes.fromhex(digits)),
    "packed-content": _packed(content),
    "packed-to-coordinator": _packed(to_coordinator),
    "link": _link,
    "room": room_id,
    "typed-room": typed_room_id,
    "form": lambda text: write_form(read_form(text)),
    "peer-id": valid_peer_id,
    "broker-token": valid_token,
    "base64url": read_base64url,
    "fingerprint": lambda text: fingerprint.decode(text, ""),
    "sdp-fingerprint": fingerprint_of_sdp,
    "identity": normal_identity,
    "public-key": registry.json_reader(public_key),
    "private-key": registry.json_reader(private_key),
    "key-text": lambda text: _written_key(read_key_text(text)),
    "typed-code": canonical_code,
    "code-entry": _code_entry,
    "seal": lambda text: unseal(text, PASSPHRASE),
    "host-entry-claims": registry.json_reader(bound),
    "pass-claims": registry.json_reader(pass_claims),
    "assertion-claims": registry.json_reader(bound),
    "order-token-claims": registry.json_reader(order),
    "command-claims": registry.json_reader(host_command),
    "invitation-claims": registry.json_reader(invitation),
    "proof-claims": registry.json_reader(proof),
    "manifest-claims": registry.json_reader(manifest),
    "host-entry": _checked(bound, lambda token: check_host_entry(token, KEY, room=ROOM, handshook=FP)),
    "pass": _checked(pass_claims, lambda token: check_pass(token, KEY, room=ROOM, handshook=FP, now=NOW)),
    "assertion": _checked(public_key, lambda token: check_assertion(token, [KEY], room=ROOM, handshook=FP, now=NOW)),
    "order-token": _checked(order, lambda token: open_order(token, KEY, ROOM)),
    "command": _checked(host_command, lambda token: check_command(token, KEY, room=ROOM, handshook=FP, now=NOW)),
    "proof": lambda token: open_token(token, KEY, LIMITS["proof_chars"]),
    "invitation": _guest,
    "manifest": _manifest,
}
