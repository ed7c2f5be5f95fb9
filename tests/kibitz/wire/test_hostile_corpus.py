"""Hostile inputs from outside: no exception, and the same verdict from both languages."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.kibitz.wire.corpus import Input, hostile
from tests.kibitz.wire.verdicts import verdict

ROOT = Path(__file__).parents[3]
SEED = 20_261_124
SHOWN = 5
"""How many differing inputs are printed."""


def answers_of_node(inputs: list[Input], folder: Path) -> subprocess.Popen[bytes]:
    """A Node process that judges the inputs; it answers on stdout."""
    path = folder / "inputs.jsonl"
    path.write_text("".join(json.dumps({"reader": item.reader, "text": item.text}) + "\n" for item in inputs), "ascii")
    with path.open("rb") as lines:
        return subprocess.Popen(["node", "widget/tools/wire-verdicts.ts"], cwd=ROOT, stdin=lines, stdout=subprocess.PIPE)


def differences(inputs: list[Input], folder: Path) -> list[str]:
    """The inputs on which Python and TypeScript disagree, shortest first, with both verdicts."""
    node = answers_of_node(inputs, folder)
    ours = [verdict(item.reader, item.text) for item in inputs]
    output, _ = node.communicate()
    assert node.returncode == 0
    theirs = [json.loads(line) for line in output.decode("utf-8").split("\n")]
    assert len(theirs) == len(inputs)
    found = [
        (len(item.text), f"{item.reader} {item.text!r:.2000}\n  Python:     {one}\n  TypeScript: {other}")
        for item, one, other in zip(inputs, ours, theirs, strict=True)
        if one != other
    ]
    return [line for _, line in sorted(found)]


def judge(count: int, folder: Path) -> None:
    print(f"seed {SEED}, {count} inputs")  # noqa: T201  # shown by pytest only when the test fails
    found = differences(list(hostile(SEED, count)), folder)
    assert not found, f"seed {SEED}: {len(found)} of {count} differ\n" + "\n".join(found[:SHOWN])


def test_both_languages_agree_on_a_sample(tmp_path: Path) -> None:
    judge(5_000, tmp_path)


@pytest.mark.slow
def test_both_languages_agree_on_every_hostile_input(tmp_path: Path) -> None:
    judge(100_000, tmp_path)
