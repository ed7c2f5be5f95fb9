"""Frames on their way to and from other workers. Pure; times are seconds of a steady clock.

Invariants: the frames of a pair keep their order, and none arrives twice. Limit: a peer that moves away and back within the
milliseconds of one detour may get frames out of order.

*Where to.* Redis brings the first frame for an id to whichever worker has it, and says which. The next ones go straight there,
for a second; then Redis is asked again. If the id moved meanwhile, its old worker sends frames back, and newer ones take a
detour: they wait until all older ones are here, which a marker (a frame without a text, sent behind those) tells. Then all of
them go on, oldest first. A worker that hangs sends no marker back, so they wait for seconds at most.

*Once.* If Redis fails while a batch is under way, nobody knows whether it was carried out. Its frames wait and go again with
its stamp; who had that batch, or a later one of the same link, drops them. Only the end of a link can be in doubt, so the
last stamp of each link is all that must be remembered.
"""

from collections import deque
from collections.abc import Container
from dataclasses import dataclass, field
from math import inf
from typing import Final

from msgspec.structs import replace

from rooms.registry.orders import FRAME_CHARS_A_BATCH, FRAMES_A_BATCH
from rooms.registry.words import Frame, Stamp

MOST_CHARS: Final = 16 * 1024 * 1024
"""Of frames that wait for Redis to take them: a second's worth at many times the expected load."""

LINKS_REMEMBERED: Final = 1024
"""Of other workers: many more than can end within the few seconds for which frames wait."""

HOME_S: Final = 1.0
"""How long a place that Redis told counts: so long may a worker that hangs get frames for an id that moved."""

HOME_REMEMBERED_S: Final = 10.0
"""How long after that frames may still be on their way from there."""

DETOUR_S: Final = 2.0
"""How long frames wait for a marker; one takes milliseconds."""

MOST_HOPS: Final = 2
"""How often a frame follows an id that moves, before it waits for it."""

_UNKNOWN: Final = ("", inf)


@dataclass(slots=True)
class Detour:
    """Frames for an id that moved, or may have: those that came back, and newer ones that must not overtake them."""

    until: float
    has_marker: bool = False
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

    def take(self, now: float) -> tuple[dict[str, list[Frame]], list[str]]:
        """The next frames to go, oldest first, by the worker they go to, "" for those that Redis must bring; and the ids whose
        worker Redis must be asked for again."""
        groups: dict[str, list[Frame]] = {}
        doubtful: list[str] = []
        homes, detours, outgoing = self._homes, self._detours, self.outgoing
        chars = 0
        for _ in range(min(len(outgoing), FRAMES_A_BATCH)):
            frame = outgoing.popleft()
            peer_id = frame.peer_id
            home, until = homes.get(peer_id, _UNKNOWN)
            if until < now and peer_id not in detours:
                detours[peer_id] = Detour(now + DETOUR_S)
                doubtful.append(peer_id)
            if detours and (detour := detours.get(peer_id)):
                detour.newer.append(frame)
                continue
            if home in groups:
                groups[home].append(frame)
            else:
                groups[home] = [frame]
            chars += len(frame.text)
            if chars >= FRAME_CHARS_A_BATCH:
                break
        self.chars -= chars
        return groups, doubtful

    def withdraw(self, peer_ids: Container[str]) -> list[Frame]:
        """The frames for these ids that did not go yet: older ones found nobody, and they must not overtake those."""
        frames = [frame for frame in self.outgoing if frame.peer_id in peer_ids]
        if frames:
            self.outgoing = deque(frame for frame in self.outgoing if frame.peer_id not in peer_ids)
            self.chars -= sum(len(frame.text) for frame in frames)
        return frames

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
        """Redis brought a frame to a worker."""
        self._homes[peer_id] = (home, now + HOME_S)

    def forget(self, peer_id: str) -> None:
        """Whatever is known of an id's worker is wrong."""
        self._homes.pop(peer_id, None)

    def told_home(self, peer_id: str, home: str, now: float) -> str:
        """Redis was asked for an id's worker; "": nobody has it. Answers the worker to which a marker must be sent, if any."""
        detour = self._detours.get(peer_id)
        if detour is None or detour.has_marker:
            return ""
        former = self._homes.pop(peer_id, _UNKNOWN)[0]
        if home == former:
            self.learn(peer_id, home, now)
        elif former:
            detour.has_marker = True
            return former
        self.go_on(peer_id)
        return ""

    def came_back(self, frame: Frame, now: float) -> bool:
        """A frame's id has moved. Whether a marker must be sent to whoever gave the frame back."""
        peer_id = frame.peer_id
        self.forget(peer_id)
        if peer_id not in self._detours:
            self._detours[peer_id] = Detour(now, newer=[newer for newer in self.outgoing if newer.peer_id == peer_id])
            self.outgoing = deque(other for other in self.outgoing if other.peer_id != peer_id)
        detour = self._detours[peer_id]
        detour.back.append(replace(frame, again=(), hops=frame.hops + 1))
        detour.until = now + DETOUR_S
        self.chars += len(frame.text)
        is_first, detour.has_marker = not detour.has_marker, True
        return is_first

    def go_on(self, peer_id: str) -> list[Frame]:
        """A detour is over. Answers its frames if some followed their id for long enough: they wait for it from now on."""
        detour = self._detours.pop(peer_id, None)
        frames = [*detour.back, *detour.newer] if detour else []
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

    def tidy(self, now: float) -> list[Frame]:
        """Forgets what is too old to matter, and ends the detours whose marker did not come; answers as go_on does."""
        if self._uncertain and now > self._uncertain_until:
            self._uncertain.clear()
        self._homes = {peer_id: home for peer_id, home in self._homes.items() if home[1] + HOME_REMEMBERED_S > now}
        late = [peer_id for peer_id, detour in self._detours.items() if detour.until < now]
        return [frame for peer_id in late for frame in self.go_on(peer_id)]

    def note(self, worker: str, stamp: Stamp) -> None:
        """Something came from a worker, with this stamp."""
        link, number = stamp
        if number:
            self._latest[worker, link] = number
            if len(self._latest) > LINKS_REMEMBERED:
                del self._latest[next(iter(self._latest))]

    def had(self, worker: str, again: tuple[Stamp, ...]) -> bool:
        """Whether a frame that a worker sends again was in something that came from it before."""
        return any(self._latest.get((worker, link), 0) >= number for link, number in again)
