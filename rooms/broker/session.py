"""Who holds which peer id in this process, and what each frame leads to (PROTOCOL.md 12.5).

Purpose: introduce browsers without learning anything. The broker reads a frame's type and destination, adds who sent it,
and leaves the payload's bytes alone. Invariants: an id has at most one socket; an id is free the moment its socket
closes; no frame of one socket can delay or end another. Pure: events and a time (seconds of a steady clock) go in, effects
come out. Whether an id is free anywhere is the registry's to say (`Claim`, then `claimed`).
"""

from dataclasses import dataclass, field
from typing import Final

from kibitz.wire.broker_frames import valid_peer_id, valid_token
from rooms.broker import frames
from rooms.broker.counts import Counts
from rooms.broker.effects import GOING, POLICY, RESTARTING, TRY_LATER, Claim, Close, Effect, Forward, Locate, Release, Send
from rooms.broker.limits import Limits
from rooms.broker.mailboxes import Mailboxes, Waiting
from rooms.broker.rates import Networks

MISSING: Final = "No id, token, or key supplied to websocket server"
"""The PeerJS server's own words."""
FLOOD: Final = "Too many messages at once"
UNUSABLE_ID: Final = "This id cannot be used: 1 to 64 letters and digits, with single spaces, dashes or underscores between them"
UNUSABLE_TOKEN: Final = "This token cannot be used: 1 to 128 visible ASCII characters"  # noqa: S105  # a sentence


@dataclass(frozen=True, slots=True)
class Hello:
    """What a socket's address says. network: an opaque name of where it comes from, for the limits."""

    key: str
    peer_id: str
    token: str
    network: str = ""


Relay = tuple[int, str]
"""What nearly every frame comes to: the socket it goes to, and the frame. Bare, as a Send would cost as much as reading it."""


@dataclass(slots=True)
class Socket:
    """An open socket. mark: how its frames end. due_at: when the next frame would come at the sustained rate; one that comes
    so much earlier that a burst is used up is too many. is_in: it holds its id; before that it waits for the registry, and
    what it writes meanwhile (`early`, oldest first) waits with it."""

    hello: Hello
    mark: str
    due_at: float
    heard_at: float
    is_in: bool = False
    early: tuple[str, ...] = ()


@dataclass(slots=True)
class Broker:
    """The peers of one process. Sockets are numbers chosen by the shell, unique among the open ones."""

    limits: Limits = field(default_factory=Limits)
    is_alone: bool = True
    """Whether this process is all there is: then nothing is asked of other processes."""
    sockets: dict[int, Socket] = field(default_factory=dict)
    peers: dict[str, int] = field(default_factory=dict)
    lost: dict[str, float] = field(default_factory=dict)
    """Ids whose socket went without a goodbye, and until when their frames wait."""
    counts: Counts = field(default_factory=Counts)
    mailboxes: Mailboxes = field(init=False)
    networks: Networks = field(init=False)
    _frame_s: float = field(init=False)
    """Seconds between two frames at the sustained rate; 0 if there is none."""
    _burst_s: float = field(init=False)
    """How far ahead of that a socket may be."""

    def __post_init__(self) -> None:
        self._frame_s = 1 / self.limits.frames_per_s if self.limits.frames_per_s else 0.0
        self._burst_s = (self.limits.burst_frames - 0.5) * self._frame_s  # half a frame: sums of floats are not exact
        self.mailboxes = Mailboxes(self.limits)
        self.networks = Networks(self.limits.sockets_per_network, self.limits.claims_per_minute)

    def opened(self, socket: int, hello: Hello, now: float) -> list[Effect]:
        """A socket came and names the id it wants."""
        if not (hello.key and hello.peer_id and hello.token):
            return self._refused(socket, frames.error(MISSING))
        if hello.key != frames.KEY:
            return self._refused(socket, frames.INVALID_KEY)
        if not valid_peer_id(hello.peer_id):
            return self._refused(socket, frames.error(UNUSABLE_ID))
        if not valid_token(hello.token):
            return self._refused(socket, frames.error(UNUSABLE_TOKEN))
        if full_up := self.networks.enter(hello.network, now):
            return self._refused(socket, frames.error(full_up), TRY_LATER)
        self.sockets[socket] = Socket(hello, frames.source_mark(hello.peer_id), due_at=now, heard_at=now)
        return [Claim(socket, hello.peer_id, hello.token)]

    def claimed(self, socket: int, now: float) -> list[Effect]:
        """The registry gave the socket its id. An older socket of the same client goes; what was written early is handled."""
        entry = self.sockets.get(socket)
        if entry is None:
            return []
        peer_id = entry.hello.peer_id
        former = self.peers.get(peer_id)
        effects: list[Effect] = [] if former is None else [Close(former)]
        if former is not None:
            self._forget(former)
        entry.is_in = True
        self.peers[peer_id] = socket
        self.lost.pop(peer_id, None)
        waiting = [Send(socket, frame.text) for frame in self.mailboxes.take(peer_id)]
        self.counts.claims["held"] += 1
        self.counts.relayed += len(waiting)
        effects += [Send(socket, frames.OPEN), *waiting]
        early, entry.early = entry.early, ()
        for text in early:
            effects += self.receive(socket, text, now)
        return effects

    def taken(self, socket: int) -> list[Effect]:
        """Somebody else holds the id."""
        self.counts.claims["taken"] += 1
        self._forget(socket)
        return [Send(socket, frames.ID_TAKEN), Close(socket)]

    def unsure(self, socket: int) -> list[Effect]:
        """The registry does not answer, so nobody may hold the id: the client is told to try again."""
        self.counts.claims["unsure"] += 1
        self._forget(socket)
        told = frames.error("The server cannot give out ids right now. Try again in a moment.")
        return [Send(socket, told), Close(socket, TRY_LATER)]

    def receive(self, socket: int, text: str, now: float) -> list[Effect]:
        """A frame. What cannot be read, or is addressed to nobody, changes nothing for anybody."""
        answer = self.hear(socket, text, now)
        if isinstance(answer, tuple):
            return [Send(*answer)]
        return [answer] if isinstance(answer, Forward) else answer

    def hear(self, socket: int, text: str, now: float) -> Relay | Forward | list[Effect]:
        """As `receive`, which is for whoever does not count microseconds."""
        entry = self.sockets.get(socket)
        if entry is None:
            return []
        entry.heard_at = now
        if not entry.is_in:
            return self._came_early(socket, entry, text)
        counts = self.counts
        counts.received += 1
        due_at = entry.due_at if entry.due_at > now else now
        if due_at - now > self._burst_s:
            counts.drops["flood"] += 1
            return [Send(socket, frames.error(FLOOD)), Close(socket, POLICY)]
        entry.due_at = due_at + self._frame_s
        route = frames.read_route(text)
        if route is None:
            counts.drops["unreadable"] += 1
            return []
        destination = route.dst
        if not destination:
            return [*self._leave(socket, is_lost=False), Close(socket)] if route.type == "LEAVE" else []
        if route.type in frames.FOR_THE_BROKER:
            counts.drops["own-word"] += route.type in frames.OWN_WORDS
            return []
        text = frames.marked(text, entry.mark)
        receiver = self.peers.get(destination)
        if receiver is not None:
            counts.relayed += 1
            return receiver, text
        if self.is_alone or destination in self.mailboxes.boxes or not frames.is_usable(destination):
            return self.missing(destination, text, entry.hello.peer_id, now)
        counts.forwarded += 1
        return Forward(destination, text, entry.hello.peer_id)

    def missing(self, peer_id: str, text: str, sender: str, now: float, *, is_lost: bool = False) -> list[Effect]:
        """Nobody has the id: the frame waits a moment, behind what waits already, or its sender is told at once that there is
        no room to wait. A LEAVE is for nobody then."""
        receiver = self.peers.get(peer_id)
        if receiver is not None:
            self.counts.relayed += 1
            return [Send(receiver, text)]
        if frames.is_leave(text):
            self.counts.drops["nobody"] += 1
            return []
        lost_until = now + self.limits.mailbox_s if is_lost else self.lost.get(peer_id, 0.0)
        until = max(lost_until, now + self.limits.stranger_s) if self.limits.mailbox_s else 0.0
        if self.mailboxes.keep(peer_id, Waiting(text, sender), until):
            self.counts.parked += 1
            return []
        self.counts.drops["full"] += 1
        return self._expired(peer_id, sender)

    def delivered(self, peer_id: str, text: str) -> Relay | None:
        """A frame from another process. None: the id is not here (any more)."""
        receiver = self.peers.get(peer_id)
        if receiver is None:
            return None
        self.counts.delivered += 1
        return receiver, text

    def found(self, peer_id: str) -> list[Effect]:
        """Another process has the id that frames wait for."""
        waited = self.mailboxes.take(peer_id)
        self.counts.forwarded += len(waited)
        return [Forward(peer_id, waiting.text, waiting.sender) for waiting in waited]

    def evicted(self, peer_id: str) -> list[Effect]:
        """The id belongs to a socket of another process now: ours goes, and gives nothing back."""
        socket = self.peers.get(peer_id)
        if socket is None:
            return []
        self._forget(socket)
        return [Close(socket)]

    def closed(self, socket: int, now: float, *, is_goodbye: bool) -> list[Effect]:
        """A socket went. Its id is free at once; frames for who was only cut off wait a while longer."""
        entry = self.sockets.get(socket)
        if entry is None:
            return []
        effects = self._leave(socket, is_lost=not is_goodbye)
        if effects and not is_goodbye:
            self.lost[entry.hello.peer_id] = now + self.limits.mailbox_s
        return effects

    def restarting(self, socket: int, now: float) -> list[Effect]:
        """This process is about to end: the client is told to come back elsewhere, and frames for it wait meanwhile."""
        if socket not in self.sockets:
            return []
        return [*self.closed(socket, now, is_goodbye=False), Close(socket, RESTARTING)]

    def tick(self, now: float) -> list[Effect]:
        """Time passed: who waited in vain is told, dead sockets go, old counts are forgotten."""
        effects: list[Effect] = []
        for peer_id, sender in self.mailboxes.overdue(now):
            effects += self._expired(peer_id, sender)
        for number, entry in self.sockets.items():
            if self.limits.silence_s and now - entry.heard_at > self.limits.silence_s:
                effects.append(Close(number))
        self.lost = {peer_id: until for peer_id, until in self.lost.items() if until > now}
        self.networks.forget(now)
        wanted = () if self.is_alone else tuple(filter(frames.is_usable, self.mailboxes.boxes))
        if wanted:
            effects.append(Locate(wanted))
        return effects

    def _came_early(self, socket: int, entry: Socket, text: str) -> list[Effect]:
        """A frame before the registry answered: it waits for that, within bounds."""
        early = (*entry.early, text)
        if len(early) <= self.limits.early_frames and sum(map(len, early)) <= self.limits.early_bytes:
            entry.early = early
            return []
        self.counts.received += 1
        self.counts.drops["flood"] += 1
        self._forget(socket)
        return [Send(socket, frames.error(FLOOD)), Close(socket, POLICY)]

    def _refused(self, socket: int, told: str, code: int = GOING) -> list[Effect]:
        """A socket that is not let in, before the registry is asked for anything."""
        self.counts.claims["refused"] += 1
        return [Send(socket, told), Close(socket, code)]

    def _leave(self, socket: int, *, is_lost: bool) -> list[Effect]:
        """Frees the socket's id, if it is the one that holds it."""
        hello = self.sockets[socket].hello
        holds = self.peers.get(hello.peer_id) == socket
        self._forget(socket)
        return [Release(hello.peer_id, hello.token, is_lost)] if holds else []

    def _forget(self, socket: int) -> None:
        entry = self.sockets.pop(socket, None)
        if entry is None:
            return
        self.networks.leave(entry.hello.network)
        self.counts.received += len(entry.early)
        self.counts.drops["early"] += len(entry.early)
        if self.peers.get(entry.hello.peer_id) == socket:
            del self.peers[entry.hello.peer_id]

    def _expired(self, peer_id: str, sender: str) -> list[Effect]:
        socket = self.peers.get(sender)
        if socket is None:
            return []
        self.counts.expired += 1
        return [Send(socket, frames.expire(peer_id, sender))]
