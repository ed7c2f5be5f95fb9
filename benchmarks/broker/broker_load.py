"""The load on one broker, in a process of its own: `broker_load.py frames|connects …`, an answer as JSON on standard output.

picows' client costs far less than any server here, so the server is what is measured. CPU time is the server's own, from
/proc/<pid>/stat, over the measured stretch only.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
WARM_S = 0.7
"""Both servers compile or cache on their first frames."""
AT_ONCE = 50
"""Handshakes under way at the same time."""
SETTLE_S = 2.0
"""After the last socket, before memory is read: both servers collect garbage."""

Figures = dict[str, float]

numbers = count()


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S  # utime and stime, proc(5)


def memory_bytes(pid: int) -> int:
    """What a process holds in memory of its own (proportional set size)."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) * 1024


class Client(WSListener):
    """A PeerJS client. heard is called with each frame but OPEN."""

    transport: WSTransport

    def __init__(self) -> None:
        self.heard: Callable[[], None] = lambda: None
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if self.open.done():
            self.heard()
        else:
            told = frame.get_payload_as_bytes()
            if told == b'{"type":"OPEN"}':
                self.open.set_result(None)
            else:
                self.open.set_exception(RuntimeError(f"not let in: {told!r}"))


async def enter(port: int) -> tuple[str, Client]:
    """A client that holds an id. Each comes from a network of its own, as people do."""
    number = next(numbers)
    name = f"{os.getpid()}-{number}"
    url = f"ws://127.0.0.1:{port}/peerjs?key=peerjs&id={name}&token=t{number}&version=1.5.5"
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    _, client = await ws_connect(Client, url, extra_headers={"X-Forwarded-For": address}, websocket_handshake_timeout=60)
    assert isinstance(client, Client)
    await client.open
    return name, client


class Pair:
    """Two clients with one frame under way between them."""

    def __init__(self, times: list[float]) -> None:
        self.times = times
        self.sent_at = 0.0

    async def begin(self, port: int, size_bytes: int) -> None:
        ends = [await enter(port), await enter(port)]
        for (_, client), (other, _) in (ends, ends[::-1]):
            client.heard = self._answering(client.transport, frame_for(other, size_bytes))
        self.sent_at = time.perf_counter()
        ends[0][1].transport.send(WSMsgType.TEXT, frame_for(ends[1][0], size_bytes))
        self.ends = ends

    def _answering(self, transport: WSTransport, frame: bytes) -> Callable[[], None]:
        def heard() -> None:
            now = time.perf_counter()
            self.times.append(now - self.sent_at)
            self.sent_at = now
            transport.send(WSMsgType.TEXT, frame)

        return heard


def frame_for(other: str, size_bytes: int) -> bytes:
    """An offer as PeerJS writes it."""
    bare = {"type": "OFFER", "payload": {"sdp": ""}, "dst": other}
    bare["payload"] = {"sdp": "v" * (size_bytes - len(json.dumps(bare, separators=(",", ":"))))}
    return json.dumps(bare, separators=(",", ":")).encode()


async def frames(port: int, pid: int, size_bytes: int, pairs: int, seconds: float) -> Figures:
    """Frames relayed for each CPU-second of the server, and how long one takes."""
    times: list[float] = []
    running = [Pair(times) for _ in range(pairs)]
    for pair in running:
        await pair.begin(port, size_bytes)
    await asyncio.sleep(WARM_S)
    times.clear()
    cpu, start = cpu_s(pid), time.perf_counter()
    await asyncio.sleep(seconds)
    cpu, wall, taken = cpu_s(pid) - cpu, time.perf_counter() - start, list(times)
    return {
        "per_cpu_s": len(taken) / cpu,
        "per_s": len(taken) / wall,
        "p99_ms": statistics.quantiles(taken, n=100)[98] * 1000,
    }


async def connects(port: int, pid: int, sockets: int) -> Figures:
    """How fast sockets come in, and what an idle one holds of the server's memory."""
    await gather(port, AT_ONCE)
    await asyncio.sleep(SETTLE_S)
    memory, cpu, start = memory_bytes(pid), cpu_s(pid), time.perf_counter()
    kept = await gather(port, sockets)
    wall, cpu = time.perf_counter() - start, cpu_s(pid) - cpu
    await asyncio.sleep(SETTLE_S)
    held = memory_bytes(pid) - memory
    assert len(kept) == sockets
    return {"per_s": sockets / wall, "per_cpu_s": sockets / cpu, "idle_kib": held / sockets / 1024}


async def gather(port: int, sockets: int) -> list[tuple[str, Client]]:
    """That many clients, AT_ONCE at a time."""
    left = iter(range(sockets))
    kept: list[tuple[str, Client]] = []

    async def some() -> None:
        for _ in left:
            kept.append(await enter(port))

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return kept


def main() -> None:
    what, *numbers_given = sys.argv[1:]
    measures: dict[str, Callable[..., Coroutine[Any, Any, Figures]]] = {"frames": frames, "connects": connects}
    answer = uvloop.run(measures[what](*(int(number) for number in numbers_given)))
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
