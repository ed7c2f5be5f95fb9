"""What a conformance exchange is made of: steps that one or more clients take, and what they may hear.

An exchange is data. It is played against two servers, and what each client heard is written down line by line. In every
text, `~` stands for the exchange's own number, so that exchanges share no ids and can all be played at once.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Enter:
    """Opens a socket. query: what follows `?`; empty: key, id and token as PeerJS writes them. hears: waits for one frame."""

    who: str
    peer_id: str = ""
    token: str = ""
    query: str = ""
    path: str = "/peerjs"
    origin: str = ""
    protocol: str = ""
    hears: bool = True
    shows_handshake: bool = False

    @property
    def id(self) -> str:
        """Which id it asks for."""
        return self.peer_id or f"{self.who}~"

    @property
    def address(self) -> str:
        """Path and query."""
        asked = f"key=peerjs&id={quote(self.id, safe='~')}&token={quote(self.token or self.who, safe='~')}&version=1.5.5"
        return f"{self.path}?{self.query or asked}"


@dataclass(frozen=True, slots=True)
class Say:
    """Sends one message: a text frame, a binary frame, or one text in fragments."""

    who: str
    message: str | bytes | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hear:
    """Waits for the next frame, or the end of the socket."""

    who: str


@dataclass(frozen=True, slots=True)
class Until:
    """Everything that `who` hears before a marker that `by` sends now; what has not come by then does not come."""

    who: str
    by: str


@dataclass(frozen=True, slots=True)
class End:
    """Waits until the server has closed the socket."""

    who: str


@dataclass(frozen=True, slots=True)
class EndWithCode:
    """As End, and writes down the exact close code; 1005: the server gave none."""

    who: str


@dataclass(frozen=True, slots=True)
class Close:
    """Closes a socket; code 0 cuts the connection instead."""

    who: str
    code: int = 1000


@dataclass(frozen=True, slots=True)
class Reclaim:
    """Asks for an id that somebody else just gave up, with a token of its own, until it is given or many tries were in vain."""

    who: str
    peer_id: str


@dataclass(frozen=True, slots=True)
class Ping:
    """A WebSocket ping (RFC 6455, 5.5.2), and its answer or the end of the socket. What was said before has been read by then."""

    who: str


Step = Enter | Say | Hear | Until | End | EndWithCode | Close | Reclaim | Ping


@dataclass(frozen=True, slots=True)
class Difference:
    """A deliberate difference: the row of docs/broker.md that gives its reason, and what is heard from either server."""

    row: str
    npm: Sequence[str]
    ours: Sequence[str]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A named series of steps.

    difference: None where both servers must say the same; waits_for: a change to our server that is not made yet.
    """

    name: str
    steps: Sequence[Step]
    difference: Difference | None = None
    waits_for: str = ""


def canonical(text: str) -> str:
    """A JSON text as JavaScript would read it, in one spelling: keys in order, numbers as doubles, no blanks."""
    return json.dumps(json.loads(text, parse_int=float), sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def heard(who: str, **fields: object) -> str:
    """The line that says that somebody heard this frame."""
    return f"{who}: {canonical(json.dumps(fields))}"


def ended(who: str, code: int = 1000) -> str:
    """The line that says that a socket was closed. 1000 and 1005 (no code) are both an orderly end."""
    return f"{who}: closed" if code in (1000, 1005) else f"{who}: closed with {code}"


def opened(*names: str) -> Iterator[str]:
    """The lines that say that these were let in."""
    return (heard(who, type="OPEN") for who in names)
