"""The broker's figures: beside npm `peer` on the same Node, one process each; and two workers beside one, over real Redis.

`python benchmarks/broker.py [picows|websockets]`. Each ratio is the median of RUNS runs' own ratios, what is compared measured
right after one another, with fresh servers. The bars are those of issue A2, lines 3 and 5; below one the exit code is 1.
CPU time of the servers is what the machine's other work hardly moves; the rest is only worth its ratio.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a program, this folder is the path, not the project

from processes import load  # noqa: E402  # after the path
from servers import Server, kibitz, npm_peer, two_workers  # noqa: E402

RUNS: Final = 5
PAIRS: Final = 50
SECONDS: Final = 2
SOCKETS: Final = 2_000
SIZES: Final = {"2.5 KB": 2500, "200 B": 200}
"""An offer, and a candidate."""

Figures = dict[str, float]
"""One run's, by "side what": the names of the table's columns and rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of ours and what it is held against: another's figure, or nothing (None). least, most: its bar, if it has one;
    of the ratio, or of the figure itself where there is none."""

    name: str
    ours: str
    other: str | None
    least: float | None = None
    most: float | None = None


ROWS: Final = (
    Row("frames per CPU-second, 2.5 KB", "kibitz 2.5 KB per_cpu_s", "npm peer 2.5 KB per_cpu_s", least=2.0),
    Row("frames per CPU-second, 200 B", "kibitz 200 B per_cpu_s", "npm peer 200 B per_cpu_s", least=1.5),
    Row("p99 of a frame in ms, 2.5 KB", "kibitz 2.5 KB p99_ms", "npm peer 2.5 KB p99_ms", most=0.9),
    Row("p99 of a frame in ms, 200 B", "kibitz 200 B p99_ms", "npm peer 200 B p99_ms", most=0.9),
    Row("connects per second", "kibitz connects per_s", "npm peer connects per_s", least=0.8),
    Row("connects per CPU-second", "kibitz connects per_cpu_s", "npm peer connects per_cpu_s"),
    Row("KiB per idle socket", "kibitz connects idle_kib", None, most=24.0),
    Row("KiB per idle socket, npm peer", "npm peer connects idle_kib", None),
    Row("two workers, 2.5 KB, one's", "two workers paced 2.5 KB per_cpu_s", "one worker paced 2.5 KB per_cpu_s", least=0.9),
    Row("two workers, 200 B, one's", "two workers paced 200 B per_cpu_s", "one worker paced 200 B per_cpu_s", least=0.9),
    Row("between workers, 2.5 KB, local", "between 2.5 KB per_cpu_s", "one worker 2.5 KB per_cpu_s", least=0.4),
    Row("between workers, 200 B, local", "between 200 B per_cpu_s", "one worker 200 B per_cpu_s", least=0.4),
)


def measured(name: str, what: str, server: Server, *sizes: int) -> Figures:
    """One measurement by the load's own process."""
    program = str(ROOT / "benchmarks" / "broker_load.py")
    ports, pids = (",".join(map(str, numbers)) for numbers in (server.ports, server.pids))
    command = [sys.executable, program, what, ports, pids, *map(str, sizes)]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return {f"{name} {figure}": value for figure, value in answer.items()}


def beside_npm_peer(websockets: str) -> Figures:
    """Fresh servers for each figure: one that saw thousands come and go is another server."""
    figures: Figures = {}
    with npm_peer() as theirs, kibitz(websockets) as ours:
        for side, server in (("npm peer", theirs), ("kibitz", ours)):
            figures |= measured(f"{side} connects", "connects", server, SOCKETS)
    for told, size_bytes in SIZES.items():
        with npm_peer() as theirs, kibitz(websockets) as ours:
            for side, server in (("npm peer", theirs), ("kibitz", ours)):
                figures |= measured(f"{side} {told}", "frames", server, size_bytes, PAIRS, SECONDS)
    return figures


def beside_one_worker(websockets: str) -> Figures:
    """Local frames of one worker, local frames of two, and frames between the two; Redis counts where frames pass it."""
    figures: Figures = {}
    with two_workers(websockets) as (one, both, all_told):
        for told, size_bytes in SIZES.items():
            for side, what, server in (
                ("one worker", "frames", one),
                ("between", "crossing", all_told),
                ("one worker paced", "paced", one),
                ("two workers paced", "paced", both),
            ):
                figures |= measured(f"{side} {told}", what, server, size_bytes, PAIRS, SECONDS)
    return figures


def report(runs: list[Figures]) -> bool:
    """Prints the table; whether all bars are reached."""
    print(f"\n{'medians':33}{'ours':>10}{'other':>10}{'ratio':>8}{'from – to':>15}  bar")
    verdicts = [_report_row(row, runs) for row in ROWS]
    return all(verdicts)


def _report_row(row: Row, runs: list[Figures]) -> bool:
    ours = [run[row.ours] for run in runs]
    others = [run[row.other] for run in runs] if row.other else []
    ratios = [one / other for one, other in zip(ours, others, strict=False)]
    value = median(ratios or ours)
    is_reached = (row.least is None or value >= row.least) and (row.most is None or value <= row.most)
    held = f"{_figure(median(others)):>10}{value:8.2f}{f'{min(ratios):.2f} – {max(ratios):.2f}':>15}" if others else f"{'':33}"
    bar = f"at least {row.least}" if row.least is not None else f"at most {row.most}" if row.most is not None else ""
    verdict = f"{bar}, {'reached' if is_reached else 'MISSED'}" if bar else "told only"
    print(f"{row.name:33}{_figure(median(ours)):>10}{held}  {verdict}")
    return is_reached


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"


def main() -> int:
    websockets = sys.argv[1] if len(sys.argv) > 1 else "picows"
    before = load()
    runs = [beside_npm_peer(websockets) | beside_one_worker(websockets) for _ in range(RUNS)]
    print(f"Broker, {websockets} class: {RUNS} runs, {PAIRS} pairs for {SECONDS} s, {SOCKETS} idle sockets")
    print(f"Before: {before}. After: {load()}.")
    return 0 if report(runs) else 1


if __name__ == "__main__":
    sys.exit(main())
