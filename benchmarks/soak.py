"""`make soak`: thousands of idle sockets with heartbeats for minutes. Memory must stay flat and timers punctual, or it exits 1.

A probe asks again and again after an id that nobody has: the server must say so (EXPIRE) once frames have waited for strangers
as long as they do, and no later than its ticking allows. That shows a timer that drifts, and a loop that something holds up.
Beside it a frame goes from one peer to another, and nobody may lose the connection.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import uvloop
from broker_load import Client, enter, frame_for, gather
from picows import WSMsgType
from processes import allow_files, cpu_s, load, memory_bytes

from rooms.broker.limits import Limits
from rooms.hub import TICK_S
from tests.conftest import served_process

HEARTBEAT: Final = b'{"type":"HEARTBEAT"}'
HEARTBEAT_S: Final = 5.0
"""As often as PeerJS sends one."""
SLICES: Final = 100
"""Heartbeats are spread over their period, as people come at any time."""
READING_S: Final = 60.0
SETTLE_S: Final = 5.0
"""After the last socket came, before memory counts: the server collects garbage."""
SPARE_FILES: Final = 200
"""Open files of a process besides its sockets."""

GROWTH: Final = 1.03
"""How much more memory at the end than at the least in the first half still counts as flat: allocators breathe. Not the start's
alone, when what the many handshakes used is still to be given back."""
LATE_S: Final = TICK_S + 0.25
"""An EXPIRE may be one tick late, and as much again on a machine that does other things."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the server stands. late_s, trips_s: what the probe saw since the reading before."""

    minutes: float
    memory_mib: float
    cpu_share: float
    alive: int
    late_s: list[float]
    trips_s: list[float]

    def row(self) -> str:
        times = [1000 * figure for seen in (self.late_s, self.trips_s) for figure in (median(seen), max(seen))]
        late, latest, trip, longest = times
        start = f"{self.minutes:7.1f}{self.memory_mib:9.2f} MiB{self.cpu_share:8.1%}{self.alive:8}"
        return f"{start}{late:9.0f}{latest:9.0f}{trip:9.2f}{longest:9.2f}"


HEADING: Final = (
    f"{'':36}{'EXPIRE late, ms':>18}{'a frame, ms':>18}\n"
    f"{'minutes':>7}{'memory':>13}{'CPU':>8}{'alive':>8}{'median':>9}{'worst':>9}{'median':>9}{'worst':>9}"
)


class Probe:
    """Three clients whose answers are timed."""

    def __init__(self) -> None:
        self.late_s: list[float] = []
        self.trips_s: list[float] = []

    async def run(self, port: int) -> None:
        """Asks as fast as it is answered, which is a little more than once a second."""
        (_, asker), (_, sender), (name, receiver) = [await enter(port) for _ in range(3)]
        number = 0
        while True:
            number += 1
            self.trips_s.append(await answered(sender, frame_for(name, 200), receiver))
            waited_s = await answered(asker, frame_for(f"nobody-{number}", 200), asker)
            self.late_s.append(waited_s - Limits().stranger_s)
            asker.transport.send(WSMsgType.TEXT, HEARTBEAT)
            receiver.transport.send(WSMsgType.TEXT, HEARTBEAT)

    def seen(self) -> tuple[list[float], list[float]]:
        """EXPIREs and frames since the last call."""
        seen = self.late_s, self.trips_s
        self.late_s, self.trips_s = [], []
        return seen


async def answered(sender: Client, frame: bytes, receiver: Client) -> float:
    """Seconds from writing a frame to hearing what it leads to."""
    told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    receiver.heard = lambda: told.set_result(None)
    sent_at = time.perf_counter()
    sender.transport.send(WSMsgType.TEXT, frame)
    await told
    return time.perf_counter() - sent_at


async def beat(clients: list[Client]) -> None:
    """Heartbeats of all, for ever, on a schedule that lateness does not move."""
    due_at = time.monotonic()
    while True:
        for number in range(SLICES):
            due_at += HEARTBEAT_S / SLICES
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))
            for client in clients[number::SLICES]:
                if not client.is_gone:
                    client.transport.send(WSMsgType.TEXT, HEARTBEAT)


async def soak(pid: int, port: int, count: int, minutes: float) -> list[Reading]:
    """The first reading is the start's, the last the end's."""
    clients = [client for _, client in await gather(port, count)]
    probe = Probe()
    working = [asyncio.create_task(beat(clients)), asyncio.create_task(probe.run(port))]
    await asyncio.sleep(SETTLE_S)
    readings: list[Reading] = []
    begun = time.monotonic()
    for due_s in times(minutes * 60):
        cpu, started = cpu_s(pid), time.monotonic()
        await asyncio.sleep(max(0.0, begun + due_s - started))
        share = (cpu_s(pid) - cpu) / max(time.monotonic() - started, 0.001)
        alive = sum(not client.is_gone for client in clients)
        readings.append(Reading(due_s / 60, memory_bytes(pid) / 2**20, share, alive, *probe.seen()))
        print(readings[-1].row(), flush=True)
        for task in working:
            if task.done():
                task.result()
    for task in working:
        task.cancel()
    return readings


def times(seconds: float) -> Iterable[float]:
    """When to look: at the start, each READING_S, at the end."""
    yield from (number * READING_S for number in range(int(seconds // READING_S) + 1))
    if seconds % READING_S:
        yield seconds


def judge(readings: list[Reading], count: int) -> bool:
    """Says what came of it; whether all is well."""
    first, middle, last = readings[0], readings[len(readings) // 2], readings[-1]
    least_mib = min(reading.memory_mib for reading in readings[: len(readings) // 2 + 1])
    growth = last.memory_mib / least_mib
    late_s = max(max(reading.late_s) for reading in readings)
    drift_s = median(last.late_s) - median(first.late_s)
    verdicts = (
        (last.alive == count, f"alive at the end: {last.alive} of {count}"),
        (
            growth <= GROWTH,
            f"memory: {first.memory_mib:.2f}, {middle.memory_mib:.2f}, {last.memory_mib:.2f} MiB at start, middle, end; "
            f"{growth:.4f} times the least of the first half, at most {GROWTH}",
        ),
        (
            late_s <= LATE_S,
            f"timers: the latest {late_s * 1000:.0f} ms late, at most {LATE_S * 1000:.0f} (a tick is {TICK_S * 1000:.0f}); "
            f"the median moved by {drift_s * 1000:+.0f} ms",
        ),
    )
    for is_well, told in verdicts:
        print(f"{'reached' if is_well else 'MISSED':8}{told}")
    return all(is_well for is_well, _ in verdicts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=5_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--ws", default="picows", choices=("picows", "websockets"), help="the WebSocket class")
    chosen = parser.parse_args()
    allow_files(chosen.sockets + SPARE_FILES)
    print(f"{chosen.sockets} sockets, {chosen.minutes:g} minutes, {chosen.ws} class; {load()}\n{HEADING}", flush=True)
    settings = {"BROKER_WS": chosen.ws, "BROKER_SOCKETS_PER_NETWORK": "0"}
    with tempfile.TemporaryDirectory() as var, served_process(Path(var), settings) as (process, origin):
        port = int(origin.rpartition(":")[2])
        readings = uvloop.run(soak(process.pid, port, chosen.sockets, chosen.minutes))
    is_well = judge(readings, chosen.sockets)
    print(load())
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
