"""One worker's side of the registry: commands to Redis, its replies, and other workers' messages. Pure; times are seconds of
a steady clock. The whole story: docs/decisions/0006-one-holder-for-each-id.md.

Purpose: to know which ids are leased to this worker, and to bring frames to the workers of their receivers. Invariant:
commands go out in batches, one batch under way at a time, and replies are handled in the order in which Redis carried the
commands out; so what this worker believes was true in Redis at some moment, all of it at the same one. Limit: while the link
is down nothing waits for it: claims are answered UNSURE, and frames for other workers wait in the broker's mailboxes.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from rooms.registry.arrivals import Arrivals
from rooms.registry.commands import (
    COMMANDS_A_BATCH,
    IDS_AT_ONCE,
    Claim,
    Command,
    Confirm,
    Deliver,
    Heartbeat,
    Locate,
    LookUp,
    Publish,
    Release,
    Renew,
    Route,
    SignOff,
)
from rooms.registry.messages import NO_STAMP, Envelope, Frame, Moved, Returned
from rooms.registry.outbox import Outbox
from rooms.registry.port import LocalPeers, Outcome


class RegistrySession:
    """lost_s: how long frames wait for who was cut off. wake: called when there is something to send."""

    def __init__(self, worker: str, lost_s: float, local: LocalPeers, wake: Callable[[], None]) -> None:
        self.worker = worker
        self.leases: dict[str, str] = {}
        """Ids that Redis gave to this worker and that were not given back, with their tokens."""
        self.is_linked = False
        """Whether Redis answers."""
        self._lost_s = lost_s
        self._local = local
        self._wake = wake
        self._commands: deque[Command] = deque()
        self._sent: list[Command] = []
        self._stamps = 0
        self._locating = 0
        self._open_questions: dict[str, int] = {}
        """How many commands about who holds an id are not answered yet; frames for that id wait until they are."""
        self._held_back: dict[str, list[tuple[str, Frame]]] = {}
        """Those frames, each with the worker it came from."""
        self._outbox = Outbox()
        self._arrivals = Arrivals()

    # what the worker wants ---------------------------------------------------------------------------------------------
    def claim(self, peer_id: str, token: str, done: Callable[[Outcome], None]) -> None:
        if not self.is_linked:
            done(Outcome.UNSURE)
            return
        self._ask_about(peer_id)
        self._add(Claim(peer_id, token, done))

    def release(self, peer_id: str, token: str, *, is_lost: bool) -> None:
        if self.leases.get(peer_id) == token:
            del self.leases[peer_id]
            self._add(Release(peer_id, token, round(1000 * self._lost_s) if is_lost else 0))

    def forward(self, peer_id: str, text: str, sender: str) -> None:
        if self.is_linked and self._outbox.send(Frame(peer_id, text, sender)):
            self._wake()
        else:
            self._local.missing(peer_id, text, sender, is_lost=True)

    def locate(self, peer_ids: Iterable[str]) -> None:
        if not self.is_linked or self._locating:
            return
        for ids in _in_parts(list(peer_ids)):
            self._locating += 1
            self._add(Locate(tuple(ids)))

    def heartbeat(self, now: float) -> None:
        """Says that this worker lives. However much waits, the others must not take it for dead."""
        self._all_missing(self._outbox.tidy(now))
        self._commands.appendleft(Heartbeat())
        self._wake()

    def renew_all(self) -> None:
        """Renews every id that is held, or tells Redis of it again."""
        for held in _in_parts(list(self._local.holdings())):
            self._add(Renew(tuple(held)))

    def sign_off(self, said: Callable[[], None]) -> None:
        """Gives everything back, for who comes back elsewhere; said is called when that is done, or cannot be done."""
        for peer_id, token in self._local.holdings():
            self.release(peer_id, token, is_lost=True)
        if self.is_linked:
            self._add(SignOff(said))
        else:
            said()

    def _ask_about(self, peer_id: str) -> None:
        self._open_questions[peer_id] = self._open_questions.get(peer_id, 0) + 1

    def _add(self, command: Command) -> None:
        self._commands.append(command)
        self._wake()

    # the link ----------------------------------------------------------------------------------------------------------
    def linked(self) -> None:
        """Redis answers; whatever it knows of this worker may be old."""
        self.is_linked = True
        self.renew_all()

    def next_batch(self, link: int, now: float) -> list[Command]:
        """What is to be sent next, over this link; nothing more until all of it is answered."""
        batch: list[Command] = []
        while self._commands and len(batch) < COMMANDS_A_BATCH:
            command = self._commands.popleft()
            if isinstance(command, Release) and self.leases.get(command.peer_id) == command.token:
                continue  # its owner came back to this worker while it waited
            batch.append(command)
        groups, doubtful = self._outbox.take(now)
        batch += map(LookUp, doubtful)
        for worker, frames in groups.items():
            self._stamps += 1
            stamp = (link, self._stamps)
            batch.append(Deliver(worker, tuple(frames), stamp) if worker else Route(tuple(frames), stamp))
        self._sent = batch
        return batch

    def answered(self, replies: list[Any], now: float) -> None:
        """Redis's replies to the batch."""
        batch, self._sent = self._sent, []
        for command, reply in zip(batch, replies, strict=True):
            self._answered(command, reply, now)

    def unlinked(self, now: float) -> None:
        """The link is gone: whoever waits for an answer is told that there is none."""
        sent, waiting = self._sent, self._commands
        self.is_linked, self._sent, self._commands = False, [], deque()
        self._locating = 0
        unsent = self._outbox.take_all()
        for command in sent:
            self._unanswered(command, now, was_sent=True)
        for command in waiting:
            self._unanswered(command, now, was_sent=False)
        self._all_missing(unsent)

    def _unanswered(self, command: Command, now: float, *, was_sent: bool) -> None:
        match command:
            case Claim():
                if was_sent:  # perhaps it is held now; given back when Redis is found again, unless it is held here by then
                    self._commands.append(Release(command.peer_id, command.token, 0))
                self._claimed(command, Outcome.UNSURE)
            case Release():
                self._commands.append(command)
            case Publish() if not was_sent:
                self._commands.append(command)
            case SignOff():
                command.said()
            case Confirm(peer_id):
                self._answered_about(peer_id)
            case Route(frames=frames, stamp=stamp) | Deliver(frames=frames, stamp=stamp):
                self._outbox.doubt(frames, stamp, now + self._lost_s + 1)
                self._all_missing(frames)

    # what Redis says ---------------------------------------------------------------------------------------------------
    def _answered(self, command: Command, reply: Any, now: float) -> None:
        match command:
            case Claim():
                self._claimed(command, Outcome(reply.decode()))
            case Renew(held):
                for place in reply:
                    self._lease_lost(*held[place])
            case Confirm():
                self._confirmed(command, reply)
            case LookUp(peer_id):
                self._looked_up(peer_id, reply, now)
            case Heartbeat() if not reply:
                self.renew_all()
            case SignOff():
                command.said()
            case Locate(peer_ids):
                self._located(peer_ids, reply)
            case Route() | Deliver():
                self._sent_off(command, reply, now)

    def _confirmed(self, asked: Confirm, held: bytes | None) -> None:
        if held != f"{self.worker} {asked.token}".encode():
            self._lease_lost(asked.peer_id, asked.token)
        self._answered_about(asked.peer_id)

    def _located(self, peer_ids: tuple[str, ...], places: list[int]) -> None:
        self._locating -= 1
        for place in places:
            self._local.found(peer_ids[place])

    def _looked_up(self, peer_id: str, held: bytes | None, now: float) -> None:
        worker = held.partition(b" ")[0].decode() if held else ""
        if former := self._outbox.looked_up(peer_id, worker, now):
            self._send_marker(former, peer_id)
        self._wake()

    def _sent_off(self, command: Route | Deliver, reply: Any, now: float) -> None:
        if isinstance(command, Route):
            self._routed(command.frames, reply, now)
        elif not reply:
            self._not_delivered(command.frames)

    def _routed(self, frames: tuple[Frame, ...], said: list[bytes | int], now: float) -> None:
        missing: dict[str, bool] = {}
        for frame, found in zip(frames, said, strict=True):
            if isinstance(found, bytes):
                self._outbox.learn_route(frame.peer_id, found.decode(), now)
            else:
                missing[frame.peer_id] = found > 0
                self._local.missing(frame.peer_id, frame.text, frame.sender, is_lost=found > 0)
        for frame in self._outbox.withdraw(missing):
            self._local.missing(frame.peer_id, frame.text, frame.sender, is_lost=missing[frame.peer_id])

    def _not_delivered(self, frames: tuple[Frame, ...]) -> None:
        """Their worker does not listen any more."""
        for frame in frames:
            self._outbox.forget_route(frame.peer_id)
            if not frame.text:
                self._marker_came_back(frame.peer_id)
        brought_back = {frame.peer_id for frame in frames if frame.text}
        self._all_missing((*frames, *self._outbox.withdraw(brought_back)))

    def _all_missing(self, frames: Iterable[Frame]) -> None:
        """Frames that wait here for who may be about to come back."""
        for frame in frames:
            if frame.text:
                self._local.missing(frame.peer_id, frame.text, frame.sender, is_lost=True)

    def _claimed(self, claim: Claim, outcome: Outcome) -> None:
        if outcome is Outcome.HELD:
            self.leases[claim.peer_id] = claim.token
        claim.done(outcome)
        self._answered_about(claim.peer_id)

    def _answered_about(self, peer_id: str) -> None:
        """One question less about an id; after the last one, the frames that waited go where they belong."""
        self._open_questions[peer_id] -= 1
        if self._open_questions[peer_id]:
            return
        del self._open_questions[peer_id]
        for worker, frame in self._held_back.pop(peer_id, ()):
            if not self._delivered(worker, frame):
                self._add(Publish(worker, (Returned(frame),)))

    def _lease_lost(self, peer_id: str, token: str) -> None:
        if self.leases.get(peer_id) == token:
            del self.leases[peer_id]
            self._local.evicted(peer_id)

    # what other workers say --------------------------------------------------------------------------------------------
    def received(self, envelope: Envelope, now: float) -> None:
        strays: list[Frame] = []
        for item in envelope.items:
            match item:
                case Frame():
                    if item.doubts and self._arrivals.had(envelope.worker, item.doubts):
                        continue
                    if not self._delivered(envelope.worker, item):
                        strays.append(item)
                case Returned(frame):
                    self._came_back(envelope.worker, frame, now)
                case Moved(peer_id):
                    self._moved(peer_id)
        self._arrivals.note(envelope.worker, envelope.stamp)
        if strays:
            self._add(Publish(envelope.worker, tuple(map(Returned, strays))))

    def _delivered(self, worker: str, frame: Frame) -> bool:
        """Whether the frame is dealt with; if not, it goes back to the worker whose client wrote it, which alone can tell it."""
        if self._open_questions and frame.peer_id in self._open_questions:
            self._held_back.setdefault(frame.peer_id, []).append((worker, frame))
            return True
        return bool(frame.text) and self._local.delivered(frame.peer_id, frame.text)

    def _moved(self, peer_id: str) -> None:
        """Somebody claimed an id with its token. Redis knows whether it is back here by now."""
        if token := self.leases.get(peer_id):
            self._ask_about(peer_id)
            self._add(Confirm(peer_id, token))

    def _came_back(self, worker: str, frame: Frame, now: float) -> None:
        if not frame.text:
            self._marker_came_back(frame.peer_id)
        elif self._outbox.came_back(frame, now):
            self._send_marker(worker, frame.peer_id)

    def _send_marker(self, worker: str, peer_id: str) -> None:
        self._add(Deliver(worker, (Frame(peer_id, "", ""),), NO_STAMP))

    def _marker_came_back(self, peer_id: str) -> None:
        self._all_missing(self._outbox.end_detour(peer_id))
        self._wake()


def _in_parts(things: list[Any]) -> Iterable[list[Any]]:
    return (things[start : start + IDS_AT_ONCE] for start in range(0, len(things), IDS_AT_ONCE))
