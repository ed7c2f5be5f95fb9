"""The election under a rush: four processes claim the same ids at once, and each id has one winner."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack

import pytest

from tests.conftest import ROOT
from tests.rooms.registry.real_redis import RealRedis

pytestmark = pytest.mark.server

PROCESSES = 4
IDS = 200


def rush(url: str, times: int) -> tuple[Counter[str], int]:
    """How often each id was won in all, and how many claims were refused. times: claims for an id from each process."""
    command = [sys.executable, "-m", "tests.rooms.registry.claimer", url, str(IDS), str(times)]
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
            )
            for _ in range(PROCESSES)
        ]
        _each_says(crowd)
        _tell_each(crowd)
        results = [json.loads(line) for line in _each_says(crowd)]
        _tell_each(crowd)
    won: Counter[str] = Counter()
    for result in results:
        won.update(result["won"])
    return won, sum(result["taken"] for result in results)


def _tell_each(crowd: list[subprocess.Popen[str]]) -> None:
    for process in crowd:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()


def _each_says(crowd: list[subprocess.Popen[str]]) -> list[str]:
    return [process.stdout.readline() for process in crowd if process.stdout]


@pytest.mark.parametrize(
    "claims", [pytest.param(100, id="100-claims-an-id"), pytest.param(1_000, id="1000-claims-an-id", marks=pytest.mark.slow)]
)
def test_each_of_200_ids_has_one_winner(redis: RealRedis, claims: int) -> None:
    won, taken = rush(redis.url, claims // PROCESSES)
    assert won == Counter({f"room-{number}": 1 for number in range(IDS)})
    assert taken == IDS * (claims - 1)
