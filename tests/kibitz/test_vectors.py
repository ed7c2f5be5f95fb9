"""Both vectors commands on the given files, on tampered ones, and on what the other language signed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest

from kibitz.cli import main
from kibitz.vector_groups import CONTEXT, NOT_YET, VERDICTS
from kibitz.vectors import Report, check_text
from kibitz.wire.base64url import write_base64url
from kibitz.wire.door import ban_hash, sign_order, sign_pass
from kibitz.wire.host_commands import sign_command
from kibitz.wire.invitations import Invitation, Proof, sign_invitation, sign_proof
from kibitz.wire.keys import public_key
from kibitz.wire.manifests import Manifest, sign_manifest
from tests.kibitz.wire.signers import NOW, OURS, ROOM, Signer
from tests.kibitz.wire.test_door import ORDER, PASS
from tests.kibitz.wire.test_host_commands import LOCK

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "tests" / "vectors"
FROZEN: Final = ("kibitz-v1.json", "kibitz-door.json")
FILES: Final = (*FROZEN, "signed.json")

Groups = dict[str, Any]


def read(name: str) -> Groups:
    groups: Groups = json.loads((FOLDER / name).read_text("utf-8"))
    return groups


def python(paths: list[Path]) -> subprocess.CompletedProcess[str]:
    """`python -m kibitz vectors`, as people run it."""
    return subprocess.run(
        [sys.executable, "-m", "kibitz", "vectors", *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def node(paths: list[Path]) -> subprocess.CompletedProcess[str]:
    """What `npm run vectors` runs."""
    program = shutil.which("node")
    assert program, "Node is part of the development environment"
    return subprocess.run(
        [program, "widget/tools/vectors.ts", *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False
    )


COMMANDS: Final = [pytest.param(python, id="Python"), pytest.param(node, id="TypeScript")]
Command = Callable[[list[Path]], subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_given_value_is_recomputed(command: Command) -> None:
    done = command([FOLDER / name for name in FILES])
    assert done.returncode == 0, done.stdout + done.stderr
    for name in FILES:
        for group in set(read(name)) - set(CONTEXT):
            assert f"{name} {group}: " in done.stdout
    assert done.stdout.count("not yet") == len(NOT_YET)


def test_both_commands_say_the_same() -> None:
    paths = [FOLDER / name for name in FILES]
    assert python(paths).stdout == node(paths).stdout


def tampered(groups: Groups, group: str) -> Groups:
    """The file with one value of one group changed and everything else left out that the group does not need."""
    copy = {key: deepcopy(part) for key, part in groups.items() if key == group or key in CONTEXT}
    copy[group] = changed(copy[group])
    return copy


def changed(part: Any) -> Any:
    """The same shape with its last value another one; of rows only the changed one, to be quick."""
    match part:
        case str():
            return part + "A"
        case bool():
            return not part
        case int():
            return (part + 1) % 32
        case list() if part and isinstance(part[-1], dict):
            return [changed(part[-1])]
        case list() if part:
            return [*part[:-1], changed(part[-1])]
        case list() | None:
            return ["A"]
        case dict() if "refused" in part and isinstance(part["refused"], list):
            return part | {"refused": [*part["refused"], accepted(part)]}
        case dict():
            key = next((key for key in ("gives", "refused", "hash") if key in part), list(part)[-1])
            return part | {key: another_code(part[key]) if key == "refused" else changed(part[key])}
    raise AssertionError(part)


def another_code(code: str) -> str:
    return "not-json" if code == "bad-value" else "bad-value"


def accepted(part: Groups) -> Groups:
    """A row that says it is refused, and is not."""
    return {"why": "a good one"} | {key: part[key] for key in ("token", "gt", "proof") if key in part}


def every_group() -> Iterator[tuple[str, str]]:
    for name in FILES:
        for group in set(read(name)) - set(CONTEXT) - set(NOT_YET):
            yield name, group


@pytest.mark.parametrize(("name", "group"), sorted(every_group()))
def test_a_changed_value_is_found(name: str, group: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(tampered(read(name), group)), "utf-8")
    assert main(["vectors", str(path)]) == 1
    done = node([path])
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{name} {group}" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("name", FROZEN)
def test_a_changed_signature_is_found(name: str, tmp_path: Path) -> None:
    groups = read(name)
    token = groups["invite"].get("token") or groups["invite"]["gt"]
    path = tmp_path / name
    path.write_text(json.dumps(groups).replace(token, token[:-4] + "AAAA"), "utf-8")
    assert main(["vectors", str(path)]) == 1
    assert node([path]).returncode == 1


ODD: Final = {
    "unknown-group": '{"weather": []}',
    "not-json": "{",
    "not-a-record": "[]",
    "rows-of-another-shape": '{"nonce": {}}',
    "row-without-record": '{"nonce": [5]}',
    "missing-field": '{"nonce": [{"fingerprint": "", "nonce": ""}]}',
    "missing-value": '{"nonce": [{"fingerprint": "", "salt": ""}]}',
    "unknown-field": '{"member_hash": [{"email": "", "room": "", "hash": "", "colour": ""}]}',
    "wrong-type": '{"member_hash": [{"email": 5, "room": "", "hash": ""}]}',
    "missing-context": '{"ban": [{"kind": "fp", "value": "", "hash": ""}]}',
    "bad-context": '{"public_key": {"kty": "EC"}, "thumbprint": ""}',
    "unknown-key": '{"keys": {}, "orders": [{"token": "", "key": "nobody", "room": "", "gives": 1}]}',
    "two-verdicts": '{"base64url": [{"text": "", "gives": "", "refused": "missing", "where": ""}]}',
    "no-verdict": '{"base64url": [{"text": ""}]}',
    "half-characters": '{"base64url": [{"text": "\\ud800", "gives": "\\udc00"}]}',
    "constructor": '{"constructor": []}',
    "nothing": "{}",
    "only-context": '{"room": "standup"}',
    "only-later-formats": '{"record": {"tokens": []}, "group_code": {}}',
    "no-rows": '{"base64url": []}',
    "no-rows-beside-some": '{"base64url": [{"text": "", "gives": ""}], "nonce": []}',
    "no-pairs": '{"room_id": []}',
    "record-of-another-type": '{"base64url": [{"text": "", "gives": ""}], "record": []}',
    "group-code-of-another-type": '{"base64url": [{"text": "", "gives": ""}], "group_code": "abc"}',
    "record-of-null": '{"base64url": [{"text": "", "gives": ""}], "record": null}',
}


@pytest.mark.parametrize("name", ODD)
def test_a_file_out_of_shape_is_an_error_with_a_place(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"{name}.json"
    path.write_text(ODD[name], "utf-8")
    assert main(["vectors", str(path)]) == 1
    done = node([path])
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout == capsys.readouterr().out
    assert f"{name}.json" in done.stdout


def test_later_formats_beside_compared_rows_are_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "later.json"
    path.write_text('{"base64url": [{"text": "", "gives": ""}], "record": {}, "group_code": {}}', "utf-8")
    assert main(["vectors", str(path)]) == node([path]).returncode == 0


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing, binary = tmp_path / "missing.json", tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe")
    for path in (missing, binary):
        assert main(["vectors", str(path)]) == 1
        assert f"{path}: cannot be read" in capsys.readouterr().out
        done = node([path])
        assert (done.returncode, done.stderr) == (1, "")
        assert f"{path}: cannot be read" in done.stdout


# --- what one language signs, the other opens ------------------------------------------------------------------------


def test_typescript_opens_what_python_signs(tmp_path: Path) -> None:
    host, guest = Signer(), Signer()
    invited, listed = Invitation("Zoë 😀", ROOM, NOW + 9, guest.public), Manifest(["é"], "names", ROOM, NOW + 9)
    about = {"key": "host", "room": ROOM}
    bound = about | {"fingerprint": OURS, "now": NOW}
    proof = sign_proof(Proof(ROOM, OURS, NOW), guest.secret)
    rows: dict[str, Groups] = {
        "invitations": about | {"token": sign_invitation(invited, host.secret), "now": NOW},
        "guests": bound | {"gt": sign_invitation(invited, host.secret), "proof": proof},
        "manifests": about | {"token": sign_manifest(listed, host.secret), "mode": "names", "now": NOW},
        "host_commands": bound | {"token": sign_command(LOCK, host.secret)},
        "passes": bound | {"token": sign_pass(PASS, host.secret)},
        "orders": about | {"token": sign_order(ORDER, host.secret)},
    }
    keys = {"host": host.public, "guest": guest.public}
    groups: Groups = {"keys": {name: public_key.encode(key) for name, key in keys.items()}}
    for name, row in rows.items():
        group = VERDICTS[name]
        given = {key: codec.decode(row.get(key), key) for key, codec in group.given.items()}
        groups[name] = [row | {"gives": group.compute(given, {"keys": keys})}]
    path = tmp_path / "python.json"
    path.write_text(json.dumps(groups), "utf-8")
    done = node([path])
    assert done.returncode == 0, done.stdout + done.stderr


SIGN_IN_TYPESCRIPT: Final = """
import { signOrder, signPass } from './widget/src/wire/door.ts'
import { signCommand } from './widget/src/wire/host-commands.ts'
import { signInvitation, signProof } from './widget/src/wire/invitations.ts'
import { signManifest } from './widget/src/wire/manifests.ts'
import { privateKey, signingKey } from './widget/src/wire/keys.ts'
const { fingerprint, room, now, ban, ...jwks } = JSON.parse(process.argv[1])
const read = (name) => privateKey.decode(jwks[name])
const [host, guest] = await Promise.all(['host', 'guest'].map((name) => signingKey(read(name))))
const bound = { room, fingerprint, issuedAt: now }
const name = 'Zoë 😀'
const exp = now + 9
const invited = { kind: 'invitation', name, room, expiresAt: exp, guestKey: read('guest').public }
const none = { domains: [], hashes: [], invitees: [], agentKeys: [] }
const listed = { kind: 'manifest', members: ['é'], mode: 'names', room, expiresAt: exp, ...none }
const order = { kind: 'order', room, bans: [ban], isLocked: true, isLobbyOn: false, seq: 7, prev: '', issuedAt: now }
process.stdout.write(JSON.stringify({
  invitations: await signInvitation(invited, host),
  proof: await signProof({ kind: 'proof', ...bound }, guest),
  manifests: await signManifest(listed, host),
  host_commands: await signCommand({ kind: 'host-command', ...bound, operation: 'kick', target: 'm1', commandId: 'a1' }, host),
  passes: await signPass({ kind: 'pass', ...bound, name, expiresAt: exp }, host),
  orders: await signOrder(order, host),
}))
"""


def private_jwk(signer: Signer) -> Groups:
    scalar = signer.secret.private_numbers().private_value.to_bytes(32, "big")
    return {"kty": "EC", "crv": "P-256", "x": signer.public.x, "y": signer.public.y, "d": write_base64url(scalar)}


def test_python_opens_what_typescript_signs() -> None:
    host, guest = Signer(), Signer()
    ban = ban_hash("mid", "m1", ROOM)
    told = {"fingerprint": OURS, "room": ROOM, "now": NOW, "ban": ban, "host": private_jwk(host), "guest": private_jwk(guest)}
    program = shutil.which("node")
    assert program, "Node is part of the development environment"
    done = subprocess.run(
        [program, "--input-type=module", "-e", SIGN_IN_TYPESCRIPT, json.dumps(told)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    tokens = json.loads(done.stdout)
    gives: dict[str, Groups] = {
        "invitations": {"name": "Zoë 😀", "room": ROOM, "exp": NOW + 9, "cnf": {"jwk": public_key.encode(guest.public)}},
        "manifests": {"members": ["é"], "mode": "names", "room": ROOM, "exp": NOW + 9},
        "host_commands": {"room": ROOM, "fp": OURS, "op": "kick", "target": "m1", "iat": NOW, "jti": "a1"},
        "passes": {"room": ROOM, "fp": OURS, "name": "Zoë 😀", "iat": NOW, "exp": NOW + 9},
        "orders": {"room": ROOM, "ban": [ban], "lock": True, "lobby": False, "seq": 7, "prev": "", "iat": NOW},
    }
    all_given: Groups = {"key": "host", "room": ROOM, "fingerprint": OURS, "now": NOW, "mode": "names"}
    groups: Groups = {"keys": {"host": public_key.encode(host.public)}}
    for name, claims in gives.items():
        row = {"token": tokens[name]} | all_given
        groups[name] = [{key: row[key] for key in VERDICTS[name].given} | {"gives": claims}]
    groups["guests"] = [
        {"gt": tokens["invitations"], "proof": tokens["proof"]}
        | {key: all_given[key] for key in ("key", "room", "fingerprint", "now")}
        | {"refused": "wrong-certificate", "where": "proof.fp"}
        | {"fingerprint": OURS[3:] + ":00"}
    ]
    report = Report()
    check_text("typescript", json.dumps(groups), report)
    assert report.is_good, "\n".join(report.lines)
