"""Links written by one language and read by the other: the same text, the same meaning, the same refusal.

The answers of TypeScript come from widget/tools/link-twin.ts, one Node process for each batch.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kibitz.wire.keys import PublicKey
from kibitz.wire.link_params import LinkParams
from kibitz.wire.links import Opened, read_link, write_link
from kibitz.wire.refusal import Refused
from tests.kibitz.wire.test_links import ORIGIN, hostile_links, links

T = TypeVar("T")
Answer = dict[str, Any]

ROOT = Path(__file__).parents[3]
PARAMETER_SETS = 400
HOSTILE_LINKS = 4000


def batch(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """Examples to be sent in one go."""
    found: list[T] = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    collect()
    return found


def ask_typescript(questions: Iterable[Answer]) -> list[Answer]:
    node = shutil.which("node")
    assert node, "Node is part of the development environment"
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        [node, "widget/tools/link-twin.ts"], cwd=ROOT, input=lines, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def camel(name: str) -> str:
    return re.sub("_(.)", lambda found: found[1].upper(), name)


def plain(value: object) -> object:
    match value:
        case PublicKey():
            return {"x": value.x, "y": value.y}
        case tuple():
            return [plain(part) for part in value]
        case _:
            return value


def told(params: LinkParams) -> Answer:
    values = {camel(field.name): plain(getattr(params, field.name)) for field in fields(params)}
    return {"kind": "link-params"} | {name: value for name, value in values.items() if value is not None}


def answer(found: Opened | Refused | str) -> Answer:
    match found:
        case Refused():
            return {"refused": found.code, "where": found.where}
        case str():
            return {"link": found}
        case _:
            opened = {"room": found.room, "params": told(found.params), "raw": plain(found.raw)}
            return opened if found.notice is None else opened | {"notice": found.notice}


def assert_same(questions: Sequence[Answer], ours: Sequence[Answer], theirs: Sequence[Answer]) -> None:
    assert len(ours) == len(theirs)
    for question, here, there in zip(questions, ours, theirs, strict=True):
        assert here == there, json.dumps(question)


def test_links_go_both_ways() -> None:
    sets = batch(links, PARAMETER_SETS)
    assert len(sets) >= 300
    texts = [str(write_link(ORIGIN, room, params)) for room, params in sets]
    writes = [{"op": "write", "origin": ORIGIN, "room": room, "params": told(params)} for room, params in sets]
    reads = [{"op": "read", "typed": text, "own_origin": ORIGIN} for text in texts]
    theirs = ask_typescript(writes + reads)
    assert_same(writes, [answer(text) for text in texts], theirs[: len(sets)])
    for (room, params), there in zip(sets, theirs[len(sets) :], strict=True):
        assert (there["room"], there["params"], there.get("notice")) == (room, told(params), None)
    for (room, params), there in zip(sets, theirs[: len(sets)], strict=True):
        here = read_link(there["link"], ORIGIN)
        assert isinstance(here, Opened)
        assert (here.room, here.params) == (room, params)


@pytest.mark.slow
def test_any_text_gets_the_same_answer() -> None:
    texts = batch(hostile_links, HOSTILE_LINKS)
    reads = [{"op": "read", "typed": text, "own_origin": ORIGIN} for text in texts]
    ours = [answer(read_link(text, ORIGIN)) for text in texts]
    assert_same(reads, ours, ask_typescript(reads))
    assert {found.get("refused") for found in ours} >= {None, "link-unreadable", "link-too-new", "link-incomplete"}


def test_what_cannot_be_written_is_refused_alike() -> None:
    changed = st.builds(
        lambda params, name, text: {**told(params), name: text},
        links.map(lambda link: link[1]),
        st.sampled_from(["hostName", "description", "issuer", "codeCheck", "inviteKey", "manifest", "notice", "clientId"]),
        st.sampled_from(["", ",", "x" * 81, "x" * 600, "\ud83d", "https://id.example/?q", "\u2028"]),
    )
    told_sets = batch(changed, 300)
    rooms = ["standup", "My Room", "new", "", "a" * 41]
    writes = [
        {"op": "write", "origin": ORIGIN, "room": rooms[at % 20] if at % 20 < len(rooms) else "standup", "params": params}
        for at, params in enumerate(told_sets)
    ]
    ours = [answer(write_link(ORIGIN, str(write["room"]), heard(write["params"]))) for write in writes]
    assert_same(writes, ours, ask_typescript(writes))


def heard(params: Any) -> LinkParams:
    names = {camel(field.name): field.name for field in fields(LinkParams)}
    values = {names[name]: value for name, value in params.items() if name != "kind"}
    for name, value in values.items():
        if isinstance(value, dict):
            values[name] = PublicKey(**value)
        elif isinstance(value, list):
            values[name] = tuple(value)
    return LinkParams(**values)
