"""Grants: what a participant may perceive and do, as the host hands it out.

Reading a grant makes it safe: words we do not know are dropped, what is unreadable grants nothing, and an end that is
unreadable is past. Nothing here has a clock; whoever asks brings the time. Source: PROTOCOL 10.
Twin: widget/src/wire/grants.ts.
"""

from dataclasses import dataclass
from typing import Final

from kibitz.wire.codec import Codec, Field, keyed, record
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import cut, is_number, well_formed

PERCEIVE: Final = (
    "see-screen",
    "hear-audio",
    "read-chat",
    "read-roster",
    "receive-directed",
    "read-media",
    "read-files",
)
ACT: Final = ("send-chat", "speak", "act")


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights in the order of PERCEIVE and ACT.

    backend: where an agent thinks, has_egress: whether what it hears leaves the call; both are for people to see.
    expires_at: epoch seconds, None for never.
    """

    perceive: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    backend: str | None = None
    has_egress: bool = False
    expires_at: float | None = None


NO_GRANT: Final = Grant()
FULL_GRANT: Final = Grant(PERCEIVE, ACT)
"""A person's, unless the host says otherwise; and always one's own."""


def agent_grant(backend: str | None = None, has_egress: bool = False) -> Grant:
    """An agent's, unless the host says otherwise: it reads along and does nothing. A backend is outside, so it is egress."""
    told = _backend(backend, "")
    return Grant(("read-chat", "read-roster", "receive-directed"), (), told, has_egress or told is not None)


def intersect(request: Grant, allowed: Grant) -> Grant:
    """What of a request is allowed: the rights of both, what the request discloses, the earlier end."""
    ends = [grant.expires_at for grant in (request, allowed) if grant.expires_at is not None]
    return Grant(
        tuple(word for word in request.perceive if word in allowed.perceive),
        tuple(word for word in request.act if word in allowed.act),
        request.backend,
        request.has_egress,
        min(ends, default=None),
    )


def in_force(grant: Grant, now: float) -> Grant:
    """The grant, or none at all once it has expired. now: epoch seconds."""
    return grant if grant.expires_at is None or now < grant.expires_at else NO_GRANT


def allows(grant: Grant, capability: str, now: float) -> bool:
    """Whether a grant holds a capability now. now: epoch seconds."""
    current = in_force(grant, now)
    return capability in current.perceive or capability in current.act


def _words(known: tuple[str, ...]) -> Codec[tuple[str, ...]]:
    def decode(value: object, where: str) -> tuple[str, ...] | Refused:
        return tuple(word for word in known if word in value) if isinstance(value, list) else ()

    return Codec(decode, list, lambda where: ())


def _backend(value: object, where: str) -> str | None:
    return well_formed(cut(value, LIMITS["backend_chars"])) or None if isinstance(value, str) else None


def _egress(value: object, where: str) -> bool:
    return value is True


_PAST: Final = 1
"""An end that no clock has before it."""


def _expiry(value: object, where: str) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_number(value) or value < 0:
        return _PAST
    return value or None


grant: Final = record(
    Grant,
    perceive=Field("perceive", _words(PERCEIVE)),
    act=Field("act", _words(ACT)),
    backend=Field("backend", Codec(_backend, absent=lambda where: None)),
    has_egress=Field("egress", Codec(_egress, lambda value: value or None, lambda where: False)),
    expires_at=Field("expiresAt", Codec(_expiry, absent=lambda where: None)),
)
"""Refuses only what is not a record."""

grant_map: Final = keyed(grant, LIMITS["grants"], LIMITS["peer_id_chars"])
"""Media id -> grant. One entry that is no record refuses the map: without its entry a participant would have more."""
