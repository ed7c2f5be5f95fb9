"""The registry over Redis: one election for every process (DESIGN.md, "Across processes").

Orders wait in a queue and go out in batches, one batch under way at a time; replies are handled in the order in which Redis
carried the orders out. So what this process believes is always something that was true in Redis, never a mixture.

While Redis is gone nothing waits for it: claims are answered UNSURE, frames for other processes wait in the session's
mailboxes, and a task looks for Redis again and again. When it is back, every id held here is told to it anew; whose id
somebody else holds by then, goes.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, Final

from msgspec.structs import replace

from rooms.registry.link import LINK_ERRORS, Link
from rooms.registry.mail import Mail
from rooms.registry.orders import (
    IDS_AT_ONCE,
    ORDERS_A_BATCH,
    Beat,
    Check,
    Claim,
    Farewell,
    Keep,
    Locate,
    Order,
    Release,
    Route,
    Tell,
    Timing,
)
from rooms.registry.port import Desk, Outcome
from rooms.registry.words import Envelope, Frame, Moved, Returned, packed, read_envelope

MOST_HOPS: Final = 2
"""How often a frame follows an id that moves, before it waits for it."""

MOST_UNHEARD_BEATS: Final = 3
"""Own heartbeats that did not come back: then the listening connection is dead, though nobody closed it."""

_STANDARD: Final = Timing()
_log: Final = logging.getLogger("kibitz.broker")


class RedisRegistry:
    """One worker's part of it.

    worker: a name without spaces that no other worker ever had. lost_s: how long frames wait for who was cut off.
    """

    is_alone = False

    def __init__(self, url: str, worker: str, lost_s: float, timing: Timing = _STANDARD) -> None:
        self.url = url
        self.worker = worker
        self.timing = timing
        self.given: dict[str, str] = {}
        """Ids that Redis gave to this worker and that were not given back, with their tokens."""
        self._lost_ms = round(1000 * lost_s)
        self._desk: Desk
        self._task: asyncio.Task[None] | None = None
        self._link: Link | None = None
        self._has_past = False
        self._tried = asyncio.Event()
        self._wake = asyncio.Event()
        self._orders: deque[Order] = deque()
        self._sent: list[Order] = []
        self._batches = 0
        self._unheard = 0
        self._locating = 0
        self._claiming: Counter[str] = Counter()
        self._held_back: dict[str, list[tuple[str, Frame]]] = {}
        self._mail = Mail()

    # the port ----------------------------------------------------------------------------------------------------------
    def claim(self, peer_id: str, token: str, done: Callable[[Outcome], None]) -> None:
        if self._link is None:
            done(Outcome.UNSURE)
            return
        self._claiming[peer_id] += 1
        self._add(Claim(peer_id, token, done))

    def release(self, peer_id: str, token: str, *, is_lost: bool) -> None:
        if self.given.get(peer_id) == token:
            del self.given[peer_id]
            self._add(Release(peer_id, token, self._lost_ms if is_lost else 0))

    def forward(self, peer_id: str, text: str, sender: str) -> None:
        if self._link is not None and self._mail.send(Frame(peer_id, text, sender)):
            self._wake.set()
        else:
            self._desk.missing(peer_id, text, sender, is_lost=True)

    def locate(self, peer_ids: Iterable[str]) -> None:
        if self._link is None or self._locating:
            return
        for ids in _in_parts(list(peer_ids)):
            self._locating += 1
            self._add(Locate(tuple(ids)))

    async def open(self, desk: Desk) -> None:
        """Starts; again is nothing. Returns when Redis was found, or was not at the first try."""
        if self._task is None:
            self._desk = desk
            self._task = asyncio.create_task(self._stay_linked())
        await self._tried.wait()

    async def close(self) -> None:
        """Gives back every id, for who comes back elsewhere, and ends. Takes two seconds at most."""
        if self._task is None:
            return
        if self._link is not None:
            for peer_id, token in self._desk.holdings():
                self.release(peer_id, token, is_lost=True)
            farewell = Farewell(asyncio.Event())
            self._add(farewell)
            await farewell.said.wait()
        self._task.cancel()
        await asyncio.wait({self._task})
        self._task = None

    # the link ----------------------------------------------------------------------------------------------------------
    async def _stay_linked(self) -> None:
        pause_s = self.timing.retry_least_s
        for number in count(1):
            link = Link(self.url, f"kbz:to:{self.worker}", number)
            try:
                await self._begin(link)
                pause_s = self.timing.retry_least_s
                await self._serve(link)
            except* LINK_ERRORS:
                if self._link is not None or number == 1:
                    _log.warning("Redis does not answer. Until it does, only peers of the same process reach each other.")
            finally:
                self._part()
                await link.close()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, self.timing.retry_most_s)

    async def _begin(self, link: Link) -> None:
        await link.open()
        await link.ask([Beat(self._has_past).command(self.worker, self.timing)])
        if self._has_past:
            _log.info("Redis answers again.")
        self._link = link
        self._has_past = True
        self._unheard = 0
        self._keep_all()
        self._tried.set()

    async def _serve(self, link: Link) -> None:
        """Until the link fails, with a group of LINK_ERRORS."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send(link))
            tasks.create_task(self._hear(link))
            tasks.create_task(self._beat())

    async def _send(self, link: Link) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while batch := self._next_batch(link):
                self._sent = batch
                replies = await link.ask([order.command(self.worker, self.timing) for order in batch])
                self._sent = []
                for order, reply in zip(batch, replies, strict=True):
                    self._answered(order, reply)

    async def _hear(self, link: Link) -> None:
        async for payload in link.heard():
            self._unheard = 0
            if envelope := read_envelope(payload):
                self._received(envelope)

    async def _beat(self) -> None:
        for beat in count(1):
            await asyncio.sleep(self.timing.beat_s)
            if self._unheard >= MOST_UNHEARD_BEATS:
                raise TimeoutError("nothing is heard on the worker's own channel")
            self._unheard += 1
            self._mail.settle(asyncio.get_running_loop().time())
            self._orders.appendleft(Beat())  # however much waits, others must not take this worker for dead
            self._wake.set()
            if beat % self.timing.beats_a_renewal == 0:
                self._keep_all()

    def _part(self) -> None:
        """The link is gone: whoever waits for an answer is told that there is none."""
        sent, waiting = self._sent, self._orders
        self._link, self._sent, self._orders = None, [], deque()
        self._tried.set()
        self._locating = 0
        unsent = self._mail.take_all()
        for order in sent:
            self._gave_up(order, was_sent=True)
        for order in waiting:
            self._gave_up(order, was_sent=False)
        for frame in unsent:
            self._desk.missing(frame.peer_id, frame.text, frame.sender, is_lost=True)

    def _gave_up(self, order: Order, *, was_sent: bool) -> None:
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
                order.said.set()
            case Route(frames, stamp):
                self._mail.doubt(frames, stamp, asyncio.get_running_loop().time() + self._lost_ms / 1000 + 1)
                for frame in frames:
                    self._desk.missing(frame.peer_id, frame.text, frame.sender, is_lost=True)

    # orders and their answers ------------------------------------------------------------------------------------------
    def _add(self, order: Order) -> None:
        self._orders.append(order)
        self._wake.set()

    def _keep_all(self) -> None:
        for held in _in_parts(list(self._desk.holdings())):
            self._add(Keep(tuple(held)))

    def _next_batch(self, link: Link) -> list[Order]:
        batch: list[Order] = []
        while self._orders and len(batch) < ORDERS_A_BATCH:
            order = self._orders.popleft()
            if isinstance(order, Release) and self.given.get(order.peer_id) == order.token:
                continue  # its owner came back to this worker while the order waited
            batch.append(order)
        if frames := self._mail.take():
            self._batches += 1
            batch.append(Route(frames, (link.number, self._batches)))
        return batch

    def _answered(self, order: Order, reply: Any) -> None:
        match order:
            case Claim():
                self._claimed(order, Outcome(reply.decode()))
            case Keep(held):
                for place in reply:
                    self._lost(*held[place])
            case Check(peer_id, token) if reply != f"{self.worker} {token}".encode():
                self._lost(peer_id, token)
            case Beat() if not reply:
                self._keep_all()
            case Farewell(said):
                said.set()
            case Locate(peer_ids):
                self._located(peer_ids, reply)
            case Route(frames):
                self._missed(frames, reply)

    def _located(self, peer_ids: tuple[str, ...], places: list[int]) -> None:
        self._locating -= 1
        for place in places:
            self._desk.found(peer_ids[place])

    def _missed(self, frames: tuple[Frame, ...], places: list[int]) -> None:
        for place, is_lost in zip(places[::2], places[1::2], strict=True):
            frame = frames[place]
            self._desk.missing(frame.peer_id, frame.text, frame.sender, is_lost=bool(is_lost))

    def _claimed(self, claim: Claim, outcome: Outcome) -> None:
        peer_id = claim.peer_id
        self._claiming[peer_id] -= 1
        if outcome is Outcome.HELD:
            self.given[peer_id] = claim.token
        claim.done(outcome)
        if not self._claiming[peer_id]:
            del self._claiming[peer_id]
            for worker, frame in self._held_back.pop(peer_id, ()):
                if not self._delivered(worker, frame):
                    self._give_back(worker, [frame])

    def _lost(self, peer_id: str, token: str) -> None:
        if self.given.get(peer_id) == token:
            del self.given[peer_id]
            self._desk.evicted(peer_id)

    # what others say ---------------------------------------------------------------------------------------------------
    def _received(self, envelope: Envelope) -> None:
        strays: list[Frame] = []
        for item in self._mail.fresh(envelope):
            match item:
                case Frame():
                    if not self._delivered(envelope.worker, item):
                        strays.append(item)
                case Returned(frame):
                    self._came_back(frame)
                case Moved(peer_id):
                    if token := self.given.get(peer_id):
                        self._add(Check(peer_id, token))
        if strays:
            self._give_back(envelope.worker, strays)

    def _delivered(self, worker: str, frame: Frame) -> bool:
        """Whether the frame is dealt with. One that was faster than the answer to its receiver's claim waits for that."""
        if self._desk.delivered(frame.peer_id, frame.text):
            return True
        if not self._claiming[frame.peer_id]:
            return False
        self._held_back.setdefault(frame.peer_id, []).append((worker, frame))
        return True

    def _give_back(self, worker: str, frames: Iterable[Frame]) -> None:
        """To the worker whose client wrote them, which alone can tell it."""
        self._add(Tell(worker, packed(self.worker, *map(Returned, frames))))

    def _came_back(self, frame: Frame) -> None:
        again = replace(frame, again=(), hops=frame.hops + 1)
        if frame.hops < MOST_HOPS and self._mail.send(again):
            self._wake.set()
        else:
            self._desk.missing(frame.peer_id, frame.text, frame.sender, is_lost=True)


def _in_parts(things: list[Any]) -> Iterable[list[Any]]:
    return (things[start : start + IDS_AT_ONCE] for start in range(0, len(things), IDS_AT_ONCE))
