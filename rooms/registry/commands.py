"""What a worker asks of Redis: each command with its arguments, and as Redis wants it (`raw`).

raw takes the asking worker's name and the times that hold for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rooms.registry import scripts
from rooms.registry.messages import Frame, Item, Moved, Stamp, packed, packed_frames, packed_head
from rooms.registry.port import Outcome
from rooms.registry.resp import RawCommand
from rooms.registry.scripts import call

COMMANDS_A_BATCH: Final = 256
"""A batch keeps Redis for well under a millisecond, and others get their turn between two."""

FRAMES_A_BATCH: Final = 512
FRAME_CHARS_A_BATCH: Final = 1024 * 1024
"""A megabyte is copied in about a millisecond, during which Redis does nothing else."""

IDS_AT_ONCE: Final = 256
"""Ids renewed or located by one command, for the same reason."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things live, in seconds. The standard ones keep what docs/broker.md promises."""

    heartbeat_s: float = 2.0
    worker_s: float = 9.0  # four beats and a loop that is blocked for three seconds; a dead worker's ids are free within 10 s
    lease_s: float = 60.0
    heartbeats_a_renewal: int = 10  # so an id is renewed three times in its life
    settle_s: float = 3.0  # Redis is back, empty: as long as every worker needs to find it (retry_most_s) and tell what it holds
    retry_least_s: float = 0.1
    retry_most_s: float = 1.0

    @property
    def lease_ms(self) -> int:
        return round(1000 * self.lease_s)


@dataclass(frozen=True, slots=True)
class Claim:
    """Asks for an id; done hears what came of it."""

    peer_id: str
    token: str
    done: Callable[[Outcome], None]

    def raw(self, worker: str, timing: Timing) -> RawCommand:
        moved = packed(worker, [Moved(self.peer_id)])
        return call(scripts.CLAIM, worker, self.token, self.peer_id, timing.lease_ms, moved)


@dataclass(frozen=True, slots=True)
class Release:
    """Gives an id back. lost_ms: how long frames wait for it elsewhere."""

    peer_id: str
    token: str
    lost_ms: int

    def raw(self, worker: str, _timing: Timing) -> RawCommand:
        return call(scripts.RELEASE, self.peer_id, f"{worker} {self.token}", self.lost_ms)


@dataclass(frozen=True, slots=True)
class Renew:
    """Renews ids, or learns that they are lost."""

    held: tuple[tuple[str, str], ...]

    def raw(self, worker: str, timing: Timing) -> RawCommand:
        values = [part for peer_id, token in self.held for part in (peer_id, f"{worker} {token}")]
        return call(scripts.RENEW, timing.lease_ms, *values)


@dataclass(frozen=True, slots=True)
class Confirm:
    """Asks whether an id that is leased to this worker still is."""

    peer_id: str
    token: str

    def raw(self, _worker: str, _timing: Timing) -> RawCommand:
        return ("GET", f"kbz:id:{self.peer_id}")


@dataclass(frozen=True, slots=True)
class LookUp:
    """Asks which worker holds an id, before frames go there again."""

    peer_id: str

    def raw(self, _worker: str, _timing: Timing) -> RawCommand:
        return ("GET", f"kbz:id:{self.peer_id}")


@dataclass(frozen=True, slots=True)
class Locate:
    """Asks which of these ids some worker holds."""

    peer_ids: tuple[str, ...]

    def raw(self, _worker: str, _timing: Timing) -> RawCommand:
        return call(scripts.LOCATE, *self.peer_ids)


@dataclass(frozen=True, slots=True)
class Publish:
    """Says something to another worker, on its channel."""

    worker: str
    items: tuple[Item, ...]

    def raw(self, worker: str, _timing: Timing) -> RawCommand:
        return ("PUBLISH", f"kbz:to:{self.worker}", packed(worker, self.items))


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Says that this worker lives."""

    has_past: bool = True

    def raw(self, worker: str, timing: Timing) -> RawCommand:
        worker_ms, fleet_ms, settle_ms = (round(1000 * time) for time in (timing.worker_s, timing.lease_s, timing.settle_s))
        return call(scripts.HEARTBEAT, worker, worker_ms, "1" if self.has_past else "0", fleet_ms, settle_ms, packed(worker, []))


@dataclass(frozen=True, slots=True)
class SignOff:
    """Says that this worker goes, so that nobody waits for it to be dead. said: called when that is done, or cannot be."""

    said: Callable[[], None]

    def raw(self, worker: str, _timing: Timing) -> RawCommand:
        return ("DEL", f"kbz:worker:{worker}")


@dataclass(frozen=True, slots=True)
class Route:
    """Lets Redis bring frames to whichever workers hold their ids."""

    frames: tuple[Frame, ...]
    stamp: Stamp

    def raw(self, worker: str, _timing: Timing) -> RawCommand:
        return call(scripts.ROUTE, packed_head(worker, self.stamp), *packed_frames(self.frames))


@dataclass(frozen=True, slots=True)
class Deliver:
    """Brings frames straight to the worker that held their ids a moment ago."""

    worker: str
    frames: tuple[Frame, ...]
    stamp: Stamp

    def raw(self, worker: str, _timing: Timing) -> RawCommand:
        return ("PUBLISH", f"kbz:to:{self.worker}", packed(worker, self.frames, self.stamp))


Command = LookUp | Claim | Release | Renew | Confirm | Locate | Publish | Heartbeat | SignOff | Route | Deliver
