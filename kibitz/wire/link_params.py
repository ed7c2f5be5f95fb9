"""What a link says about its room: the parameters after the room's name, both ways.

Two forms. `Raw` is what stands in the link, in order, unknown keys included: pass a link on in this form, since the id
of a `gx` room depends on every letter of it. `LinkParams` is what it means, in clear names, for rules and pages.
Invariants: a key's first occurrence counts; an empty value counts as absent (only an empty `gx` does not); keys that
the table does not name never influence a rule; what would open a door by mistake is refused instead.
Limits: link_* in limits.json. Source: PROTOCOL.md 3, overridden by 0.10 and 17.1.
Twin: widget/src/wire/link-params.ts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote_plus, unquote_to_bytes

from kibitz.wire.base64url import read_base64url
from kibitz.wire.codec import Codec, Field, optional, record, trim
from kibitz.wire.keys import PublicKey, read_key_text, write_key_text
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import cut, utf16_units, well_formed

T = TypeVar("T")

Raw = tuple[tuple[str, str], ...]
"""Keys and decoded values as they stand in a link, in order, duplicates and unknown keys included."""

OPEN: Final = "open"
MODES: Final = (OPEN, "names", "code", "email", "google", "invite")
"""The rules at the door (PROTOCOL.md 3.2): nothing asked, a picked name, a code, a proven address (2), an invitation."""

NO_WARNING: Final = "none"
AUDIO: Final = "audio"
AUDIO_AND_VIDEO: Final = "audio+video"


@dataclass(frozen=True, slots=True)
class LinkParams:
    """What the parameters of a link mean (PROTOCOL.md 3.2). Text is None where the link has none.

    everyone_checks: `gx`, the door of section 17. mode: one of MODES. creator_key, host_key: None where unreadable.
    manifest: None where there is a sealed one, which wins. code_check: base64url of salt(16) and check(32).
    invite_key, creator_secret: base64url of a 32-byte scalar. agent_warning: NO_WARNING, AUDIO or AUDIO_AND_VIDEO.
    """

    everyone_checks: bool = False
    mode: str = OPEN
    allowed_names: tuple[str, ...] = ()
    creator_key: PublicKey | None = None
    manifest: str | None = None
    sealed_manifest: str | None = None
    client_id: str | None = None
    host_key: PublicKey | None = None
    sealed_host_key: str | None = None
    host_name: str | None = None
    host_email: str | None = None
    lobby_at_start: bool = False
    declared_names: tuple[str, ...] = ()
    description: str | None = None
    notice: str | None = None
    agent_warning: str = NO_WARNING
    issuer: str | None = None
    code_check: str | None = None
    email_issuer: str | None = None
    creator_secret: str | None = None
    invite: str | None = None
    invite_key: str | None = None


def _decoder(read: Callable[[str, str], T | Refused]) -> Callable[[object, str], T | Refused]:
    """The values of a link are text; anything else cannot come from one."""
    return lambda value, where: read(value, where) if isinstance(value, str) else Refused("wrong-type", where)


def _literal(most: int) -> Codec[str | None]:
    """Text as it stands, of at most `most` units."""

    def read(value: str, where: str) -> str | Refused | None:
        return value if utf16_units(value) <= most else Refused("link-unreadable", where)

    return optional(Codec(_decoder(read)))


def _start(most: int) -> Codec[str | None]:
    """Text of which a page shows the first `most` units."""
    return optional(Codec(_decoder(lambda value, where: cut(value, most))))


def _bytes(count: int) -> Codec[str | None]:
    """base64url of exactly `count` bytes; anything else is as if it were not there."""

    def read(value: str, where: str) -> str | None:
        data = read_base64url(value)
        return value if not isinstance(data, Refused) and len(data) == count else None

    return optional(Codec(_decoder(read)))


_ADDRESS = re.compile(r'[Hh][Tt][Tt][Pp][Ss]?://[A-Za-z0-9.:\[\]-]+(?:/[!"$->@-~]*)?')


def _read_issuer(value: str, where: str) -> str | Refused:
    if utf16_units(value) > LIMITS["link_word_chars"]:
        return Refused("link-unreadable", where)
    return value if _ADDRESS.fullmatch(value) else Refused("link-incomplete", where)


_issuer: Final = optional(Codec(_decoder(_read_issuer)))
"""An http(s) address without query. A damaged one is refused: the default in its place would ask somebody else."""


def _read_names(value: str, where: str) -> tuple[str, ...] | Refused:
    names = tuple(name for part in value.split(",") if (name := trim(part)))
    is_long = utf16_units(value) > LIMITS["link_names_chars"] or len(names) > LIMITS["link_names"]
    return Refused("link-unreadable", where) if is_long else names


_names: Final[Codec[tuple[str, ...]]] = Codec(_decoder(_read_names), lambda names: ",".join(names), lambda where: ())


def _read_key(value: str, where: str) -> PublicKey | None:
    key = read_key_text(value)
    return None if isinstance(key, Refused) else key


_key: Final[Codec[PublicKey | None]] = Codec(
    _decoder(_read_key), lambda key: None if key is None else write_key_text(key), lambda where: None
)
"""A public key; a corrupt one is dropped, and what needs it then fails (PROTOCOL.md 3.3)."""


def _read_mode(value: str, where: str) -> str | Refused:
    return value if value in MODES else Refused("link-too-new", where)


_mode: Final[Codec[str]] = Codec(_decoder(_read_mode), lambda mode: None if mode == OPEN else mode, lambda where: OPEN)

_door: Final[Codec[bool]] = Codec(
    _decoder(lambda value, where: True if value == "1" else Refused("link-too-new", where)),
    lambda is_on: "1" if is_on else None,
    lambda where: False,
)
"""`gx`: 1, or a link of the future."""

_SWITCH: Final = {"1": True, "0": False}

_lobby: Final[Codec[bool]] = Codec(
    _decoder(lambda value, where: _SWITCH.get(value, Refused("link-too-new", where))),
    lambda is_on: "1" if is_on else None,
    lambda where: False,
)
"""`gl`: 1 or 0. A damaged one is refused: little damage must not turn a waiting room off."""

_WARNINGS: Final = {"a": AUDIO, "1": AUDIO, "av": AUDIO_AND_VIDEO}
_WARNING_WORDS: Final = {NO_WARNING: "0", AUDIO: "a", AUDIO_AND_VIDEO: "av"}
_warning: Final[Codec[str]] = Codec(
    _decoder(lambda value, where: _WARNINGS.get(value, NO_WARNING)),
    lambda warning: _WARNING_WORDS.get(warning, warning),
    lambda where: NO_WARNING,
)

_CODE_CHECK_BYTES: Final = 48
"""PROTOCOL.md 17.2: salt of 16, check of 32."""

_SCALAR_BYTES: Final = 32
"""PROTOCOL.md 17.2: a private scalar of P-256."""

_FIELDS: Final[dict[str, Field[Any]]] = {
    "everyone_checks": Field("gx", _door),
    "mode": Field("g", _mode),
    "allowed_names": Field("gn", _names),
    "creator_key": Field("gk", _key),
    "manifest": Field("gm", _literal(LIMITS["link_manifest_chars"])),
    "sealed_manifest": Field("ge", _literal(LIMITS["link_sealed_chars"])),
    "client_id": Field("gc", _literal(LIMITS["link_word_chars"])),
    "host_key": Field("gh", _key),
    "sealed_host_key": Field("ghk", _literal(LIMITS["link_sealed_key_chars"])),
    "host_name": Field("ghn", _literal(LIMITS["link_word_chars"])),
    "host_email": Field("gho", _literal(LIMITS["link_word_chars"])),
    "lobby_at_start": Field("gl", _lobby),
    "declared_names": Field("gd", _names),
    "description": Field("d", _start(LIMITS["description_chars"])),
    "notice": Field("n", _start(LIMITS["notice_chars"])),
    "agent_warning": Field("ag", _warning),
    "issuer": Field("gi", _issuer),
    "code_check": Field("gch", _bytes(_CODE_CHECK_BYTES)),
    "email_issuer": Field("gei", _issuer),
    "creator_secret": Field("gkd", _bytes(_SCALAR_BYTES)),
    "invite": Field("gt", _literal(LIMITS["credential_chars"])),
    "invite_key": Field("gtk", _bytes(_SCALAR_BYTES)),
}
"""In the order of writing (PROTOCOL.md 3.3, 17.1): what is personal comes last, so a guest's link begins as the room's."""

_TABLE: Final = record(LinkParams, **_FIELDS)

GATE_KEYS: Final = frozenset(field.wire for field in _FIELDS.values())
"""A fragment that holds any of these is used alone (PROTOCOL.md 3.1)."""

_UNREAD_WHEN_OPEN: Final = frozenset({"gn", "gk", "gm", "ge", "gch", "gkd", "gt", "gtk"})


def first(raw: Raw, key: str) -> str | None:
    """The value of a key's first occurrence, perhaps empty."""
    return next((value for name, value in raw if name == key), None)


def decode_params(raw: Raw) -> LinkParams | Refused:
    """What the parameters mean.

    Refuses `link-too-new` (unknown mode, `gx` other than 1, `gl` other than 1 and 0), `link-incomplete` (what the mode
    cannot do without is missing or unreadable, so nobody could ever pass) and `link-unreadable` (a value over its limit),
    at the key.
    """
    found = _firsts(raw)
    if found.get("g", OPEN) == OPEN:
        found = {key: value for key, value in found.items() if key not in _UNREAD_WHEN_OPEN}
    if "ge" in found:
        found.pop("gm", None)
    if "n" in found:
        found.setdefault("ag", _WARNING_WORDS[AUDIO])
    params = _TABLE.decode(found, "")
    if isinstance(params, Refused):
        return params
    gap = _gap(params, found)
    return params if gap is None else Refused("link-incomplete", gap)


_RULE_KEYS: Final = ("g", "gx", "gl", "gh", "ghk", "gho")
_NO_RULE: Final = {"g": OPEN, "gl": "0"}


def rule_key(raw: Raw) -> str | None:
    """The first key that rules who may come in or who is host; None where there is none."""
    found = _firsts(raw)
    return next((key for key in _RULE_KEYS if found.get(key, _NO_RULE.get(key)) != _NO_RULE.get(key)), None)


def garbled_rule_key(raw: Raw) -> str | None:
    """A key that was one of a rule before it was damaged on its way (`amp;gl`, ` gl`, `GL`); None where there is none."""
    return next((key for key, _ in raw if key not in _RULE_KEYS and _mended(key) in _RULE_KEYS), None)


def _mended(key: str) -> str:
    return trim(key).lower().removeprefix("amp;")


def _firsts(raw: Raw) -> dict[str, str]:
    firsts: dict[str, str] = {}
    for key, value in raw:
        if key in GATE_KEYS:
            firsts.setdefault(key, value)
    return {key: value for key, value in firsts.items() if value or key == "gx"}


def _gap(params: LinkParams, found: Mapping[str, str]) -> str | None:
    """The key without which nobody could pass or, in a `gx` room, nobody could be host."""
    if params.mode == "invite" and params.creator_key is None:
        return "gk"
    if params.everyone_checks and params.host_key is None and "gh" in found:
        return "gh"
    if params.mode == "code" and params.code_check is None:
        return "gch"
    if params.mode == "email" and params.email_issuer is None:
        return "gei"
    return None


def encode_params(params: LinkParams) -> Raw | Refused:
    """The parameters of a new link, in the order of writing.

    Refuses what decode_params would, and `bad-value` at a key whose value would come back as another (a name with a
    comma, a text over its limit, a part that the mode does not read): nothing is dropped in silence.
    """
    raw = tuple((field.wire, text) for name, field in _FIELDS.items() if (text := _written(field, params, name)))
    back = decode_params(raw)
    if isinstance(back, Refused):
        return back
    changed = (field.wire for name, field in _FIELDS.items() if getattr(back, name) != getattr(params, name))
    key = next(changed, None)
    return raw if key is None else Refused("bad-value", key)


def _written(field: Field[Any], params: LinkParams, name: str) -> str:
    if field.wire == "ag" and params.agent_warning == NO_WARNING and params.notice is None:
        return ""
    return well_formed(field.codec.encode(getattr(params, name)) or "")  # type: ignore[arg-type]  # every row writes text or nothing


def read_form(text: str) -> Raw:
    """Keys and values of application/x-www-form-urlencoded text, as URLSearchParams reads it (URL standard, 5.1)."""
    parts = (part.partition("=") for part in well_formed(text).removeprefix("?").split("&") if part)
    return tuple((_read_escaped(key), _read_escaped(value)) for key, _, value in parts)


def _read_escaped(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def write_form(raw: Raw) -> str:
    """As URLSearchParams writes it (URL standard, 5.2): space is +, letters, digits and *-._ stand, all else is escaped."""
    return "&".join(f"{_write_escaped(key)}={_write_escaped(value)}" for key, value in raw)


def _write_escaped(text: str) -> str:
    return quote_plus(well_formed(text), safe="*").replace("~", "%7E")
