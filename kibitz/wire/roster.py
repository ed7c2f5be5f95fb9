"""The roster: who is in the call, as the coordinator tells it.

One unreadable member is left out, the rest stands. A member's meta is the application's own data, but for the reserved
key `~kbz`, in which an engine tells what it can do; there whatever is not readable counts as not told. Older builds bound
no meta, so for one that is too large or otherwise unreadable nobody is left out: what tells agents from people is kept.
Limits: 256 members, 4 KiB of meta without `~kbz`. Source: PROTOCOL 4.2, 6.4, 0 (lines 13-15, 18, 20).
Twin: widget/src/wire/roster.ts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from kibitz.wire.broker_frames import peer_id
from kibitz.wire.codec import (
    Codec,
    Field,
    as_record,
    filled,
    flag,
    kept,
    lenient,
    mark,
    optional,
    record,
    shown,
    text,
    whole,
)
from kibitz.wire.fields import avatar, display_name, media_id, order_token, tags
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import json_chars

_ENGINE_KEY: Final = "~kbz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What a member's engine says of itself. generation: of its wire protocol."""

    version: str | None = None
    tags: list[str]
    build: str | None = None
    generation: int | None = None


_build: Final = lenient(filled(shown(LIMITS["build_chars"])))

engine: Final = record(
    Engine,
    version=Field("v", _build),
    tags=Field("f", lenient(Codec(tags.decode, tags.encode, lambda where: []))),
    build=Field("b", _build),
    generation=Field("p", lenient(optional(whole()))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """A member's meta. app: the application's own fields, kept as they are."""

    app: Mapping[str, object]
    engine: Engine | None = None


def _decode_meta(value: object, where: str) -> Meta | Refused:
    entries = as_record(value, where)
    if isinstance(entries, Refused):
        return entries
    app = {key: part for key, part in entries.items() if key != _ENGINE_KEY}
    chars = json_chars(app, LIMITS["meta_json_chars"])
    if isinstance(chars, Refused):
        return Refused(chars.code, where)
    return Meta(app=app, engine=_engine(entries))


def _engine(entries: Mapping[str, object]) -> Engine | None:
    told = engine.decode(entries.get(_ENGINE_KEY), "")
    return None if isinstance(told, Refused) else told


def _encode_meta(value: Meta) -> object:
    return value.app if value.engine is None else {**value.app, _ENGINE_KEY: engine.encode(value.engine)}


meta: Final = Codec(_decode_meta, _encode_meta)
"""What one's own application may tell; refuses `not-a-record` and the codes of json_chars."""

_role: Final = lenient(filled(text(LIMITS["word_chars"])))


def _decode_told_meta(value: object, where: str) -> Meta | None:
    found = meta.decode(value, where)
    return _reduced(value) if isinstance(found, Refused) else found


def _reduced(value: object) -> Meta | None:
    entries = as_record(value, "")
    if isinstance(entries, Refused):
        return None
    role = _role.decode(entries.get("role"), "")
    return Meta(app={"role": role} if isinstance(role, str) else {}, engine=_engine(entries))


told_meta: Final[Codec[Meta | None]] = replace(optional(meta), decode=_decode_told_meta)
"""Somebody else's meta: of one that meta refuses, the `role` and `~kbz`; none, where it is no record."""

has_microphone: Final = Field("mic", lenient(optional(flag)))
"""Whether a microphone is on; unknown where that is not said or not readable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in the call. has_microphone: None where an older build does not say."""

    media_id: str
    name: str
    has_camera: bool
    avatar: str | None = None
    has_microphone: bool | None = None
    meta: Meta | None = None


member: Final = record(
    Member,
    media_id=Field("id", peer_id),
    name=Field("name", display_name),
    has_camera=Field("cam", flag),
    avatar=Field("avatar", avatar),
    has_microphone=has_microphone,
    meta=Field("meta", told_meta),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The room as its coordinator tells it.

    host_id: the host's media id, None while there is none. head_count: how many are in the call, told to who only
    watches. is_partial: others are here too. tags: None where the coordinator is an older build.
    """

    members: list[Member]
    has_lobby: bool = False
    host_id: str | None = None
    is_locked: bool = False
    head_count: int | None = None
    is_partial: bool = False
    tags: list[str] | None = None
    order: str | None = None


def _encode_host(host_id: str | None) -> object:
    return host_id or ""


_host: Final = Codec(lenient(media_id).decode, _encode_host, media_id.absent)

roster: Final = record(
    Roster,
    members=Field("members", kept(member, LIMITS["roster_members"])),
    has_lobby=Field("lobby", mark),
    host_id=Field("host", _host),
    is_locked=Field("locked", mark),
    head_count=Field("n", optional(whole())),
    is_partial=Field("partial", mark),
    tags=Field("f", optional(tags)),
    order=Field("order", optional(order_token)),
)
