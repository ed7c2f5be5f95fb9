"""What the vectors command can recompute: one entry for each group of a vector file.

A row has fields that are given and states what comes of them: named values (`found`), or a verdict: `gives`, or `refused`
with `where`. Signatures differ each time they are made, so they are checked and what they sign is compared.
Source: PROTOCOL.md appendix V. Twin: widget/tools/vector-groups.ts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kibitz.wire import door, manifests
from kibitz.wire.base64url import read_base64url
from kibitz.wire.codec import Codec, as_record, finite, keyed, many, matching, one_of, optional, whole
from kibitz.wire.fingerprints import fingerprint, fingerprint_of_sdp, member_hash, nonce
from kibitz.wire.host_commands import COMMAND_KIND, check_command, command_mark, host_command, open_command
from kibitz.wire.invitations import check_guest, check_invitation, invitation
from kibitz.wire.keys import PublicKey, private_from_scalar, private_key, public_key, read_key_text, signing_key, thumbprint
from kibitz.wire.refusal import Refused
from kibitz.wire.rooms import gx_peer_id, normalise, peer_id
from kibitz.wire.safety_code import pair_code
from kibitz.wire.seal import seal, unseal
from kibitz.wire.tokens import json_text, open_token

Row = Mapping[str, Any]
Fields = Mapping[str, Codec[Any]]


def _any_text(value: object, where: str) -> str | Refused:
    return value if isinstance(value, str) else Refused("wrong-type", where)


def hex_bytes(count: int) -> Codec[bytes]:
    """Exactly so many bytes as lower-case hex."""
    written = matching(f"[0-9a-f]{{{2 * count}}}", 2 * count)

    def decode(value: object, where: str) -> bytes | Refused:
        found = written.decode(value, where)
        return found if isinstance(found, Refused) else bytes.fromhex(found)

    return Codec(decode)


as_it_is: Final[Codec[str]] = Codec(_any_text)
anything: Final[Codec[object]] = Codec(lambda value, where: value)

CONTEXT: Final[Fields] = {
    "room": as_it_is,
    "fingerprint": fingerprint,
    "now": finite,
    "host_key": public_key,
    "creator_key": public_key,
    "public_key": public_key,
    "keys": keyed(public_key, 64),
}
"""What other groups of the same file build upon."""


def as_list(value: object) -> list[object] | Refused:
    """A group with many rows."""
    return value if isinstance(value, list) else Refused("wrong-type")


def as_one(value: object) -> list[object] | Refused:
    """A group that is one row."""
    return [value]


def as_pairs(first: str, second: str) -> Callable[[object], list[object] | Refused]:
    """A group whose rows are two values without names."""

    def rows(value: object) -> list[object] | Refused:
        if not isinstance(value, list) or not all(isinstance(row, list) and len(row) == 2 for row in value):
            return Refused("wrong-type")
        return [{first: row[0], second: row[1]} for row in value]

    return rows


@dataclass(frozen=True, slots=True)
class Group:
    """given: fields of a row; found: fields it states, none for a verdict; compute: (row, context) to values or a verdict.

    needs: fields of the context. refused, refuse: the fields of rows inside a row that must be refused, and by what.
    """

    given: Fields
    compute: Callable[[Row, Row], object]
    found: tuple[str, ...] = ()
    rows: Callable[[object], list[object] | Refused] = as_list
    needs: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    refuse: Callable[[Row, Row], object] | None = None


def _written(codec: Codec[Any], value: object) -> object:
    return value if isinstance(value, Refused) else codec.encode(value)


# --- the two frozen files --------------------------------------------------------------------------------------------


def _seal(row: Row, context: Row) -> Row:
    blob = seal(row["plaintext"], row["passphrase"], row["salt_hex"], row["iv_hex"], 1 if row["version"] == 1 else 2)
    return {"blob": blob, "plaintext": unseal(row["blob"], row["passphrase"])}


def _invite(row: Row, context: Row) -> Row:
    payload = as_record(row["payload"], "")
    room = "" if isinstance(payload, Refused) else payload.get("room")
    found = check_invitation(row["token"], context["public_key"], room if isinstance(room, str) else "", None)
    return {"payload": _written(invitation, found)}


def _command(row: Row, context: Row) -> Row:
    payload = as_record(row["payload"], "")
    room = "" if isinstance(payload, Refused) else payload.get("room")
    found = open_command(row["token"], context["public_key"], room if isinstance(room, str) else "")
    written = _written(host_command, found)
    return {"payload": {"k": COMMAND_KIND, **written} if isinstance(written, dict) else written}


def _code(row: Row, context: Row) -> Row:
    key = door.code_key(row["typed"], row["salt_hex"])
    proving = door.open_code_check(row["gch"], row["typed"])
    if isinstance(proving, Refused):
        return {"gch": proving, "proof": proving}
    refused = door.wrong_code_entry(door.CODE_KIND, row["proof"], proving, room=context["room"], handshook=context["fingerprint"])
    proof = door.code_proof(door.proof_key(key), context["room"], context["fingerprint"])
    return {"gch": door.write_code_check(key, row["salt_hex"]), "proof": refused or proof}


def _host_entry(row: Row, context: Row) -> object:
    return door.check_host_entry(row["token"], context["host_key"], room=context["room"], handshook=context["fingerprint"])


def _pass(row: Row, context: Row) -> object:
    return door.check_pass(
        row["token"], context["host_key"], room=context["room"], handshook=context["fingerprint"], now=context["now"]
    )


def _accepted(check: Callable[[Row, Row], object]) -> Callable[[Row, Row], Row]:
    """A token that stands for itself while it is accepted."""

    def compute(row: Row, context: Row) -> Row:
        found = check(row, context)
        return {"token": found if isinstance(found, Refused) else row["token"]}

    return compute


def _guest(row: Row, context: Row) -> object:
    return check_guest(
        row["gt"],
        row["proof"],
        creator=context["creator_key"],
        room=context["room"],
        handshook=context["fingerprint"],
        now=context["now"],
    )


def _door_invite(row: Row, context: Row) -> Row:
    guest = check_guest(
        row["gt"],
        row["proof"],
        creator=context["creator_key"],
        room=context["room"],
        handshook=context["fingerprint"],
        now=context["now"],
    )
    if isinstance(guest, Refused):
        return {"gtk": guest, "names": guest, "ban": guest}
    ban = door.ban_hash(door.INVITATION_BAN, guest.invitation_id, context["room"])
    return {"gtk": _guest_scalar(row, context), "names": guest.name, "ban": ban}


def _guest_scalar(row: Row, context: Row) -> object:
    found = check_invitation(row["gt"], context["creator_key"], context["room"], None)
    if isinstance(found, Refused) or found.guest_key is None:
        return found
    private = private_from_scalar(row["gtk"], found.guest_key)
    ready = private if isinstance(private, Refused) else signing_key(private)
    return ready if isinstance(ready, Refused) else row["gtk"]


_ban_kind: Final = one_of("inv", "eml", "fp", "mid", "bid")

FROZEN: Final[Mapping[str, Group]] = {
    "room_id": Group(
        {"text": as_it_is}, lambda row, _: {"room": normalise(row["text"])}, ("room",), rows=as_pairs("text", "room")
    ),
    "peer_id": Group({"room": as_it_is}, lambda row, _: {"id": peer_id(row["room"])}, ("id",), rows=as_pairs("room", "id")),
    "nonce": Group(
        {"fingerprint": as_it_is, "salt": as_it_is},
        lambda row, _: {"nonce": nonce(row["fingerprint"], row["salt"])},
        ("nonce",),
    ),
    "safety_code": Group(
        {"a": as_it_is, "b": as_it_is, "indexes": many(whole(0, 31), 32)},
        lambda row, _: {"indexes": _code_list(pair_code(row["a"], row["b"], len(row["indexes"])))},
        ("indexes",),
    ),
    "member_hash": Group(
        {"email": as_it_is, "room": as_it_is}, lambda row, _: {"hash": member_hash(row["email"], row["room"])}, ("hash",)
    ),
    "seal": Group(
        {
            "version": whole(1, 2),
            "passphrase": as_it_is,
            "salt_hex": hex_bytes(16),
            "iv_hex": hex_bytes(12),
            "plaintext": as_it_is,
            "blob": as_it_is,
        },
        _seal,
        ("plaintext", "blob"),
    ),
    "thumbprint": Group(
        {},
        lambda row, context: {"thumbprint": thumbprint(context["public_key"])},
        ("thumbprint",),
        rows=lambda value: [{"thumbprint": value}],
        needs=("public_key",),
    ),
    "invite": Group({"token": as_it_is, "payload": anything}, _invite, ("payload",), rows=as_one, needs=("public_key",)),
    "host_command": Group({"token": as_it_is, "payload": anything}, _command, ("payload",), rows=as_one, needs=("public_key",)),
    "room_peer_id": Group(
        {"link": keyed(as_it_is, 64)},
        lambda row, context: {"id": gx_peer_id(context["room"], tuple(row["link"].items()))},
        ("id",),
        rows=as_one,
        needs=("room",),
    ),
    "code": Group(
        {"typed": as_it_is, "salt_hex": hex_bytes(16), "gch": as_it_is, "proof": as_it_is},
        _code,
        ("gch", "proof"),
        rows=as_one,
        needs=("room", "fingerprint"),
    ),
    "host": Group(
        {"token": as_it_is},
        _accepted(_host_entry),
        ("token",),
        rows=as_one,
        needs=("room", "fingerprint", "host_key"),
        refused=("token",),
        refuse=_host_entry,
    ),
    "pass": Group(
        {"token": as_it_is},
        _accepted(_pass),
        ("token",),
        rows=as_one,
        needs=("room", "fingerprint", "now", "host_key"),
        refused=("token",),
        refuse=_pass,
    ),
    "ban": Group(
        {"kind": _ban_kind, "value": as_it_is},
        lambda row, context: {"hash": door.ban_hash(row["kind"], row["value"], context["room"])},
        ("hash",),
        needs=("room",),
    ),
}

DOOR_INVITE: Final = Group(
    {"gt": as_it_is, "gtk": as_it_is, "proof": as_it_is},
    _door_invite,
    ("gtk", "names", "ban"),
    rows=as_one,
    needs=("room", "fingerprint", "now", "creator_key"),
    refused=("gt", "proof"),
    refuse=_guest,
)
"""The `invite` group of a file that has a `creator_key`: with a guest key and its proof."""

NOT_YET: Final = ("record", "group_code")
"""Groups of later formats, records both: said, not compared, and not a failure."""


def _code_list(found: tuple[int, ...] | Refused) -> object:
    return found if isinstance(found, Refused) else list(found)


# --- our own files: verdicts -----------------------------------------------------------------------------------------


def _key(row: Row, context: Row) -> PublicKey:
    found: PublicKey = context["keys"][row["key"]]
    return found


def _private(row: Row, context: Row) -> object:
    key = private_key.decode(row["jwk"], "")
    ready = key if isinstance(key, Refused) else signing_key(key)
    return ready if isinstance(key, Refused) or isinstance(ready, Refused) else thumbprint(key.public)


def _public(row: Row, context: Row) -> object:
    key = public_key.decode(row["jwk"], "")
    return key if isinstance(key, Refused) else thumbprint(key)


def _hex(found: bytes | Refused) -> object:
    return found if isinstance(found, Refused) else found.hex()


def _key_of(row: Row, context: Row) -> object:
    return _written(public_key, read_key_text(row["text"]))


def _list_admits(row: Row, context: Row) -> object:
    found = manifests.check_manifest(row["token"], _key(row, context), room=row["room"], mode=None, now=0)
    return found if isinstance(found, Refused) else manifests.admits(found, row["identity"])


def _form(row: Row, context: Row) -> object:
    rows = [manifests.invitee.decode(entry, "rows") for entry in row["rows"]]
    good = [entry for entry in rows if not isinstance(entry, Refused)]
    plain = manifests.manifest_of(good, room=row["room"], expires_at=row["exp"])
    return {"plain": manifests.manifest.encode(plain), "hashed": manifests.manifest.encode(manifests.hashed(plain))}


def _guest_verdict(row: Row, context: Row) -> object:
    found = check_guest(
        row["gt"], row["proof"], creator=_key(row, context), room=row["room"], handshook=row["fingerprint"], now=row["now"]
    )
    return found if isinstance(found, Refused) else {"name": found.name, "id": found.invitation_id, "exp": found.expires_at}


def _assertion(row: Row, context: Row) -> object:
    keys = [context["keys"][name] for name in row["allowed"]]
    found = door.check_assertion(row["token"], keys, room=row["room"], handshook=row["fingerprint"], now=row["now"])
    return found if isinstance(found, Refused) else thumbprint(found)


def _command_mark(row: Row, context: Row) -> object:
    found = open_command(row["token"], _key(row, context), row["room"])
    return found if isinstance(found, Refused) else command_mark(found, row["token"])


def _code_entry(row: Row, context: Row) -> object:
    found = door.wrong_code_entry(row["cred"], row["proof"], row["k2_hex"], room=row["room"], handshook=row["fingerprint"])
    return True if found is None else found


_signed: Final[Fields] = {"token": as_it_is, "key": as_it_is, "room": as_it_is}
_now: Final = optional(finite)
_KEYS: Final = ("keys",)

VERDICTS: Final[Mapping[str, Group]] = {
    "base64url": Group({"text": as_it_is}, lambda row, _: _hex(read_base64url(row["text"]))),
    "public_keys": Group({"jwk": anything}, _public),
    "private_keys": Group({"jwk": anything}, _private),
    "key_texts": Group({"text": as_it_is}, _key_of),
    "json_texts": Group({"value": anything}, lambda row, _: json_text(row["value"])),
    "tokens": Group(
        {"token": as_it_is, "key": as_it_is, "max": whole()},
        lambda row, context: open_token(row["token"], _key(row, context), row["max"]),
        needs=_KEYS,
    ),
    "sealed": Group({"blob": as_it_is, "passphrase": as_it_is}, lambda row, _: unseal(row["blob"], row["passphrase"])),
    "fingerprints": Group({"text": anything}, lambda row, _: fingerprint.decode(row["text"], "")),
    "descriptions": Group({"sdp": as_it_is}, lambda row, _: fingerprint_of_sdp(row["sdp"])),
    "nonces": Group({"fingerprint": as_it_is, "room": as_it_is}, lambda row, _: nonce(row["fingerprint"], row["room"])),
    "member_hashes": Group({"identity": as_it_is, "room": as_it_is}, lambda row, _: member_hash(row["identity"], row["room"])),
    "pair_codes": Group(
        {"one": as_it_is, "other": as_it_is, "count": whole()},
        lambda row, _: _code_list(pair_code(row["one"], row["other"], row["count"])),
    ),
    "invitations": Group(
        {**_signed, "now": _now},
        lambda row, context: _written(invitation, check_invitation(row["token"], _key(row, context), row["room"], row["now"])),
        needs=_KEYS,
    ),
    "guests": Group(
        {"gt": as_it_is, "proof": as_it_is, "key": as_it_is, "room": as_it_is, "fingerprint": as_it_is, "now": _now},
        _guest_verdict,
        needs=_KEYS,
    ),
    "manifests": Group(
        {**_signed, "mode": optional(as_it_is), "now": finite},
        lambda row, context: _written(
            manifests.manifest,
            manifests.check_manifest(row["token"], _key(row, context), room=row["room"], mode=row["mode"], now=row["now"]),
        ),
        needs=_KEYS,
    ),
    "guest_lists": Group({**_signed, "identity": as_it_is}, _list_admits, needs=_KEYS),
    "forms": Group({"rows": many(anything, 64), "room": as_it_is, "exp": finite}, _form),
    "host_commands": Group(
        {**_signed, "fingerprint": optional(as_it_is), "now": finite},
        lambda row, context: _written(
            host_command,
            check_command(row["token"], _key(row, context), room=row["room"], handshook=row["fingerprint"], now=row["now"]),
        ),
        needs=_KEYS,
    ),
    "command_marks": Group(_signed, _command_mark, needs=_KEYS),
    "host_entries": Group(
        {**_signed, "fingerprint": as_it_is},
        lambda row, context: _written(
            door.bound,
            door.check_host_entry(row["token"], _key(row, context), room=row["room"], handshook=row["fingerprint"]),
        ),
        needs=_KEYS,
    ),
    "passes": Group(
        {**_signed, "fingerprint": as_it_is, "now": _now},
        lambda row, context: _written(
            door.pass_claims,
            door.check_pass(row["token"], _key(row, context), room=row["room"], handshook=row["fingerprint"], now=row["now"]),
        ),
        needs=_KEYS,
    ),
    "assertions": Group(
        {"token": as_it_is, "allowed": many(as_it_is, 8), "room": as_it_is, "fingerprint": as_it_is, "now": _now},
        _assertion,
        needs=_KEYS,
    ),
    "orders": Group(
        _signed,
        lambda row, context: _written(door.order, door.open_order(row["token"], _key(row, context), row["room"])),
        needs=_KEYS,
    ),
    "codes": Group({"typed": as_it_is}, lambda row, _: door.strong_code(row["typed"])),
    "new_codes": Group({"random_hex": hex_bytes(16)}, lambda row, _: door.new_code(row["random_hex"])),
    "code_checks": Group(
        {"gch": as_it_is, "typed": as_it_is}, lambda row, _: _hex(door.open_code_check(row["gch"], row["typed"]))
    ),
    "code_entries": Group(
        {"cred": as_it_is, "proof": as_it_is, "k2_hex": hex_bytes(32), "room": as_it_is, "fingerprint": as_it_is}, _code_entry
    ),
    "bans": Group(
        {"kind": _ban_kind, "value": as_it_is, "room": as_it_is},
        lambda row, _: door.ban_hash(row["kind"], row["value"], row["room"]),
    ),
    "browser_marks": Group(
        {"secret_hex": hex_bytes(16), "room": as_it_is}, lambda row, _: door.browser_mark(row["secret_hex"], row["room"])
    ),
}
