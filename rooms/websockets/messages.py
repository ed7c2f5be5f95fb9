"""From a client's frames to its messages, and which frames end its connection (RFC 6455, 5 and 7). Pure.

The frame parser below gives single frames and has refused unknown opcodes, missing masks and control frames that are cut or
too long. Here fragments are put together under the size cap, and what is left of the RFC is judged. Binary messages mean
nothing to the broker: they are checked and dropped.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

NO_CODE: Final = 1005
"""Closed without a code; never on the wire (RFC 6455, 7.4.1)."""
ABNORMAL: Final = 1006
"""The connection went without a close frame; never on the wire either."""
PROTOCOL_ERROR: Final = 1002
BAD_TEXT: Final = 1007
TOO_BIG: Final = 1009

_CODES: Final = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})
"""Registered codes that an endpoint may send (RFC 6455, 7.4.1, and IANA's registry)."""
_OWN_CODES: Final = range(3000, 5000)
"""Codes for libraries and applications (RFC 6455, 7.4.2)."""


class Opcode(IntEnum):
    """What a frame is (RFC 6455, 5.2)."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text message."""

    text: str


@dataclass(frozen=True, slots=True)
class Ping:
    """To be answered with a pong that carries the same bytes."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """The client closes. code: NO_CODE if it gave none."""

    code: int


@dataclass(frozen=True, slots=True)
class Fault:
    """The client broke the protocol; the connection ends with this code."""

    code: int


@dataclass(slots=True)
class Inbox:
    """The unfinished message of one socket; opcode None: there is none."""

    most_bytes: int
    opcode: int | None = None
    parts: bytearray = field(default_factory=bytearray)

    def take(self, opcode: int, payload: bytes, *, is_final: bool, is_reserved: bool) -> Text | Ping | Closed | Fault | None:
        """What a frame comes to; None: nothing yet, or nothing for us. is_reserved: one of the three reserved bits is set."""
        if is_reserved:
            return Fault(PROTOCOL_ERROR)
        match opcode:
            case Opcode.CLOSE:
                return _closed(payload)
            case Opcode.PING:
                return Ping(payload)
            case Opcode.PONG:
                return None
            case Opcode.CONTINUATION if self.opcode is None:
                return Fault(PROTOCOL_ERROR)
            case Opcode.TEXT | Opcode.BINARY if self.opcode is not None:
                return Fault(PROTOCOL_ERROR)
            case Opcode.TEXT | Opcode.BINARY:
                self.opcode = opcode
        return self._add(payload, is_final=is_final)

    def _add(self, payload: bytes, *, is_final: bool) -> Text | Fault | None:
        if len(self.parts) + len(payload) > self.most_bytes:
            return Fault(TOO_BIG)
        self.parts += payload
        if not is_final:
            return None
        opcode, whole = self.opcode, bytes(self.parts)
        self.opcode, self.parts = None, bytearray()
        return _text(whole) if opcode == Opcode.TEXT else None


def _text(payload: bytes) -> Text | Fault:
    try:
        return Text(payload.decode())
    except UnicodeDecodeError:
        return Fault(BAD_TEXT)


def _closed(payload: bytes) -> Closed | Fault:
    if not payload:
        return Closed(NO_CODE)
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or (code not in _CODES and code not in _OWN_CODES):
        return Fault(PROTOCOL_ERROR)
    reason = _text(payload[2:])
    return reason if isinstance(reason, Fault) else Closed(code)
