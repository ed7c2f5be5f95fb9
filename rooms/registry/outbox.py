"""Frames on their way to other workers. Pure; times are seconds of a steady clock.

Invariants: the frames of a pair keep their order, and none arrives twice (with arrivals.py). Limit: a peer that moves away
and back within the milliseconds of one detour may get frames out of order.

*Routes.* Redis brings the first frame for an id to whichever worker has it, and says which. For a second the next ones go
straight there; then Redis is asked whether the id is still there, and frames wait for the answer.

*Detours.* If the id moved meanwhile, its former worker sends frames back. Newer ones must not overtake them, so they wait
until all older ones are here. A marker tells that: a frame without a text, sent behind the older ones to the former worker,
which sends it back as well. Then all of them go on, oldest first. A worker that hangs sends no marker back, so they wait for
two seconds at most.

*Doubts.* A frame of a batch that nobody knows the fate of waits in the broker's mailbox like one for who is not there, and is
known by its text when it comes here again.
"""

from collections import deque
from collections.abc import Container
from dataclasses import dataclass, field
from math import inf
from typing import Final

from msgspec.structs import replace

from rooms.registry.commands import FRAME_CHARS_A_BATCH, FRAMES_A_BATCH
from rooms.registry.messages import Frame, Stamp

MOST_CHARS: Final = 16 * 1024 * 1024
"""Of frames that wait for Redis to take them: a second's worth at many times the expected load."""

ROUTE_S: Final = 1.0
"""How long a route counts without asking: so long may a worker that hangs get frames for an id that moved."""

ROUTE_REMEMBERED_S: Final = 10.0
"""How long after that frames may still be on their way there."""

DETOUR_S: Final = 2.0
"""How long frames wait for a marker; one takes milliseconds."""

MOST_HOPS: Final = 2
"""How often a frame follows an id that moves, before it waits for it."""

_NO_ROUTE: Final = ("", inf)


@dataclass(slots=True)
class Detour:
    """Frames for an id that moved, or may have: those that came back, and newer ones that must not overtake them."""

    until: float
    has_marker: bool = False
    back: list[Frame] = field(default_factory=list)
    newer: list[Frame] = field(default_factory=list)


@dataclass(slots=True)
class Outbox:
    """All frames from this worker to the others that did not go yet, or came back."""

    outgoing: deque[Frame] = field(default_factory=deque)
    chars: int = 0
    """Of all frames that are kept here."""
    _routes: dict[str, tuple[str, float]] = field(default_factory=dict)
    """An id's worker, and until when that counts without asking."""
    _detours: dict[str, Detour] = field(default_factory=dict)
    _doubts: dict[tuple[str, str], tuple[Stamp, ...]] = field(default_factory=dict)
    """The batches that may have brought a frame (its receiver and text) already."""
    _doubts_until: float = 0.0

    def send(self, frame: Frame) -> bool:
        """Whether there was room for a frame; one that may have arrived before is marked so."""
        if self.chars > MOST_CHARS:
            return False
        if self._doubts and (doubts := self._doubts.pop((frame.peer_id, frame.text), ())):
            frame = replace(frame, doubts=doubts)
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
        routes, detours, outgoing = self._routes, self._detours, self.outgoing
        chars = 0
        for _ in range(min(len(outgoing), FRAMES_A_BATCH)):
            frame = outgoing.popleft()
            peer_id = frame.peer_id
            worker, until = routes.get(peer_id, _NO_ROUTE)
            if until < now and peer_id not in detours:
                detours[peer_id] = Detour(now + DETOUR_S)
                doubtful.append(peer_id)
            if detours and (detour := detours.get(peer_id)):
                detour.newer.append(frame)
                continue
            if worker in groups:
                groups[worker].append(frame)
            else:
                groups[worker] = [frame]
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
        """Every frame that is kept here; Redis is gone. Their doubts stay known."""
        detours = [frame for detour in self._detours.values() for frame in (*detour.back, *detour.newer)]
        frames = [*detours, *self.outgoing]
        self._detours.clear()
        self._routes.clear()
        self.outgoing.clear()
        self.chars = 0
        for frame in frames:
            if frame.doubts:
                self._doubts[frame.peer_id, frame.text] = frame.doubts
        return frames

    def learn_route(self, peer_id: str, worker: str, now: float) -> None:
        """Redis brought a frame to a worker."""
        self._routes[peer_id] = (worker, now + ROUTE_S)

    def forget_route(self, peer_id: str) -> None:
        """Whatever is known of an id's worker is wrong."""
        self._routes.pop(peer_id, None)

    def looked_up(self, peer_id: str, worker: str, now: float) -> str:
        """Redis was asked for an id's worker; "": nobody has it. Answers the worker to which a marker must be sent, if any."""
        detour = self._detours.get(peer_id)
        if detour is None or detour.has_marker:
            return ""
        former = self._routes.pop(peer_id, _NO_ROUTE)[0]
        if worker == former:
            self.learn_route(peer_id, worker, now)
        elif former:
            detour.has_marker = True
            return former
        self.end_detour(peer_id)
        return ""

    def came_back(self, frame: Frame, now: float) -> bool:
        """A frame's id has moved. Whether a marker must be sent to whoever gave the frame back."""
        peer_id = frame.peer_id
        self.forget_route(peer_id)
        if peer_id not in self._detours:
            self._detours[peer_id] = Detour(now, newer=[newer for newer in self.outgoing if newer.peer_id == peer_id])
            self.outgoing = deque(other for other in self.outgoing if other.peer_id != peer_id)
        detour = self._detours[peer_id]
        detour.back.append(replace(frame, doubts=(), hops=frame.hops + 1))
        detour.until = now + DETOUR_S
        self.chars += len(frame.text)
        is_first, detour.has_marker = not detour.has_marker, True
        return is_first

    def end_detour(self, peer_id: str) -> list[Frame]:
        """All older frames are here, or are waited for no longer. Answers the detour's frames if some followed their id for
        long enough: they wait for it from now on."""
        detour = self._detours.pop(peer_id, None)
        frames = [*detour.back, *detour.newer] if detour else []
        if all(frame.hops <= MOST_HOPS for frame in frames):
            self.outgoing.extend(frames)
            return []
        self.chars -= sum(len(frame.text) for frame in frames)
        return frames

    def doubt(self, frames: tuple[Frame, ...], stamp: Stamp, until: float) -> None:
        """A batch may or may not have been carried out. until: when none of its frames can go again any more."""
        self._doubts_until = until
        for frame in frames:
            if frame.text:
                self._doubts[frame.peer_id, frame.text] = (*frame.doubts, stamp)

    def tidy(self, now: float) -> list[Frame]:
        """Forgets what is too old to matter, and ends the detours whose marker did not come; answers as end_detour does."""
        if self._doubts and now > self._doubts_until:
            self._doubts.clear()
        self._routes = {peer_id: route for peer_id, route in self._routes.items() if route[1] + ROUTE_REMEMBERED_S > now}
        late = [peer_id for peer_id, detour in self._detours.items() if detour.until < now]
        return [frame for peer_id in late for frame in self.end_detour(peer_id)]
