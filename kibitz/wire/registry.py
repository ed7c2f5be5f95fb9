"""Every decoder of messages by a name that both languages know, for vectors and for tests that compare the two.

A reader takes a text as it came from outside and answers what it would write again, or a refusal.
Twin: widget/src/wire/registry.ts.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kibitz.wire.broker_frames import read_client_frame
from kibitz.wire.codec import Codec
from kibitz.wire.content import app_data, content
from kibitz.wire.coordination import to_participant
from kibitz.wire.envelopes import RawData, agent_envelope, read_envelope
from kibitz.wire.grants import grant, grant_map
from kibitz.wire.ink import ink_event
from kibitz.wire.pay_links import pay_href
from kibitz.wire.presence import to_coordinator
from kibitz.wire.refusal import Refused
from kibitz.wire.roster import member, meta, roster
from kibitz.wire.server_frames import answer_payload, candidate_payload, offer_payload, read_server_frame, server_frame
from kibitz.wire.values import read_json

Reader = Callable[[str], object | Refused]


def json_reader(codec: Codec[Any]) -> Reader:
    """Reads a JSON text with a codec and writes it again."""

    def read(text: str) -> object | Refused:
        value = read_json(text)
        decoded = value if isinstance(value, Refused) else codec.decode(value, "")
        return decoded if isinstance(decoded, Refused) else codec.encode(decoded)

    return read


def _client_frame(text: str) -> object | Refused:
    frame = read_client_frame(text)
    if isinstance(frame, Refused):
        return frame
    return {"type": frame.type, "dst": frame.destination, "bringsSrc": frame.brings_src}


def _server_frame(text: str) -> object | Refused:
    frame = read_server_frame(text)
    return frame if isinstance(frame, Refused) else server_frame.encode(frame)


def _envelope(text: str) -> object | Refused:
    value = read_json(text)
    message = value if isinstance(value, Refused) else app_data.decode({"data": value}, "")
    found = message if isinstance(message, Refused) else read_envelope(message.data)
    if isinstance(found, Refused):
        return found
    return {"raw": found.data} if isinstance(found, RawData) else agent_envelope.encode(found)


READERS: Final[Mapping[str, Reader]] = {
    "to-coordinator": json_reader(to_coordinator),
    "to-participant": json_reader(to_participant),
    "roster": json_reader(roster),
    "member": json_reader(member),
    "meta": json_reader(meta),
    "content": json_reader(content),
    "ink-event": json_reader(ink_event),
    "grant": json_reader(grant),
    "grant-map": json_reader(grant_map),
    "envelope": _envelope,
    "pay-href": pay_href,
    "client-frame": _client_frame,
    "server-frame": _server_frame,
    "offer-payload": json_reader(offer_payload),
    "answer-payload": json_reader(answer_payload),
    "candidate-payload": json_reader(candidate_payload),
}


def verdict(decoder: str, text: str) -> dict[str, object]:
    """{"ok": written again} or {"refused": code, "where": path}, as both languages print it."""
    found = READERS[decoder](text)
    return {"refused": found.code, "where": found.where} if isinstance(found, Refused) else {"ok": found}
