"""The two languages read every message alike: the shared vectors, and thousands of damaged ones."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kibitz.wire.registry import READERS, verdict

ROOT = Path(__file__).parents[3]
GROWN = {"~repeat", "~list", "~keys", "~join", "~concat"}


def grow(value: Any) -> Any:
    """A vector's value with its short forms written out, so that long texts and lists need no room in the file."""
    if isinstance(value, list):
        return [grow(part) for part in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1 or not GROWN & value.keys():
        return {key: grow(part) for key, part in value.items()}
    ((how, parts),) = value.items()
    if how == "~join":
        return "".join(map(grow, parts))
    if how == "~concat":
        return [item for part in parts for item in grow(part)]
    unit, times = grow(parts[0]), parts[1]
    if how == "~repeat":
        return unit * times
    return [unit] * times if how == "~list" else {f"k{number}": unit for number in range(times)}


ROWS = json.loads((ROOT / "tests/vectors/messages.json").read_text("utf-8"))


def text_of(row: dict[str, Any]) -> str:
    return str(grow(row["text"])) if "text" in row else json.dumps(grow(row["value"]))


def plain(value: Any) -> str:
    """One text for values that a browser cannot tell apart."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return float(value) + 0.0 if isinstance(value, int | float) and not isinstance(value, bool) else value


def browser_verdicts(cases: list[tuple[str, str]]) -> list[Any]:
    lines = "".join(json.dumps({"decoder": decoder, "text": text}) + "\n" for decoder, text in cases)
    done = subprocess.run(
        ["node", str(ROOT / "widget/tools/message-twin.ts")], input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


def differences(cases: list[tuple[str, str]]) -> list[str]:
    both = zip(cases, browser_verdicts(cases), strict=True)
    found = [(decoder, text, verdict(decoder, text), theirs) for (decoder, text), theirs in both]
    unlike = [case for case in found if plain(case[2]) != plain(case[3])]
    lines = [(decoder, json.dumps(text), plain(ours), plain(theirs)) for decoder, text, ours, theirs in unlike]
    return [f"{decoder} {text[:400]}\n  here {ours[:200]}\n  browser {theirs[:200]}" for decoder, text, ours, theirs in lines]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['decoder']}: {row['what']}")
def test_vector(row: dict[str, Any]) -> None:
    found = verdict(row["decoder"], text_of(row))
    if "refused" in row:
        assert found == {"refused": row["refused"], "where": row["where"]}
    else:
        assert plain(found) == plain({"ok": grow(row["value"] if "same" in row else row["ok"])})


def test_what_was_written_is_read_as_the_same() -> None:
    kept = [(row["decoder"], text_of(row)) for row in ROWS if "same" in row]
    for decoder, text in kept:
        once = verdict(decoder, text)["ok"]
        assert plain(verdict(decoder, json.dumps(once))["ok"]) == plain(once)


def test_every_decoder_has_vectors() -> None:
    assert {row["decoder"] for row in ROWS} == set(READERS)


def test_the_browser_reads_the_vectors_alike() -> None:
    assert differences([(row["decoder"], text_of(row)) for row in ROWS]) == []


SEEDS = [(row["decoder"], grow(row["value"])) for row in ROWS if "value" in row and len(text_of(row)) < 2_000]
INFINITE = "@infinite"
"""Written as 1e400: JSON that no number can hold."""

words = st.sampled_from(["", " ", "a-", "\n", "__proto__", "toString", "\ud83d", "😀", "\u0130", "\u2028", "1", "chat", INFINITE])
lengths = st.sampled_from([15, 16, 17, 40, 43, 64, 65, 80, 120, 128, 256, 257, 500, 512, 513, 2048, 2049, 4095, 4096, 8192, 8193])
long_texts = st.builds(lambda unit, times: unit * times, st.sampled_from(["x", "é", "😀", " ", '"']), lengths)
numbers = (
    st.sampled_from([0, -0.0, -1, 0.5, 1e-7, 1e21, 2**53 - 1, 2**53, 65536])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
)
leaves = st.none() | st.booleans() | numbers | words | long_texts | st.text(max_size=8)
names = words | st.text(max_size=4)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=5)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in entries for place in places(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    if not path:
        return part
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], part)
    return changed


def written(value: Any) -> str:
    return json.dumps(value).replace(f'"{INFINITE}"', "1e400")


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str]:
    decoder, value = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 3))):
        value = replaced(value, draw(st.sampled_from(places(value)[1:] or [()])), draw(values))
    if isinstance(value, dict) and draw(st.booleans()):
        value = {**value, draw(words): draw(values)}
    text = written(value)
    return decoder, text[: draw(st.integers(0, len(text)))] if draw(st.integers(0, 19)) == 0 else text


@pytest.mark.slow
def test_the_browser_reads_damaged_messages_alike() -> None:
    cases: list[tuple[str, str]] = []

    @settings(max_examples=2_000, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(damaged() | damaged() | damaged() | st.tuples(st.sampled_from(sorted(READERS)), values.map(written) | st.text()))
    def collect(case: tuple[str, str]) -> None:
        cases.append(case)

    collect()
    found = differences(cases)
    if found:
        pytest.fail("\n".join(sorted(found, key=len)[:5]), pytrace=False)
