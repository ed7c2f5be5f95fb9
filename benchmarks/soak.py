"""`make soak`: thousands of idle sockets with heartbeats for minutes. Memory must stay flat, timers must not drift.

Prints the server's memory and CPU once a minute, how late its answers to a probe come, and at the end whether memory grew.
The probe is a pair of peers that pass a frame to each other every second.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conftest import served_process  # after the path

HEARTBEAT_S: Final = 5.0
"""As often as PeerJS sends one."""

GROWTH: Final = 1.10
"""How much more memory at the end than after the first minute still counts as flat: allocators breathe."""


class IdlePeer(asyncio.Protocol):
    """One PeerJS client that only says that it is there."""

    def __init__(self, host: str, path: str) -> None:
        self.host, self.path = host, path
        self.is_open = False
        self.transport: asyncio.Transport | None = None
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = "MDEyMzQ1Njc4OWFiY2RlZg=="
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {self.host}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
        transport.write("\r\n".join(lines).encode())

    def data_received(self, data: bytes) -> None:
        self.is_open = self.is_open or b'"OPEN"' in data
        if data[:1] == b"\x89" and self.transport:  # a ping wants its answer
            self.transport.write(b"\x8a\x80" + secrets.token_bytes(4))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def say(self, text: str) -> None:
        payload = text.encode()
        assert len(payload) < 126
        mask = b"\x00\x00\x00\x00"
        if self.transport:
            self.transport.write(bytes([0x81, 0x80 | len(payload)]) + mask + payload)


async def soak(pid: int, origin: str, count: int, minutes: float) -> bool:
    loop = asyncio.get_running_loop()
    host = origin.removeprefix("http://")
    name, port = host.split(":")

    async def connect(peer_id: str) -> IdlePeer:
        path = f"/peerjs?key=peerjs&id={peer_id}&token={peer_id}&version=1.5.5"
        _, peer = await loop.create_connection(
            lambda: IdlePeer(host, path), "127.0.0.1" if name == "localhost" else name, int(port)
        )
        return peer

    peers: list[IdlePeer] = []
    for start in range(0, count, 100):
        peers += await asyncio.gather(*(connect(f"idle-{number}") for number in range(start, min(count, start + 100))))
        while not all(peer.is_open or peer.lost for peer in peers[start:]):
            await asyncio.sleep(0.01)
    print(f"{sum(peer.is_open for peer in peers)} of {count} sockets open, {memory_kib(pid) / 1024:.0f} MiB")
    readings: list[int] = []
    late_ms: list[float] = []
    begun, cpu = time.monotonic(), cpu_s(pid)
    next_report = begun + 60
    for beat in range(int(minutes * 60 / HEARTBEAT_S)):
        due = begun + beat * HEARTBEAT_S
        for number, peer in enumerate(peers):
            peer.say('{"type":"HEARTBEAT"}')
            if number % 500 == 0:
                await asyncio.sleep(0)
        late_ms.append((time.monotonic() - due) * 1000)
        if time.monotonic() >= next_report:
            next_report += 60
            readings.append(memory_kib(pid))
            alive = sum(not peer.lost for peer in peers)
            used = (cpu_s(pid) - cpu) / (time.monotonic() - begun)
            print(f"{alive} alive, {readings[-1] / 1024:.0f} MiB, {used:.1%} of a core, {statistics.median(late_ms):.0f} ms late")
        await asyncio.sleep(max(0.0, begun + (beat + 1) * HEARTBEAT_S - time.monotonic()))
    alive = sum(not peer.lost for peer in peers)
    is_flat = len(readings) < 2 or readings[-1] <= readings[0] * GROWTH
    print(f"{alive} of {count} alive after {minutes:g} min; memory {'flat' if is_flat else 'GREW'}")
    return is_flat and alive == count


def memory_kib(pid: int) -> int:
    """Resident memory of the server process."""
    return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))


def cpu_s(pid: int) -> float:
    """CPU seconds the server process used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=5_000)
    parser.add_argument("--minutes", type=float, default=10)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as var,
        served_process(Path(var), {"BROKER_SOCKETS_PER_NETWORK": "0"}) as (process, origin),
    ):
        return 0 if asyncio.run(soak(process.pid, origin, chosen.sockets, chosen.minutes)) else 1


if __name__ == "__main__":
    sys.exit(main())
