"""The signed guest list of a room (`gm`, sealed `ge`): who may come in, by address, name, domain, hash or agent key.

A list that could admit nobody is refused; one of domains alone is valid (0.11). With hashes, addresses are compared
only by hash. Domains count for proven addresses, never in the mode `names`. Rows for people to look at that are not
readable are left out; what decides who may come in is never left out but refused.
Source: PROTOCOL.md 0.11, 9.3. Twin: widget/src/wire/manifests.ts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from kibitz.wire.codec import Codec, Field, fallback, filled, kept, many, mark, matching, one_of, optional, record, text
from kibitz.wire.fingerprints import member_hash, normal_identity
from kibitz.wire.grants import Grant, grant
from kibitz.wire.keys import PublicKey, SigningKey, public_key
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import open_record, run_out, seconds, sign_record, wrong_room

T = TypeVar("T")

NAMES: Final = "names"
SIGN_IN: Final = "google"


@dataclass(frozen=True, slots=True)
class Invitee:
    """A row of the list people see. method: oidc (a domain), signin or mail (an address); is_shown: show an oidc address."""

    method: str
    identity: str | None = None
    domain: str | None = None
    name: str | None = None
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class AgentKey:
    """An agent that may come in, and what it may do there; no grant means the default of an agent."""

    key: PublicKey
    grant: Grant | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A guest list. mode: invite, google or names; expires_at: epoch seconds; hashes: see member_hash."""

    members: Sequence[str]
    mode: str
    room: str
    expires_at: float
    domains: Sequence[str] = ()
    hashes: Sequence[str] = ()
    invitees: Sequence[Invitee] = ()
    agent_keys: Sequence[AgentKey] = ()


_identity: Final = text(LIMITS["identity_chars"])
_MOST: Final = LIMITS["manifest_entries"]

invitee: Final = record(
    Invitee,
    method=Field("method", one_of("oidc", "signin", "mail")),
    identity=Field("id", filled(_identity)),
    domain=Field("domain", filled(_identity)),
    name=Field("name", filled(_identity)),
    is_shown=Field("show", mark),
)

_agent_key: Final = record(
    AgentKey,
    key=Field("key", public_key),
    grant=Field("caps", optional(grant)),
    label=Field("label", filled(text(LIMITS["agent_label_chars"]))),
)


def _listed(item: Codec[list[T]]) -> Codec[Sequence[T]]:
    """A list that is not written when it is empty."""
    return Codec(item.decode, lambda value: item.encode(list(value)) if value else None, lambda where: ())


manifest: Final[Codec[Manifest]] = record(
    Manifest,
    members=Field("members", fallback(many(_identity, _MOST), [])),
    mode=Field("mode", one_of("invite", SIGN_IN, NAMES)),
    room=Field("room", text(LIMITS["room_chars"])),
    expires_at=Field("exp", seconds),
    domains=Field("domains", _listed(many(_identity, _MOST))),
    hashes=Field("mh", _listed(many(matching("[A-Za-z0-9_-]{43}", LIMITS["digest_chars"]), _MOST))),
    invitees=Field("invitees", _listed(kept(invitee, _MOST))),
    agent_keys=Field("agentKeys", _listed(kept(_agent_key, _MOST))),
)


def sign_manifest(value: Manifest, creator: SigningKey) -> str:
    """The `gm` of a room."""
    return sign_record(manifest, value, creator)


def check_manifest(token: str, creator: PublicKey, *, room: str, mode: str | None, now: float) -> Manifest | Refused:
    """A guest list that holds; mode: what the link says, None for any.

    Order: the token's refusals, `wrong-kind`, the fields', `wrong-room`, `wrong-mode`, `expired`, `no-members`.
    """
    found = open_record(token, creator, manifest, LIMITS["link_manifest_chars"])
    if isinstance(found, Refused):
        return found
    return wrong_room(found.room, room) or _wrong_mode(found, mode) or run_out(found.expires_at, now) or _deserted(found) or found


def _wrong_mode(found: Manifest, mode: str | None) -> Refused | None:
    return None if mode is None or found.mode == mode else Refused("wrong-mode", "mode")


def _deserted(found: Manifest) -> Refused | None:
    """Whether nobody could come in: blank entries name nobody, and a domain nobody who only picks a name."""
    domains = () if found.mode == NAMES else found.domains
    is_somebody_named = found.hashes or found.agent_keys or any(map(normal_identity, found.members)) or any(map(_domain, domains))
    return None if is_somebody_named else Refused("no-members", "members")


def admits(found: Manifest, identity: str) -> bool:
    """Whether a proven address (in the mode names: a picked name) is on the list."""
    wanted = normal_identity(identity)
    if not wanted:
        return False
    if found.hashes:
        is_listed = member_hash(identity, found.room) in found.hashes
    else:
        is_listed = any(normal_identity(member) == wanted for member in found.members)
    return is_listed or (found.mode != NAMES and _is_of_domain(wanted, found.domains))


def _is_of_domain(wanted: str, domains: Sequence[str]) -> bool:
    _, at, domain = wanted.rpartition("@")
    return bool(at and domain) and any(_domain(entry) == domain for entry in domains)


def _domain(entry: str) -> str:
    return normal_identity(entry).removeprefix("@")


def manifest_of(rows: Sequence[Invitee], *, room: str, expires_at: float, agent_keys: Sequence[AgentKey] = ()) -> Manifest:
    """A list from rows of an invitation form (9.3): addresses of signin and mail, domains of oidc; blank rows are dropped."""
    addresses = [row.identity for row in rows if row.method != "oidc" and row.identity and normal_identity(row.identity)]
    domains = [row.domain for row in rows if row.method == "oidc" and row.domain and normal_identity(row.domain)]
    invitees = [_written(row) for row in rows if row.method == "oidc" or normal_identity(row.identity or "")]
    return Manifest(addresses, SIGN_IN, room, expires_at, domains, (), invitees, tuple(agent_keys))


def _written(row: Invitee) -> Invitee:
    return replace(row, identity=None) if row.method == "oidc" and not row.is_shown else row


def hashed(found: Manifest) -> Manifest:
    """The same list without a readable address: members by hash, rows without addresses unless they are shown."""
    rows = [row if row.is_shown else replace(row, identity=None) for row in found.invitees]
    hashes = [member_hash(member, found.room) for member in found.members]
    return replace(found, members=(), hashes=(*found.hashes, *hashes), invitees=rows)
