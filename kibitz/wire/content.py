"""Content on the mesh: what members of a call send each other directly.

Who sent a message is the connection's matter; no field of a message says it. Kinds that only build B knows (7.5) are
`unknown-kind` for now. Source: PROTOCOL 7.1, 7.5 (the fields chat gained), 17.4, 18, 19 and 0 (lines 3, 7, 31).
Twin: widget/src/wire/content.ts.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from kibitz.wire.broker_frames import peer_id
from kibitz.wire.codec import (
    Codec,
    Field,
    either,
    fallback,
    filled,
    finite,
    lenient,
    mark,
    matching,
    opaque,
    opaque_data,
    optional,
    record,
    shown,
    tagged,
    text,
    whole,
)
from kibitz.wire.door import ORDER_KIND, Order, order
from kibitz.wire.fields import (
    Pass,
    Record,
    Shown,
    SignedOrder,
    avatar,
    digest,
    display_name,
    order_token,
    pass_message,
    record_message,
    shown_entries,
    signed_order,
    tags,
)
from kibitz.wire.grants import Grant, grant_map
from kibitz.wire.ink import Ink, ink
from kibitz.wire.limits import LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A line. is_direct: it went to the receiver alone.

    line_id, sent_at (epoch ms), author_id, author_name: of a replayed line; for display only, nobody vouches for them.
    """

    text: str
    is_direct: bool = False
    line_id: str | None = None
    sent_at: float | None = None
    author_id: str | None = None
    author_name: str | None = None


@dataclass(frozen=True, slots=True)
class AppData:
    """An application's own data, kept as it is; None is data too."""

    data: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment link. url: not yet judged, see pay_links."""

    url: str
    label: str | None = None
    is_direct: bool = False


@dataclass(frozen=True, slots=True)
class IdToken:
    """The sender's ID token (11)."""

    token: str


@dataclass(frozen=True, slots=True)
class Grants:
    """Everybody's grants; replaces what was there. By media id."""

    grants: dict[str, Grant]


@dataclass(frozen=True, slots=True)
class Schema:
    """How to read the sender's app data. document: kept as it is."""

    name: str
    version: str
    document: object


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """This link lives (0.3)."""


@dataclass(frozen=True, slots=True)
class Goodbye:
    """This link ends (0.31)."""


@dataclass(frozen=True, slots=True)
class PlainOrder:
    """A standing order that counts by the connection it came on (0.7, OIDC tier). order: its room is still to be checked."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshShow:
    """The first message of a link in rooms whose door everyone checks (17.4)."""

    own_id: str
    other_id: str
    name: str
    avatar: str | None = None
    role: str | None = None
    tags: list[str]
    entries: list[Shown]
    order: str | None = None
    browser_id: str


@dataclass(frozen=True, slots=True)
class SafetyCommit:
    """Round n of the safety code (18). set_hash: over who takes part; commitment: to what I will reveal."""

    round: int
    set_hash: str
    commitment: str


@dataclass(frozen=True, slots=True)
class SafetyReveal:
    """What the commit of the round was to: 16 random bytes, base64url."""

    round: int
    random: str


_any_data: Final = opaque_data(LIMITS["app_json_chars"])
_direct: Final = Field("dm", mark)

_chat: Final = record(
    Chat,
    text=Field("text", shown(LIMITS["chat_chars"], least=1)),
    is_direct=_direct,
    line_id=Field("mid", lenient(filled(text(LIMITS["line_id_chars"])))),
    sent_at=Field("ts", lenient(optional(finite))),
    author_id=Field("from", lenient(filled(text(LIMITS["peer_id_chars"])))),
    author_name=Field("name", lenient(filled(shown(LIMITS["name_chars"])))),
)


def _encode_app_data(message: AppData) -> object:
    return {"data": message.data}


app_data: Final = replace(
    record(AppData, data=Field("data", replace(_any_data, absent=lambda where: None))),
    encode=_encode_app_data,
)
_payment: Final = record(
    Payment,
    url=Field("url", shown(LIMITS["pay_url_chars"], least=1)),
    label=Field("label", filled(shown(LIMITS["pay_label_chars"]))),
    is_direct=_direct,
)
_schema: Final = record(
    Schema,
    name=Field("name", shown(LIMITS["schema_name_chars"], least=1)),
    version=Field("version", fallback(shown(LIMITS["schema_version_chars"]), "")),
    document=Field("schema", opaque(LIMITS["app_json_chars"])),
)
_plain_order: Final = record(PlainOrder, order=Field("order", tagged("k", {ORDER_KIND: order}, {ORDER_KIND: Order})))
_show: Final = record(
    MeshShow,
    own_id=Field("id", peer_id),
    other_id=Field("to", peer_id),
    name=Field("name", display_name),
    avatar=Field("avatar", avatar),
    role=Field("role", filled(text(LIMITS["word_chars"]))),
    tags=Field("f", tags),
    entries=Field("show", shown_entries),
    order=Field("order", optional(order_token)),
    browser_id=Field("bid", digest),
)
_round: Final = Field("n", whole(1))
_commit: Final = record(SafetyCommit, round=_round, set_hash=Field("e", digest), commitment=Field("c", digest))
_reveal: Final = record(SafetyReveal, round=_round, random=Field("r", matching("[A-Za-z0-9_-]{22}", 22)))

content: Final[Codec[Any]] = tagged(
    "k",
    {
        "chat": _chat,
        "app": app_data,
        "pay": _payment,
        "ink": ink,
        "idtoken": record(IdToken, token=Field("jwt", text(LIMITS["credential_chars"], least=1))),
        "caps": record(Grants, grants=Field("grants", grant_map)),
        "schema": _schema,
        "hb": record(Heartbeat),
        "bye": record(Goodbye),
        "order": either("order", (PlainOrder, _plain_order), (SignedOrder, signed_order)),
        "show": _show,
        "pass": pass_message,
        "sas": either("r", (SafetyReveal, _reveal), (SafetyCommit, _commit)),
        "record": record_message,
    },
    {
        "chat": Chat,
        "app": AppData,
        "pay": Payment,
        "ink": Ink,
        "idtoken": IdToken,
        "caps": Grants,
        "schema": Schema,
        "hb": Heartbeat,
        "bye": Goodbye,
        "order": (SignedOrder, PlainOrder),
        "show": MeshShow,
        "pass": Pass,
        "sas": (SafetyCommit, SafetyReveal),
        "record": Record,
    },
)

Content = (
    Chat
    | AppData
    | Payment
    | Ink
    | IdToken
    | Grants
    | Schema
    | Heartbeat
    | Goodbye
    | SignedOrder
    | PlainOrder
    | MeshShow
    | Pass
    | SafetyCommit
    | SafetyReveal
    | Record
)
