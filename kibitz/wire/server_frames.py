"""What the broker sends to a client, read down to the session description.

Limit: a client's largest frame plus the sender's id. Source: PROTOCOL 12.5.
Twin: widget/src/wire/server-frames.ts.
"""

from dataclasses import dataclass
from typing import Any, Final

from kibitz.wire.broker_frames import peer_id, read_frame
from kibitz.wire.codec import Codec, Field, filled, flag, one_of, opaque, optional, record, shown, tagged, text, whole
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused

_connection_id: Final = text(LIMITS["connection_id_chars"], least=1)
_lane: Final = one_of("data", "media")


@dataclass(frozen=True, slots=True)
class Description:
    """A session description (WebRTC, RTCSessionDescriptionInit)."""

    type: str
    sdp: str


def _description(kind: str) -> Codec[Description]:
    return record(
        Description,
        type=Field("type", one_of(kind)),
        sdp=Field("sdp", text(LIMITS["server_frame_bytes"], least=1)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPayload:
    """What dials a connection.

    lane: `data` or `media`; serialization: the dialler's choice, which the other side follows; metadata: not used by us.
    """

    description: Description
    lane: str
    connection_id: str
    label: str | None = None
    is_reliable: bool | None = None
    serialization: str | None = None
    metadata: object


offer_payload: Final = record(
    OfferPayload,
    description=Field("sdp", _description("offer")),
    lane=Field("type", _lane),
    connection_id=Field("connectionId", _connection_id),
    label=Field("label", filled(text(LIMITS["channel_label_chars"]))),
    is_reliable=Field("reliable", optional(flag)),
    serialization=Field("serialization", optional(one_of("binary", "binary-utf8", "json", "raw"))),
    metadata=Field("metadata", optional(opaque(LIMITS["meta_json_chars"]))),
)


@dataclass(frozen=True, slots=True)
class AnswerPayload:
    """What answers a dialled connection."""

    description: Description
    lane: str
    connection_id: str


answer_payload: Final = record(
    AnswerPayload,
    description=Field("sdp", _description("answer")),
    lane=Field("type", _lane),
    connection_id=Field("connectionId", _connection_id),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One ICE candidate (WebRTC, RTCIceCandidateInit); an empty line ends a generation."""

    line: str
    section_id: str | None = None
    section_index: int | None = None
    user_fragment: str | None = None


_candidate: Final = record(
    Candidate,
    line=Field("candidate", text(LIMITS["candidate_chars"])),
    section_id=Field("sdpMid", optional(text(LIMITS["candidate_chars"]))),
    section_index=Field("sdpMLineIndex", optional(whole(0, 65535))),
    user_fragment=Field("usernameFragment", optional(text(LIMITS["candidate_chars"]))),
)


@dataclass(frozen=True, slots=True)
class CandidatePayload:
    """A trickled candidate of one connection."""

    candidate: Candidate
    lane: str
    connection_id: str


candidate_payload: Final = record(
    CandidatePayload,
    candidate=Field("candidate", _candidate),
    lane=Field("type", _lane),
    connection_id=Field("connectionId", _connection_id),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The id is claimed."""


@dataclass(frozen=True, slots=True)
class IdTaken:
    """Somebody else holds the id."""


@dataclass(frozen=True, slots=True)
class InvalidKey:
    """The broker does not serve this API key."""


@dataclass(frozen=True, slots=True)
class ServerHeartbeat:
    """The broker is there."""


@dataclass(frozen=True, slots=True)
class ProblemPayload:
    """In the broker's words, for a log; nobody tells two problems apart by them."""

    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """The broker says that something is wrong."""

    payload: ProblemPayload


@dataclass(frozen=True, slots=True)
class Left:
    """The peer `source` told the broker that it goes."""

    source: str


@dataclass(frozen=True, slots=True)
class Expired:
    """What was sent to `source` found nobody."""

    source: str


@dataclass(frozen=True, slots=True)
class Offer:
    """`source` dials."""

    source: str
    payload: OfferPayload


@dataclass(frozen=True, slots=True)
class Answer:
    """`source` answers."""

    source: str
    payload: AnswerPayload


@dataclass(frozen=True, slots=True)
class Trickle:
    """`source` tells one more candidate."""

    source: str
    payload: CandidatePayload


_source: Final = Field("src", peer_id)
_problem: Final = record(ProblemPayload, message=Field("msg", shown(LIMITS["problem_chars"])))

_SHAPES: Final[dict[str, type | tuple[type, ...]]] = {
    "OPEN": Opened,
    "ID-TAKEN": IdTaken,
    "INVALID-KEY": InvalidKey,
    "HEARTBEAT": ServerHeartbeat,
    "ERROR": Problem,
    "LEAVE": Left,
    "EXPIRE": Expired,
    "OFFER": Offer,
    "ANSWER": Answer,
    "CANDIDATE": Trickle,
}

server_frame: Final[Codec[Any]] = tagged(
    "type",
    {
        "OPEN": record(Opened),
        "ID-TAKEN": record(IdTaken),
        "INVALID-KEY": record(InvalidKey),
        "HEARTBEAT": record(ServerHeartbeat),
        "ERROR": record(Problem, payload=Field("payload", _problem)),
        "LEAVE": record(Left, source=_source),
        "EXPIRE": record(Expired, source=_source),
        "OFFER": record(Offer, source=_source, payload=Field("payload", offer_payload)),
        "ANSWER": record(Answer, source=_source, payload=Field("payload", answer_payload)),
        "CANDIDATE": record(Trickle, source=_source, payload=Field("payload", candidate_payload)),
    },
    _SHAPES,
)

ServerFrame = Opened | IdTaken | InvalidKey | ServerHeartbeat | Problem | Left | Expired | Offer | Answer | Trickle


def read_server_frame(frame: str) -> ServerFrame | Refused:
    """One frame of the broker; refuses what read_frame and its table refuse."""
    value = read_frame(frame, LIMITS["server_frame_bytes"])
    return value if isinstance(value, Refused) else server_frame.decode(value, "")
