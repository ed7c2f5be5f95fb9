"""What one worker wants of Redis and what it believes: orders out, answers in. Pure; times are seconds of a steady clock.

Orders wait in a queue and go out in batches, one batch under way at a time; answers are handled in the order in which Redis
carried the orders out. So what this worker believes is always something that was true in Redis, never a mixture. While the
link is down nothing waits for it: claims are answered UNSURE, and frames for other workers wait in the session's mailboxes.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from rooms.registry.mail import Mail
from rooms.registry.orders import (
    IDS_AT_ONCE,
    ORDERS_A_BATCH,
    Ask,
    Beat,
    Bring,
    Check,
    Claim,
    Farewell,
    Keep,
    Locate,
    Order,
    Release,
    Route,
    Tell,
)
from rooms.registry.port import Desk, Outcome
from rooms.registry.words import NO_STAMP, Envelope, Frame, Moved, Returned


class Office:
    """One worker's orders. lost_s: how long frames wait for who was cut off. wake: called when there is something to send."""

    def __init__(self, worker: str, lost_s: float, desk: Desk, wake: Callable[[], None]) -> None:
        self.worker = worker
        self.given: dict[str, str] = {}
        """Ids that Redis gave to this worker and that were not given back, with their tokens."""
        self.is_open = False
        """Whether Redis answers."""
        self._lost_s = lost_s
        self._desk = desk
        self._wake = wake
        self._orders: deque[Order] = deque()
        self._sent: list[Order] = []
        self._stamps = 0
        self._locating = 0
        self._in_question: dict[str, int] = {}
        """How many questions about an id are open; frames for them wait until it says who has them."""
        self._held_back: dict[str, list[tuple[str, Frame]]] = {}
        self._mail = Mail()

    # what the worker wants ---------------------------------------------------------------------------------------------
    def claim(self, peer_id: str, token: str, done: Callable[[Outcome], None]) -> None:
        if not self.is_open:
            done(Outcome.UNSURE)
            return
        self._ask_about(peer_id)
        self._add(Claim(peer_id, token, done))

    def release(self, peer_id: str, token: str, *, is_lost: bool) -> None:
        if self.given.get(peer_id) == token:
            del self.given[peer_id]
            self._add(Release(peer_id, token, round(1000 * self._lost_s) if is_lost else 0))

    def forward(self, peer_id: str, text: str, sender: str) -> None:
        if self.is_open and self._mail.send(Frame(peer_id, text, sender)):
            self._wake()
        else:
            self._desk.missing(peer_id, text, sender, is_lost=True)

    def locate(self, peer_ids: Iterable[str]) -> None:
        if not self.is_open or self._locating:
            return
        for ids in _in_parts(list(peer_ids)):
            self._locating += 1
            self._add(Locate(tuple(ids)))

    def beat(self, now: float) -> None:
        """Says that this worker lives. However much waits, the others must not take it for dead."""
        self._all_missing(self._mail.tidy(now))
        self._orders.appendleft(Beat())
        self._wake()

    def keep_all(self) -> None:
        """Renews every id that is held, or tells Redis of it again."""
        for held in _in_parts(list(self._desk.holdings())):
            self._add(Keep(tuple(held)))

    def leave(self, said: Callable[[], None]) -> None:
        """Gives everything back, for who comes back elsewhere; said is called when that is done, or cannot be done."""
        for peer_id, token in self._desk.holdings():
            self.release(peer_id, token, is_lost=True)
        if self.is_open:
            self._add(Farewell(said))
        else:
            said()

    def _ask_about(self, peer_id: str) -> None:
        self._in_question[peer_id] = self._in_question.get(peer_id, 0) + 1

    def _add(self, order: Order) -> None:
        self._orders.append(order)
        self._wake()

    # the link ----------------------------------------------------------------------------------------------------------
    def opened(self) -> None:
        """Redis answers; whatever it knows of this worker may be old."""
        self.is_open = True
        self.keep_all()

    def next_batch(self, link: int, now: float) -> list[Order]:
        """What is to be sent next, over this link; nothing more until all of it is answered."""
        batch: list[Order] = []
        while self._orders and len(batch) < ORDERS_A_BATCH:
            order = self._orders.popleft()
            if isinstance(order, Release) and self.given.get(order.peer_id) == order.token:
                continue  # its owner came back to this worker while the order waited
            batch.append(order)
        groups, doubtful = self._mail.take(now)
        batch += map(Ask, doubtful)
        for home, frames in groups.items():
            self._stamps += 1
            stamp = (link, self._stamps)
            batch.append(Bring(home, tuple(frames), stamp) if home else Route(tuple(frames), stamp))
        self._sent = batch
        return batch

    def answered(self, replies: list[Any], now: float) -> None:
        """Redis's replies to the batch."""
        batch, self._sent = self._sent, []
        for order, reply in zip(batch, replies, strict=True):
            self._answered(order, reply, now)

    def closed(self, now: float) -> None:
        """The link is gone: whoever waits for an answer is told that there is none."""
        sent, waiting = self._sent, self._orders
        self.is_open, self._sent, self._orders = False, [], deque()
        self._locating = 0
        unsent = self._mail.take_all()
        for order in sent:
            self._gave_up(order, now, was_sent=True)
        for order in waiting:
            self._gave_up(order, now, was_sent=False)
        self._all_missing(unsent)

    def _gave_up(self, order: Order, now: float, *, was_sent: bool) -> None:
        match order:
            case Claim():
                if was_sent:  # perhaps it is held now; given back when Redis is found again, unless it is held here by then
                    self._orders.append(Release(order.peer_id, order.token, 0))
                self._claimed(order, Outcome.UNSURE)
            case Release():
                self._orders.append(order)
            case Tell() if not was_sent:
                self._orders.append(order)
            case Farewell():
                order.said()
            case Check(peer_id):
                self._certain(peer_id)
            case Route(frames=frames, stamp=stamp) | Bring(frames=frames, stamp=stamp):
                self._mail.doubt(frames, stamp, now + self._lost_s + 1)
                self._all_missing(frames)

    # what Redis says ---------------------------------------------------------------------------------------------------
    def _answered(self, order: Order, reply: Any, now: float) -> None:
        match order:
            case Claim():
                self._claimed(order, Outcome(reply.decode()))
            case Keep(held):
                for place in reply:
                    self._lost(*held[place])
            case Check():
                self._checked(order, reply)
            case Ask(peer_id):
                self._told_home(peer_id, reply, now)
            case Beat() if not reply:
                self.keep_all()
            case Farewell():
                order.said()
            case Locate(peer_ids):
                self._located(peer_ids, reply)
            case Route() | Bring():
                self._sent_off(order, reply, now)

    def _checked(self, check: Check, held: bytes | None) -> None:
        if held != f"{self.worker} {check.token}".encode():
            self._lost(check.peer_id, check.token)
        self._certain(check.peer_id)

    def _located(self, peer_ids: tuple[str, ...], places: list[int]) -> None:
        self._locating -= 1
        for place in places:
            self._desk.found(peer_ids[place])

    def _told_home(self, peer_id: str, held: bytes | None, now: float) -> None:
        home = held.partition(b" ")[0].decode() if held else ""
        if former := self._mail.told_home(peer_id, home, now):
            self._send_marker(former, peer_id)
        self._wake()

    def _sent_off(self, order: Route | Bring, reply: Any, now: float) -> None:
        if isinstance(order, Route):
            self._routed(order.frames, reply, now)
        elif not reply:
            self._not_brought(order.frames)

    def _routed(self, frames: tuple[Frame, ...], said: list[bytes | int], now: float) -> None:
        missing: dict[str, bool] = {}
        for frame, home in zip(frames, said, strict=True):
            if isinstance(home, bytes):
                self._mail.learn(frame.peer_id, home.decode(), now)
            else:
                missing[frame.peer_id] = home > 0
                self._desk.missing(frame.peer_id, frame.text, frame.sender, is_lost=home > 0)
        for frame in self._mail.withdraw(missing):
            self._desk.missing(frame.peer_id, frame.text, frame.sender, is_lost=missing[frame.peer_id])

    def _not_brought(self, frames: tuple[Frame, ...]) -> None:
        """Their worker does not listen any more."""
        for frame in frames:
            self._mail.forget(frame.peer_id)
            if not frame.text:
                self._marker_came_back(frame.peer_id)
        brought_back = {frame.peer_id for frame in frames if frame.text}
        self._all_missing((*frames, *self._mail.withdraw(brought_back)))

    def _all_missing(self, frames: Iterable[Frame]) -> None:
        """Frames that wait here for who may be about to come back."""
        for frame in frames:
            if frame.text:
                self._desk.missing(frame.peer_id, frame.text, frame.sender, is_lost=True)

    def _claimed(self, claim: Claim, outcome: Outcome) -> None:
        if outcome is Outcome.HELD:
            self.given[claim.peer_id] = claim.token
        claim.done(outcome)
        self._certain(claim.peer_id)

    def _certain(self, peer_id: str) -> None:
        """One question less about an id; after the last one, the frames that waited go where they belong."""
        self._in_question[peer_id] -= 1
        if self._in_question[peer_id]:
            return
        del self._in_question[peer_id]
        for worker, frame in self._held_back.pop(peer_id, ()):
            if not self._delivered(worker, frame):
                self._add(Tell(worker, (Returned(frame),)))

    def _lost(self, peer_id: str, token: str) -> None:
        if self.given.get(peer_id) == token:
            del self.given[peer_id]
            self._desk.evicted(peer_id)

    # what other workers say --------------------------------------------------------------------------------------------
    def received(self, envelope: Envelope, now: float) -> None:
        strays: list[Frame] = []
        for item in envelope.items:
            match item:
                case Frame():
                    if item.again and self._mail.had(envelope.worker, item.again):
                        continue
                    if not self._delivered(envelope.worker, item):
                        strays.append(item)
                case Returned(frame):
                    self._came_back(envelope.worker, frame, now)
                case Moved(peer_id):
                    self._moved(peer_id)
        self._mail.note(envelope.worker, envelope.stamp)
        if strays:
            self._add(Tell(envelope.worker, tuple(map(Returned, strays))))

    def _delivered(self, worker: str, frame: Frame) -> bool:
        """Whether the frame is dealt with; if not, it goes back to the worker whose client wrote it, which alone can tell it."""
        if self._in_question and frame.peer_id in self._in_question:
            self._held_back.setdefault(frame.peer_id, []).append((worker, frame))
            return True
        return bool(frame.text) and self._desk.delivered(frame.peer_id, frame.text)

    def _moved(self, peer_id: str) -> None:
        """Somebody claimed an id with its token. Redis knows whether it is back here by now."""
        if token := self.given.get(peer_id):
            self._ask_about(peer_id)
            self._add(Check(peer_id, token))

    def _came_back(self, worker: str, frame: Frame, now: float) -> None:
        if not frame.text:
            self._marker_came_back(frame.peer_id)
        elif self._mail.came_back(frame, now):
            self._send_marker(worker, frame.peer_id)

    def _send_marker(self, worker: str, peer_id: str) -> None:
        self._add(Bring(worker, (Frame(peer_id, "", ""),), NO_STAMP))

    def _marker_came_back(self, peer_id: str) -> None:
        self._all_missing(self._mail.go_on(peer_id))
        self._wake()


def _in_parts(things: list[Any]) -> Iterable[list[Any]]:
    return (things[start : start + IDS_AT_ONCE] for start in range(0, len(things), IDS_AT_ONCE))
