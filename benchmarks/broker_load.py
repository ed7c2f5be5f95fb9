"""The load on a broker, in a process of its own: `broker_load.py frames|crossing|paced|connects PORTS PIDS …`, an answer as JSON.

CPU time is the servers' own, over the measured stretch only. picows' client costs less for a frame than any server here, but a
connection costs it more than it costs npm `peer`: connections per second are the client's limit there, so the same for each
CPU-second of the server is told beside it.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from itertools import count
from typing import Any, Final

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from processes import cpu_s, memory_bytes

WARM_S = 0.7
"""Both servers compile or cache on their first frames."""
AT_ONCE = 50
"""Handshakes under way at the same time."""
PACE_S = 0.0025
"""Between two frames of a sender that keeps a pace: 50 senders make 20,000 a second, a fifth of what a worker can."""
SETTLE_S = 2.0
"""After the last socket, before memory is read: both servers collect garbage."""

Figures = dict[str, float]

numbers = count()


class Client(WSListener):
    """A PeerJS client. heard is called with each frame but OPEN."""

    transport: WSTransport

    def __init__(self) -> None:
        self.heard: Callable[[], None] = lambda: None
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_gone = False

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

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.is_gone = True
        if not self.open.done():
            self.open.set_exception(ConnectionResetError("the server ended the connection"))


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

    async def begin(self, ports: tuple[int, int], size_bytes: int) -> None:
        (name, client), (other_name, other) = [await enter(port) for port in ports]
        client.heard = self._answering(client.transport, frame_for(other_name, size_bytes))
        other.heard = self._answering(other.transport, frame_for(name, size_bytes))
        self.sent_at = time.perf_counter()
        client.transport.send(WSMsgType.TEXT, frame_for(other_name, size_bytes))

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


Numbers = tuple[int, ...]


async def frames(ports: Numbers, pids: Numbers, size_bytes: int, pairs: int, seconds: float) -> Figures:
    """So many pairs on each worker, both ends on the same: a worker is as busy beside another as alone."""
    return await relay([(port, port) for port in ports] * pairs, pids, size_bytes, seconds)


async def crossing(ports: Numbers, pids: Numbers, size_bytes: int, pairs: int, seconds: float) -> Figures:
    """Pairs with an end on each of two workers."""
    one, other = ports
    return await relay([(one, other)] * pairs, pids, size_bytes, seconds)


async def paced(ports: Numbers, pids: Numbers, size_bytes: int, pairs: int, seconds: float) -> Figures:
    """The same frames a second at each worker, however many there are. (As fast as it goes, this process would be the limit, and
    each of two workers half as busy as one: a server that finds fewer frames at a time pays more for each.)"""
    got = count()
    senders: list[tuple[WSTransport, bytes]] = []
    for port in ports * pairs:
        (_, client), (other_name, other) = [await enter(port) for _ in range(2)]
        other.heard = partial(_count, got)
        senders.append((client.transport, frame_for(other_name, size_bytes)))
    pace = asyncio.create_task(_keep_pace(senders))
    await asyncio.sleep(WARM_S)
    cpu, start, before = total_cpu_s(pids), time.perf_counter(), next(got)
    await asyncio.sleep(seconds)
    cpu, wall, taken = total_cpu_s(pids) - cpu, time.perf_counter() - start, next(got) - before
    pace.cancel()
    return {"per_cpu_s": taken / cpu, "per_s": taken / wall}


def _count(got: Iterator[int]) -> None:
    next(got)


async def _keep_pace(senders: list[tuple[WSTransport, bytes]]) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        for transport, frame in senders:
            transport.send(WSMsgType.TEXT, frame)
        due = max(due + PACE_S, loop.time() - PACE_S)
        await asyncio.sleep(max(0.0, due - loop.time()))


async def relay(pairs: list[tuple[int, int]], pids: Numbers, size_bytes: int, seconds: float) -> Figures:
    """Frames relayed for each CPU-second of the processes, and how long one takes. pairs: the ports of each one's two ends."""
    times: list[float] = []
    for ports in pairs:
        await Pair(times).begin(ports, size_bytes)
    await asyncio.sleep(WARM_S)
    times.clear()
    cpu, start = total_cpu_s(pids), time.perf_counter()
    await asyncio.sleep(seconds)
    cpu, wall, taken = total_cpu_s(pids) - cpu, time.perf_counter() - start, list(times)
    return {
        "per_cpu_s": len(taken) / cpu,
        "per_s": len(taken) / wall,
        "p99_ms": statistics.quantiles(taken, n=100)[98] * 1000,
    }


def total_cpu_s(pids: Numbers) -> float:
    return sum(map(cpu_s, pids))


async def connects(ports: Numbers, pids: Numbers, sockets: int) -> Figures:
    """How fast sockets come in, from the request to OPEN, and what an idle one holds of the server's memory."""
    (port,), (pid,) = ports, pids
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


MEASURES: Final[dict[str, Callable[..., Coroutine[Any, Any, Figures]]]] = {
    "frames": frames,
    "crossing": crossing,
    "paced": paced,
    "connects": connects,
}


def main() -> None:
    what, ports, pids, *sizes = sys.argv[1:]
    answer = uvloop.run(MEASURES[what](numbers_in(ports), numbers_in(pids), *map(int, sizes)))
    sys.stdout.write(json.dumps(answer))


def numbers_in(text: str) -> Numbers:
    """Numbers with commas between them."""
    return tuple(map(int, text.split(",")))


if __name__ == "__main__":
    main()
