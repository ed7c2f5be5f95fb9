"""What a worker wants of Redis, each with the command it becomes. Waiting orders go out together, in the order given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rooms.registry import scripts
from rooms.registry.port import Outcome
from rooms.registry.resp import Command
from rooms.registry.scripts import call
from rooms.registry.words import Frame, Item, Moved, Stamp, packed, packed_frames, packed_head

ORDERS_A_BATCH: Final = 256
"""A batch keeps Redis for well under a millisecond, and others get their turn between two."""

FRAMES_A_BATCH: Final = 512
FRAME_CHARS_A_BATCH: Final = 1024 * 1024
"""A megabyte is copied in about a millisecond, during which Redis does nothing else."""

IDS_AT_ONCE: Final = 256
"""Ids renewed or looked for by one order, for the same reason."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things live, in seconds. The standard ones keep issue A2's promises; tests use shorter ones."""

    beat_s: float = 2.0
    worker_s: float = 9.0  # four beats and a loop that is blocked for three seconds; a dead worker's ids are free within 10 s
    id_s: float = 60.0
    beats_a_renewal: int = 10  # so an id is renewed three times in its life
    settle_s: float = 3.0  # Redis is back, empty: as long as every worker needs to find it (retry_most_s) and tell what it holds
    retry_least_s: float = 0.1
    retry_most_s: float = 1.0

    @property
    def id_ms(self) -> int:
        return round(1000 * self.id_s)


@dataclass(frozen=True, slots=True)
class Claim:
    """Asks for an id; done hears what came of it."""

    peer_id: str
    token: str
    done: Callable[[Outcome], None]

    def command(self, worker: str, timing: Timing) -> Command:
        moved = packed(worker, [Moved(self.peer_id)])
        return call(scripts.CLAIM, worker, self.token, self.peer_id, timing.id_ms, moved)


@dataclass(frozen=True, slots=True)
class Release:
    """Gives an id back. lost_ms: how long frames wait for it elsewhere."""

    peer_id: str
    token: str
    lost_ms: int

    def command(self, worker: str, _timing: Timing) -> Command:
        return call(scripts.RELEASE, self.peer_id, f"{worker} {self.token}", self.lost_ms)


@dataclass(frozen=True, slots=True)
class Keep:
    """Renews ids, or learns that they are lost."""

    held: tuple[tuple[str, str], ...]

    def command(self, worker: str, timing: Timing) -> Command:
        values = [part for peer_id, token in self.held for part in (peer_id, f"{worker} {token}")]
        return call(scripts.KEEP, timing.id_ms, *values)


@dataclass(frozen=True, slots=True)
class Check:
    """Asks who holds an id that is held here."""

    peer_id: str
    token: str

    def command(self, _worker: str, _timing: Timing) -> Command:
        return ("GET", f"kbz:id:{self.peer_id}")


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks which worker has an id."""

    peer_id: str

    def command(self, _worker: str, _timing: Timing) -> Command:
        return ("GET", f"kbz:id:{self.peer_id}")


@dataclass(frozen=True, slots=True)
class Locate:
    """Asks which of these ids some worker holds."""

    peer_ids: tuple[str, ...]

    def command(self, _worker: str, _timing: Timing) -> Command:
        return call(scripts.LOCATE, *self.peer_ids)


@dataclass(frozen=True, slots=True)
class Tell:
    """Says something to another worker."""

    worker: str
    items: tuple[Item, ...]

    def command(self, worker: str, _timing: Timing) -> Command:
        return ("PUBLISH", f"kbz:to:{self.worker}", packed(worker, self.items))


@dataclass(frozen=True, slots=True)
class Beat:
    """Says that this worker lives."""

    has_past: bool = True

    def command(self, worker: str, timing: Timing) -> Command:
        worker_ms, fleet_ms, settle_ms = (round(1000 * time) for time in (timing.worker_s, timing.id_s, timing.settle_s))
        return call(scripts.BEAT, worker, worker_ms, "1" if self.has_past else "0", fleet_ms, settle_ms, packed(worker, []))


@dataclass(frozen=True, slots=True)
class Farewell:
    """Says that this worker goes, so that nobody waits for it to be dead. said: called when that is done, or cannot be."""

    said: Callable[[], None]

    def command(self, worker: str, _timing: Timing) -> Command:
        return ("DEL", f"kbz:worker:{worker}")


@dataclass(frozen=True, slots=True)
class Route:
    """Brings frames to the workers that hold their ids, whoever that is."""

    frames: tuple[Frame, ...]
    stamp: Stamp

    def command(self, worker: str, _timing: Timing) -> Command:
        return call(scripts.ROUTE, packed_head(worker, self.stamp), *packed_frames(self.frames))


@dataclass(frozen=True, slots=True)
class Bring:
    """Brings frames to the worker that is known to hold their ids."""

    home: str
    frames: tuple[Frame, ...]
    stamp: Stamp

    def command(self, worker: str, _timing: Timing) -> Command:
        return ("PUBLISH", f"kbz:to:{self.home}", packed(worker, self.frames, self.stamp))


Order = Ask | Claim | Release | Keep | Check | Locate | Tell | Beat | Farewell | Route | Bring
