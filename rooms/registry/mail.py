"""Frames on their way to and from other workers. Pure; times are seconds of a steady clock.

Invariants: the frames of a pair keep their order, and none arrives twice.

*Where to.* A frame for an id whose worker is known goes straight there; Redis looks the others up, and what it found counts
for a second. An id may move meanwhile: then its old worker sends the frames back, and newer ones wait until all of those are
here, which a marker (a frame without a text, sent behind them) tells. Only then do all of them go on, oldest first.

*Once.* If Redis fails while a batch is under way, nobody knows whether it was carried out. Its frames wait and go again with
its stamp; who had that batch, or a later one of the same link, drops them. Only the end of a link can be in doubt, so the
last stamp of each link is all that must be remembered.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from rooms.registry.orders import FRAME_CHARS_A_BATCH, FRAMES_A_BATCH
from rooms.registry.words import Envelope, Frame, Item, Stamp

MOST_CHARS: Final = 16 * 1024 * 1024
"""Of frames that wait for Redis to take them: a second's worth at many times the expected load."""

LINKS_REMEMBERED: Final = 1024
"""Of other workers: many more than can end within the few seconds for which frames wait."""

HOME_S: Final = 1.0
"""How long a place that Redis told counts: so long may a worker that hangs get frames for an id that moved."""

MOST_HOPS: Final = 2
"""How often a frame follows an id that moves, before it waits for it."""


@dataclass(slots=True)
class Detour:
    """Frames for an id that moved: those that came back, and newer ones that must not overtake them."""

    back: list[Frame] = field(default_factory=list)
    newer: list[Frame] = field(default_factory=list)


@dataclass(slots=True)
class Mail:
    """All frames between this worker and the others."""

    outgoing: deque[Frame] = field(default_factory=deque)
    chars: int = 0
    """Of all frames that are kept here."""
    _homes: dict[str, tuple[str, float]] = field(default_factory=dict)
    _detours: dict[str, Detour] = field(default_factory=dict)
    _uncertain: dict[tuple[str, str], tuple[Stamp, ...]] = field(default_factory=dict)
    _uncertain_until: float = 0.0
    _latest: dict[tuple[str, int], int] = field(default_factory=dict)

    def send(self, frame: Frame) -> bool:
        """Whether there was room for a frame; one that may have arrived before is marked so."""
        if self.chars > MOST_CHARS:
            return False
        if self._uncertain and (again := self._uncertain.pop((frame.peer_id, frame.text), ())):
            frame = replace(frame, again=again)
        self.chars += len(frame.text)
        if self._detours and (detour := self._detours.get(frame.peer_id)):
            detour.newer.append(frame)
        else:
            self.outgoing.append(frame)
        return True

    def take(self, now: float) -> dict[str, list[Frame]]:
        """The next frames to go, oldest first, by the worker they go to; "" for those that Redis must look up."""
        groups: dict[str, list[Frame]] = {}
        homes, outgoing = self._homes, self.outgoing
        chars = 0
        for _ in range(min(len(outgoing), FRAMES_A_BATCH)):
            frame = outgoing.popleft()
            home, until = homes.get(frame.peer_id, ("", 0.0))
            groups.setdefault(home if until > now else "", []).append(frame)
            chars += len(frame.text)
            if chars >= FRAME_CHARS_A_BATCH:
                break
        self.chars -= chars
        return groups

    def take_all(self) -> list[Frame]:
        """Every frame that is kept here; Redis is gone. What is known of them stays known."""
        detours = [frame for detour in self._detours.values() for frame in (*detour.back, *detour.newer)]
        frames = [*detours, *self.outgoing]
        self._detours.clear()
        self._homes.clear()
        self.outgoing.clear()
        self.chars = 0
        for frame in frames:
            if frame.again:
                self._uncertain[frame.peer_id, frame.text] = frame.again
        return frames

    def learn(self, peer_id: str, home: str, now: float) -> None:
        """Redis says that a worker has an id."""
        self._homes[peer_id] = (home, now + HOME_S)

    def forget(self, peer_id: str) -> None:
        """Whatever is known of an id's worker is wrong."""
        self._homes.pop(peer_id, None)

    def came_back(self, frame: Frame) -> bool:
        """A frame's id has moved. Whether this is news: then a marker must be sent to whoever gave the frame back."""
        self.forget(frame.peer_id)
        is_news = frame.peer_id not in self._detours
        if is_news:
            self._detours[frame.peer_id] = Detour(newer=[newer for newer in self.outgoing if newer.peer_id == frame.peer_id])
            self.outgoing = deque(other for other in self.outgoing if other.peer_id != frame.peer_id)
        detour = self._detours[frame.peer_id]
        detour.back.append(replace(frame, again=(), hops=frame.hops + 1))
        self.chars += len(frame.text)
        return is_news

    def marker_came_back(self, peer_id: str) -> list[Frame]:
        """The frames go on; answers those that followed their id for long enough, and wait for it from now on."""
        detour = self._detours.pop(peer_id, Detour())
        frames = [*detour.back, *detour.newer]
        if all(frame.hops <= MOST_HOPS for frame in frames):
            self.outgoing.extend(frames)
            return []
        self.chars -= sum(len(frame.text) for frame in frames)
        return frames

    def doubt(self, frames: tuple[Frame, ...], stamp: Stamp, until: float) -> None:
        """A batch may or may not have been carried out. until: when none of its frames can go again any more."""
        self._uncertain_until = until
        for frame in frames:
            if frame.text:
                self._uncertain[frame.peer_id, frame.text] = (*frame.again, stamp)

    def tidy(self, now: float) -> None:
        """Forgets what is too old to matter."""
        if self._uncertain and now > self._uncertain_until:
            self._uncertain.clear()
        self._homes = {peer_id: home for peer_id, home in self._homes.items() if home[1] > now}

    def fresh(self, envelope: Envelope) -> list[Item]:
        """What an envelope brings, without what arrived before."""
        link, number = envelope.stamp
        worker = envelope.worker
        items = [
            item for item in envelope.items if not (isinstance(item, Frame) and item.again and self._had(worker, item.again))
        ]
        if number:
            self._latest[worker, link] = number
            if len(self._latest) > LINKS_REMEMBERED:
                del self._latest[next(iter(self._latest))]
        return items

    def _had(self, worker: str, stamps: tuple[Stamp, ...]) -> bool:
        return any(self._latest.get((worker, link), 0) >= number for link, number in stamps)
