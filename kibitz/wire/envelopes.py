"""What agents put into app data: a line to say, a view to show, an action to take; everything else is an application's.

Source: PROTOCOL 7.4, 0.13.
Twin: widget/src/wire/envelopes.ts.
"""

from dataclasses import dataclass
from typing import Any, Final

from kibitz.wire.codec import Codec, Field, opaque_data, record, tagged, text
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused

_KEY: Final = "__kib_agent"


@dataclass(frozen=True, slots=True)
class RawData:
    """An application's own."""

    data: object


@dataclass(frozen=True, slots=True)
class AgentSays:
    """An agent's line."""

    text: str


@dataclass(frozen=True, slots=True)
class AgentShows:
    """Something to look at, in the agent's own terms."""

    view: object


@dataclass(frozen=True, slots=True)
class AgentActs:
    """Something the agent does; needs the capability `act`."""

    action: object


_anything: Final = opaque_data(LIMITS["app_json_chars"])

agent_envelope: Final[Codec[Any]] = tagged(
    _KEY,
    {
        "chat": record(AgentSays, text=Field("text", text(LIMITS["app_json_chars"]))),
        "view": record(AgentShows, view=Field("view", _anything)),
        "act": record(AgentActs, action=Field("action", _anything)),
    },
    {"chat": AgentSays, "view": AgentShows, "act": AgentActs},
)
"""As it travels inside of app data."""

AgentEnvelope = AgentSays | AgentShows | AgentActs


def read_envelope(data: object) -> AgentEnvelope | RawData | Refused:
    """What app data is. Refuses an envelope of an unknown kind (`unknown-kind`) or without its content."""
    if isinstance(data, dict) and isinstance(data.get(_KEY), str):
        return agent_envelope.decode(data, "data")
    return RawData(data)
