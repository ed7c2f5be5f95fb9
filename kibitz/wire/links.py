"""A link, or what a person typed in its place: read into a room and its rules, and written.

Invariants: nothing that is read is ever opened on another origin than ours; the query of somebody else's link is
dropped and its fragment kept, and where the dropped part held the rules the link is refused; a link is read whole or
refused; reading a written link gives what was written.
No URL class takes part: browsers and Python repair broken addresses differently, this module repairs none.
Limit: link_chars. Source: PROTOCOL.md 2.4, 3.1; RFC 3986, appendix B. Twin: widget/src/wire/links.ts.
"""

import re
from dataclasses import dataclass
from typing import Final

from kibitz.wire.codec import trim
from kibitz.wire.limits import LIMITS
from kibitz.wire.link_params import (
    GATE_KEYS,
    LinkParams,
    Raw,
    decode_params,
    encode_params,
    first,
    garbled_rule_key,
    read_form,
    rule_key,
    write_form,
)
from kibitz.wire.refusal import Refused
from kibitz.wire.rooms import room_id, typed_room_id
from kibitz.wire.values import utf16_units, well_formed

FOREIGN: Final = "link-foreign"


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that can be entered.

    room: normalised. params: what the link means. raw: its parameters as they stand, for gx_peer_id and for passing on.
    notice: a code whose sentence the person should see (`link-foreign`), or None.
    """

    room: str
    params: LinkParams
    raw: Raw = ()
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """The five parts of RFC 3986, 3. scheme is lower-cased; scheme and authority are None where they are not there."""

    scheme: str | None
    authority: str | None
    path: str
    query: str
    fragment: str


_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_IS_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[/?#]")
_SCHEMELESS: Final = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?/(?:[?#]|j/)")
"""A link as people read and copy it, `kibitz.example/#standup`; a room's name never looks like that."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NO_PORT: Final = {"http": re.compile(r":(?:80)?\Z"), "https": re.compile(r":(?:443)?\Z")}
"""The schemes of a link, and the port that says the same as none."""

_SHARED: Final = re.compile(r"/j/([^/]*)")
"""The share form `/j/<room>`."""

_PAGE_KEYS: Final = frozenset({"room", "grant"})
"""Keys of a query that are for the page alone: the room of an embed, and a sponsor's ticket that must not travel on."""

_ESCAPED: Final = re.compile(
    r"(?:%[0-7][0-9a-f]|%(?:c[2-9a-f]|d[0-9a-f])%[89ab][0-9a-f]"
    r"|%(?:e0%[ab][0-9a-f]|e[1-9a-cef]%[89ab][0-9a-f]|ed%[89][0-9a-f])%[89ab][0-9a-f]"
    r"|%(?:f0%[9ab][0-9a-f]|f[1-3]%[89ab][0-9a-f]|f4%8[0-9a-f])(?:%[89ab][0-9a-f]){2})+",
    re.IGNORECASE | re.ASCII,
)
"""Escapes that spell whole characters in UTF-8 (RFC 3629, 4); any other escape is left as it is."""

_STRAY_RULE: Final = re.compile(
    rf"(?:[?&]|%(?:25)*(?:3[Ff]|26))(?:{'|'.join(sorted(GATE_KEYS))})(?:=|%(?:25)*3[Dd])",
)
"""A parameter where a room's name should be, perhaps escaped again: what parts the two was damaged, so the rules are lost."""


def read_link(typed: str, own_origin: str) -> Opened | Refused:
    """The room behind whatever a person typed or pasted, or behind the address of the page.

    typed: a bare name or code, an address of 2.4 with or without its scheme, or its part from `//`, `/`, `?` or `#` on.
    own_origin: ours, `https://host[:port]`. Refuses `link-unreadable`, `link-elsewhere` at the rule that was for another
    site, the codes of typed_room_id (a name), of room_id and of decode_params.
    """
    if utf16_units(typed) > LIMITS["link_chars"]:
        return Refused("link-unreadable")
    text = trim(well_formed(typed))
    if _SCHEMELESS.match(text):
        return _read_address(f"//{text}", own_origin)
    if _IS_ADDRESS.match(text):
        return _read_address(text, own_origin)
    name = Refused("link-unreadable") if _holds_rules(text) else typed_room_id(text)
    return name if isinstance(name, Refused) else Opened(name, LinkParams())


def _read_address(text: str, own_origin: str) -> Opened | Refused:
    parts = _split(text)
    if _CONTROL.search(text) or _is_nowhere(parts):
        return Refused("link-unreadable")
    room = _room(parts)
    if isinstance(room, Refused):
        return room
    is_own = _is_own(parts, own_origin)
    raw = _raw(parts, is_own)
    if isinstance(raw, Refused):
        return raw
    if garbled_rule_key(raw) is not None:
        return Refused("link-unreadable")
    params = decode_params(raw)
    return params if isinstance(params, Refused) else Opened(room, params, raw, None if is_own else FOREIGN)


def _split(text: str) -> _Parts:
    before_fragment, _, fragment = text.partition("#")
    before_query, _, query = before_fragment.partition("?")
    named = _SCHEME.match(before_query)
    scheme, rest = (named[1].lower(), before_query[named.end() :]) if named else (None, before_query)
    if not rest.startswith("//"):
        return _Parts(scheme, None, rest, query, fragment)
    authority, slash, path = rest[2:].partition("/")
    return _Parts(scheme, authority, slash + path, query, fragment)


def _is_nowhere(parts: _Parts) -> bool:
    """Neither relative to us nor http(s) with a host."""
    if parts.authority is None:
        return parts.scheme is not None
    return _origin(parts.scheme or "https", parts.authority) is None


def _origin(scheme: str, authority: str) -> str | None:
    """`scheme://host[:port]` in one spelling, or None without a host or for another scheme. User info stays in it."""
    if scheme not in _NO_PORT:
        return None
    spelled = _NO_PORT[scheme].sub("", authority.lower() if authority.isascii() else authority)
    host = spelled.rpartition("@")[2]
    return f"{scheme}://{spelled}" if host and not host.startswith(":") else None


def _is_own(parts: _Parts, own_origin: str) -> bool:
    """Whether an address is on our origin: scheme, host and port equal, never with user info."""
    if parts.authority is None:
        return True
    own = _split(own_origin)
    home = _origin(own.scheme or "", own.authority or "")
    return "@" not in parts.authority and home == _origin(parts.scheme or own.scheme or "", parts.authority)


def _room(parts: _Parts) -> str | Refused:
    """The first place that names a room: `/j/` path, then fragment, then `?room=`; else the first reason against one."""
    shared = _SHARED.match(parts.path)
    named = parts.fragment.partition("?")[0]
    embedded = first(read_form(parts.query), "room") or ""
    if any(map(_holds_rules, (parts.path, named, embedded))):
        return Refused("link-unreadable")
    places = (_unescape(shared[1]) if shared else "", _unescape(named), embedded)
    answers = [room_id(place) for place in places if place]
    good = (answer for answer in answers if not isinstance(answer, Refused))
    return next(good, answers[0] if answers else Refused("link-unreadable"))


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode(), text)


def _holds_rules(text: str) -> bool:
    return _STRAY_RULE.search(_unescape(text)) is not None


def _raw(parts: _Parts, is_own: bool) -> Raw | Refused:
    """The parameters that count (PROTOCOL.md 3.1): the fragment's alone if one is a gate key, else the query's, if ours.

    Refuses `link-elsewhere` where a query that is not ours holds the rules: without them the room would stand open.
    """
    inside = read_form(parts.fragment.partition("?")[2])
    if any(key in GATE_KEYS for key, _ in inside):
        return inside
    query = read_form(parts.query)
    if is_own:
        return tuple(pair for pair in query if pair[0] not in _PAGE_KEYS) or inside
    rule = rule_key(query)
    return inside if rule is None else Refused("link-elsewhere", rule)


def write_link(origin: str, room: str, params: LinkParams) -> str | Refused:
    """A new link in the canonical form `<origin>/#<room>?<params>` (PROTOCOL.md 2.4, 3.1).

    origin: `https://host[:port]`. room: normalised. Refuses `bad-value` at `origin` or `room`, `link-too-long`, and the
    codes of encode_params. read_link gives the same room and params back.
    """
    raw = encode_params(params)
    return raw if isinstance(raw, Refused) else write_raw_link(origin, room, raw)


def write_raw_link(origin: str, room: str, raw: Raw) -> str | Refused:
    """A link that exists already, in the canonical form on our origin, nothing of it lost. Refuses as write_link."""
    parts = _split(origin)
    home = _origin(parts.scheme or "", parts.authority or "")
    has_more = parts.path not in ("", "/") or any(mark in origin for mark in "?#@")
    if home is None or has_more or _CONTROL.search(origin):
        return Refused("bad-value", "origin")
    if room_id(room) != room:
        return Refused("bad-value", "room")
    link = append_params(f"{home}/#{room}", raw)
    return link if utf16_units(link) <= LIMITS["link_chars"] else Refused("link-too-long")


def append_params(base: str, raw: Raw) -> str:
    """Parameters after those a link has already: plain string work (PROTOCOL.md 3.1), for a guest's `gt` and `gtk`."""
    if not raw:
        return base
    _, hash_mark, fragment = base.partition("#")
    joint = "&" if "?" in fragment else "?" if hash_mark else "#?"
    return f"{base}{joint}{write_form(raw)}"
