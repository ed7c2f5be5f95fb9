"""What hostile inputs cost to judge, beside well-formed inputs of the same total size: `python benchmarks/wire.py`.

CPU time, medians of 5, for each reader and in total, in Python and in TypeScript (benchmarks/wire.ts). The bar: hostile
inputs cost at most twice as much as well-formed ones; above it the exit code is 1.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a program, this folder is the path, not the project

from tests.kibitz.wire.corpus import edges, hostile, valid  # noqa: E402  # after the path
from tests.kibitz.wire.verdicts import READERS  # noqa: E402

SEED = 20_261_124
COUNT = 40_000
EDGES = 10
"""One in so many of the inputs tried by name, which are many and large."""
RUNS = 5
BAR = 2.0
STRETCHED = {"seal"}
"""Readers whose cost is wanted: a sound seal takes 0.2 s, whoever made it, so a comparison says nothing."""

Texts = dict[str, dict[str, list[str]]]
"""reader -> "hostile" | "valid" -> inputs."""

Costs = dict[str, dict[str, float]]
"""reader -> "hostile" | "valid" -> CPU milliseconds."""


def gather() -> Texts:
    """The corpus by reader, and for each reader well-formed inputs of as many characters."""
    texts: Texts = {reader: {"hostile": [], "valid": []} for reader in READERS if reader not in STRETCHED}
    for item in (*islice(edges(), 0, None, EDGES), *hostile(SEED, COUNT)):
        if item.reader in texts:
            texts[item.reader]["hostile"].append(item.text)
    for reader, sets in texts.items():
        wanted = sum(map(len, sets["hostile"]))
        source = valid(SEED, reader)
        while wanted > 0:
            text = next(source).text
            sets["valid"].append(text)
            wanted -= len(text)
    return texts


def cpu_ms(read: Callable[[str], object], texts: list[str]) -> float:
    """CPU milliseconds of one pass."""
    start = time.process_time()
    for text in texts:
        read(text)
    return (time.process_time() - start) * 1000


def python_costs(texts: Texts) -> Costs:
    return {
        reader: {name: statistics.median(cpu_ms(READERS[reader], sets[name]) for _ in range(RUNS)) for name in sets}
        for reader, sets in texts.items()
    }


def typescript_costs(texts: Texts) -> Costs:
    with tempfile.TemporaryFile() as lines:
        lines.write("".join(json.dumps({"reader": reader, **sets}) + "\n" for reader, sets in texts.items()).encode("ascii"))
        lines.seek(0)
        answer = subprocess.run(  # our own program
            ["node", "benchmarks/wire.ts", str(RUNS)],  # the Node of this environment
            cwd=ROOT,
            stdin=lines,
            stdout=subprocess.PIPE,
            check=True,
        )
    costs: Costs = json.loads(answer.stdout)
    return costs


def report(language: str, costs: Costs) -> float:
    """Prints a table and answers the ratio of the totals."""
    totals = {name: sum(cost[name] for cost in costs.values()) for name in ("hostile", "valid")}
    say(f"\n{language:24}{'hostile ms':>12}{'valid ms':>12}{'ratio':>8}")
    for reader, cost in [*sorted(costs.items(), key=lambda entry: -entry[1]["hostile"]), ("all", totals)]:
        say(f"{reader:24}{cost['hostile']:12.1f}{cost['valid']:12.1f}{cost['hostile'] / max(cost['valid'], 0.001):8.2f}")
    return totals["hostile"] / totals["valid"]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    texts = gather()
    count = {name: sum(len(sets[name]) for sets in texts.values()) for name in ("hostile", "valid")}
    chars = sum(len(text) for sets in texts.values() for text in sets["hostile"])
    say(f"seed {SEED}: {count['hostile']} hostile and {count['valid']} valid inputs, {chars / 1e6:.1f} million characters each")
    ratios = [report("Python", python_costs(texts)), report("TypeScript", typescript_costs(texts))]
    say(f"\nhostile / valid: Python {ratios[0]:.2f}, TypeScript {ratios[1]:.2f} (bar {BAR:.1f})")
    return 0 if max(ratios) <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
