"""Hostile inputs from outside: no exception, and the same verdict from both languages."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.binarypack import pack, unpack
from kibitz.wire.refusal import Refused
from kibitz.wire.values import read_json
from tests.kibitz.wire.corpus import Input, edges, hostile
from tests.kibitz.wire.corpus_seeds import VALUES
from tests.kibitz.wire.verdicts import READERS, verdict

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


def judge(inputs: list[Input], folder: Path) -> None:
    found = differences(inputs, folder)
    assert not found, f"seed {SEED}: {len(found)} of {len(inputs)} differ\n" + "\n".join(found[:SHOWN])


def test_both_languages_agree_on_a_sample(tmp_path: Path) -> None:
    judge([*hostile(SEED, 5_000)], tmp_path)


@pytest.mark.slow
def test_both_languages_agree_on_every_hostile_input(tmp_path: Path) -> None:
    judge([*edges(), *hostile(SEED, 100_000)], tmp_path)


def test_every_reader_is_tried_and_accepts_and_refuses() -> None:
    found = {(item.reader, "ok" in verdict(item.reader, item.text)) for item in hostile(SEED, 20_000)}
    never_refuse = {"typed-code", "identity", "form", "peer-id", "broker-token"}
    assert {(reader, True) for reader in READERS if reader != "seal"} <= found  # an accepted seal takes 0.2 s: edges() has it
    assert {(reader, False) for reader in READERS if reader not in never_refuse} <= found


def test_what_json_says_survives_packing_or_is_refused() -> None:
    texts = (item.text for item in hostile(SEED, 5_000) if item.reader in VALUES)
    for value in (read_json(text) for text in texts):
        packed = pack(value) if not isinstance(value, Refused) else value
        if isinstance(packed, bytes):
            assert pack(unpack(packed)) == packed


@given(st.lists(st.lists(st.integers(0, 19), max_size=4), min_size=1, max_size=20))
def test_any_graph_packs_or_is_refused(edges_of: list[list[int]]) -> None:
    """Node n is a list (or, if n is odd, a record) of other nodes, loops and shared parts included."""
    nodes: list[list[object] | dict[str, object]] = [{} if number % 2 else [] for number in range(len(edges_of))]
    for node, targets in zip(nodes, edges_of, strict=True):
        parts = [nodes[target % len(nodes)] for target in targets]
        if isinstance(node, list):
            node.extend(parts)
        else:
            node.update((str(place), part) for place, part in enumerate(parts))
    packed = pack(nodes[0])
    if isinstance(packed, Refused):
        assert packed.code in ("too-deep", "too-large")
    else:
        assert unpack(packed) == nodes[0]
