"""Who holds which peer id in this process, and what each frame leads to (PROTOCOL.md 12.5).

The broker is content-blind: it reads a frame's `type` and `dst`, adds `src`, and leaves the payload's bytes alone.
An id is free the moment its socket closes. Source of the behaviour: the PeerJS server protocol.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from kibitz.wire.broker_frames import read_client_frame, valid_peer_id, valid_token
from kibitz.wire.refusal import Refused

KEY: Final = "peerjs"
"""The only API key; PeerJS clients send it unless told otherwise."""


OWN_WORDS: Final = frozenset({"OPEN", "ERROR", "ID-TAKEN", "INVALID-KEY", "EXPIRE", "HEARTBEAT"})
"""What only the broker says. A client that could send these to another would take its id away, or end its calls."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a socket's address says: the id it claims and the token that proves a re-attach."""

    key: str
    peer_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Send:
    """Write a text frame to a socket."""

    socket: int
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close a socket."""

    socket: int


Effect = Send | Close


@dataclass(slots=True)
class Peer:
    """A claimed id: the token that may re-attach to it and the socket that holds it now."""

    token: str
    socket: int


@dataclass(slots=True)
class Broker:
    """The peers of one process. Sockets are numbers chosen by the caller, unique among the open ones."""

    peers: dict[str, Peer] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def opened(self, socket: int, hello: Hello) -> list[Effect]:
        """A socket came. Answers OPEN, or why not; the same id with the same token takes the id over."""
        if hello.key != KEY:
            return [Send(socket, _told("INVALID-KEY", "Invalid key provided")), Close(socket)]
        if not valid_peer_id(hello.peer_id) or not valid_token(hello.token):
            return [Send(socket, _told("ERROR", "No id, token, or key supplied to websocket server")), Close(socket)]
        holder = self.peers.get(hello.peer_id)
        if holder and holder.token != hello.token:
            return [Send(socket, json.dumps({"type": "ID-TAKEN", "payload": {"msg": "ID is taken"}})), Close(socket)]
        self.peers[hello.peer_id] = Peer(hello.token, socket)
        self.names[socket] = hello.peer_id
        effects: list[Effect] = [Send(socket, '{"type":"OPEN"}')]
        if holder:
            self.names.pop(holder.socket, None)
            effects.append(Close(holder.socket))
        return effects

    def receive(self, socket: int, text: str) -> list[Effect]:
        """A frame from a socket. What cannot be read, or is addressed to nobody, changes nothing for anybody."""
        sender = self.names.get(socket)
        frame = read_client_frame(text)
        if sender is None or isinstance(frame, Refused) or frame.destination is None or frame.type in OWN_WORDS:
            return []
        receiver = self.peers.get(frame.destination)
        if receiver:
            return [Send(receiver.socket, _with_source(text, sender))]
        if frame.type == "LEAVE":
            return []
        return [Send(socket, json.dumps({"type": "EXPIRE", "src": frame.destination, "dst": sender}))]

    def closed(self, socket: int) -> None:
        """A socket went. Its id is free at once, unless a newer socket holds it already."""
        name = self.names.pop(socket, None)
        if name and self.peers[name].socket == socket:
            del self.peers[name]


def _with_source(text: str, sender: str) -> str:
    """The frame as it came, with `src` behind everything else: the last of equal names counts, whatever the sender wrote."""
    return f'{text.rstrip()[:-1]},"src":"{sender}"}}'


def _told(kind: str, message: str) -> str:
    return json.dumps({"type": kind, "payload": {"msg": message}})
