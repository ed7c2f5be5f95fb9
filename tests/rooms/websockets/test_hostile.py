"""100,000 hostile frames, half of them on each class: no crash, no leak, no error in the log, and nobody beside is harmed."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from rooms.websockets.choice import CHOICES
from tests.conftest import served_process
from tests.rooms.websockets.hostile import visits
from tests.rooms.websockets.raw import PATIENCE_S, Raw, text

pytestmark = [pytest.mark.server, pytest.mark.slow]

SEED = 20_261_124
FRAMES = 50_000
WARM_FRAMES = 10_000
"""The first of them fill caches and the allocator's arenas."""

LEAK_BYTES = 12 * 1024 * 1024
"""More growth than this is a leak: 0.3 KiB for each hostile frame."""

KEPT_OPEN = 20
"""Sockets left half way at any time."""

FRAME_AND_SOCKET_LIMITS = {"BROKER_RATE": "100000", "BROKER_SOCKETS_PER_NETWORK": "0"}
"""Out of the way, or they would end every socket early."""


def memory_bytes(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024


class Bystanders:
    """Two peers who send each other numbers all the time. failure: the first thing that went wrong."""

    def __init__(self, origin: str) -> None:
        self.ends = (Raw(origin), Raw(origin))
        for name, end in zip(("calm-a", "calm-b"), self.ends, strict=True):
            end.enter(name)
        self.rounds = 0
        self.failure: str | None = None
        self.is_wanted = True
        self.thread = threading.Thread(target=self._talk)

    def _talk(self) -> None:
        a, b = self.ends
        while self.is_wanted and not self.failure:
            a.send(text(json.dumps({"type": "CANDIDATE", "dst": "calm-b", "payload": self.rounds})))
            self._expect(b, {"type": "CANDIDATE", "dst": "calm-b", "payload": self.rounds, "src": "calm-a"})
            b.send(text(json.dumps({"type": "ANSWER", "dst": "calm-a", "payload": self.rounds})))
            self._expect(a, {"type": "ANSWER", "dst": "calm-a", "payload": self.rounds, "src": "calm-b"})
            self.rounds += 1

    def _expect(self, end: Raw, wanted: object) -> None:
        try:
            told = json.loads(end.read().payload)
        except (OSError, EOFError, ValueError) as error:
            told = repr(error)
        if told != wanted and not self.failure:
            self.failure = f"{told} instead of {wanted}"


@contextmanager
def bystanders(origin: str) -> Iterator[Bystanders]:
    pair = Bystanders(origin)
    pair.thread.start()
    try:
        yield pair
    finally:
        pair.is_wanted = False
        pair.thread.join()
        for end in pair.ends:
            end.socket.close()


def attack(origin: str, seed: int, frames: int) -> None:
    """One socket after the other; some stay open, half way through a frame."""
    half_open: deque[Raw] = deque()
    for number, sent in enumerate(visits(seed, frames, "calm-a")):
        raw = Raw(origin)
        raw.enter(f"eve{seed}-{number}")
        with suppress(ConnectionError):  # it may have ended already
            raw.send(b"".join(sent[:-1]))
            raw.send(sent[-1])
        half_open.append(raw)
        if len(half_open) > KEPT_OPEN:
            half_open.popleft().socket.close()
    for raw in half_open:
        raw.socket.close()


@pytest.mark.parametrize("websockets", CHOICES)
def test_hostile_frames_harm_nobody(websockets: str, tmp_path: Path) -> None:
    limits = {"BROKER_WS": websockets, **FRAME_AND_SOCKET_LIMITS}
    with served_process(tmp_path, limits) as (process, origin):
        with bystanders(origin) as pair:
            attack(origin, SEED, WARM_FRAMES)
            before = memory_bytes(process.pid)
            attack(origin, SEED + 1, FRAMES - WARM_FRAMES)
            ends_at = time.monotonic() + PATIENCE_S
            while memory_bytes(process.pid) > before + LEAK_BYTES and time.monotonic() < ends_at:
                time.sleep(0.1)  # between two looks: what waits for nobody is given back after a second
            assert memory_bytes(process.pid) <= before + LEAK_BYTES
        assert pair.failure is None
        assert pair.rounds > 0
        assert process.poll() is None
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log, log
    assert "ERROR" not in log, log
