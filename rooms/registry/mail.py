"""Frames on their way to and from other workers. Pure.

Invariants: the frames of a pair keep their order, and none arrives twice, also if Redis fails while a batch is under way.
Whether such a batch was carried out is not known, so its frames wait and go again with its stamp; who had that batch drops
them. Each link to Redis ends with its only uncertain batch, so the last batch of each link is all that must be remembered.
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


@dataclass(slots=True)
class Mail:
    """All frames between this worker and the others."""

    outgoing: deque[Frame] = field(default_factory=deque)
    outgoing_chars: int = 0
    _uncertain: dict[tuple[str, str], tuple[Stamp, ...]] = field(default_factory=dict)
    _uncertain_until: float = 0.0
    _latest: dict[tuple[str, int], int] = field(default_factory=dict)

    def send(self, frame: Frame) -> bool:
        """Whether there was room for a frame; one that may have arrived before is marked so."""
        if self.outgoing_chars > MOST_CHARS:
            return False
        if self._uncertain and (again := self._uncertain.pop((frame.peer_id, frame.text), ())):
            frame = replace(frame, again=again)
        self.outgoing.append(frame)
        self.outgoing_chars += len(frame.text)
        return True

    def take(self) -> tuple[Frame, ...]:
        """The next frames to go, oldest first."""
        frames: list[Frame] = []
        chars = 0
        while self.outgoing and len(frames) < FRAMES_A_BATCH and chars < FRAME_CHARS_A_BATCH:
            frames.append(self.outgoing.popleft())
            chars += len(frames[-1].text)
        self.outgoing_chars -= chars
        return tuple(frames)

    def take_all(self) -> list[Frame]:
        """Every frame that did not go; Redis is gone. What is known of them stays known."""
        frames = list(self.outgoing)
        self.outgoing.clear()
        self.outgoing_chars = 0
        for frame in frames:
            if frame.again:
                self._uncertain[frame.peer_id, frame.text] = frame.again
        return frames

    def doubt(self, frames: tuple[Frame, ...], stamp: Stamp, until: float) -> None:
        """A batch may or may not have been carried out. until: when none of its frames can go again any more."""
        self._uncertain_until = until
        for frame in frames:
            self._uncertain[frame.peer_id, frame.text] = (*frame.again, stamp)

    def settle(self, now: float) -> None:
        """Forgets doubts that are too old to matter."""
        if self._uncertain and now > self._uncertain_until:
            self._uncertain.clear()

    def fresh(self, envelope: Envelope) -> list[Item]:
        """What an envelope brings, without what arrived before."""
        link, batch = envelope.stamp
        worker = envelope.worker
        items = [
            item for item in envelope.items if not (isinstance(item, Frame) and item.again and self._had(worker, item.again))
        ]
        if batch:
            self._latest[worker, link] = batch
            if len(self._latest) > LINKS_REMEMBERED:
                del self._latest[next(iter(self._latest))]
        return items

    def _had(self, worker: str, stamps: tuple[Stamp, ...]) -> bool:
        return any(self._latest.get((worker, link), 0) >= batch for link, batch in stamps)
