"""The same exchanges against npm `peer` 1.0.2 and our broker: equal, or different on purpose (docs/broker.md)."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.conftest import ROOT, served
from tests.rooms.conformance import frames, hellos, stories
from tests.rooms.conformance.requests import REQUESTS, Request, answer
from tests.rooms.conformance.runner import play_all
from tests.rooms.conformance.servers import WEBSOCKET_CLASSES, chosen, npm_peer
from tests.rooms.conformance.steps import Difference, Enter, Exchange, Hear, Say

pytestmark = pytest.mark.server

EXCHANGES: list[Exchange] = [*hellos.EXCHANGES, *frames.EXCHANGES, *stories.EXCHANGES]
ROWS: list[Exchange | Request] = [*EXCHANGES, *REQUESTS]
NOT_PLAYED = {"unreadable frames", "waiting times", "waiting frames", "sockets", "silence"}
"""Rows of docs/broker.md that have tests of their own, below or in the session's tests with a clock that can be moved."""


@pytest.fixture(scope="module")
def npm() -> Iterator[str]:
    """The origin of npm `peer`."""
    with npm_peer() as (origin, _):
        yield origin


@pytest.fixture(scope="module", params=WEBSOCKET_CLASSES)
def ours(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of our server, in each of its forms."""
    with served(tmp_path_factory.mktemp("conformance"), chosen(request.param)) as origin:
        yield origin


@pytest.fixture(scope="module")
def npm_heard(npm: str) -> dict[str, list[str]]:
    """What npm's clients heard in each exchange."""
    return asyncio.run(play_all(npm, EXCHANGES))


@pytest.fixture(scope="module")
def our_heard(ours: str) -> dict[str, list[str]]:
    """What our clients heard in each exchange."""
    return asyncio.run(play_all(ours, EXCHANGES))


def rows(table: Sequence[Exchange | Request]) -> list[Any]:
    """The table as parameters. A row whose change is not made yet must fail until it is."""
    return [
        pytest.param(row, id=row.name, marks=[pytest.mark.xfail(reason=row.waits_for)] if row.waits_for else []) for row in table
    ]


def compare(npm: list[str], ours: list[str], difference: Difference | None) -> None:
    if difference is None:
        assert ours == npm
    else:
        assert npm == list(difference.npm)
        assert ours == list(difference.ours)


def test_the_table_is_large_enough_and_no_row_hides_another() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names)) >= 60


@pytest.mark.parametrize("exchange", rows(EXCHANGES))
def test_an_exchange(exchange: Exchange, npm_heard: dict[str, list[str]], our_heard: dict[str, list[str]]) -> None:
    compare(npm_heard[exchange.name], our_heard[exchange.name], exchange.difference)


@pytest.mark.parametrize("request_row", rows(REQUESTS))
def test_a_request(request_row: Request, npm: str, ours: str) -> None:
    compare(answer(npm, request_row), answer(ours, request_row), request_row.difference)


def test_every_difference_is_a_row_of_the_document_and_every_row_is_a_difference() -> None:
    section = (
        (ROOT / "docs" / "broker.md").read_text(encoding="utf-8").partition("## Deliberate differences")[2].partition("\n## ")[0]
    )
    told = {line.split(" | ")[0].removeprefix("| ") for line in section.splitlines() if line.startswith("| ")}
    assert told - {"what", "---"} == {row.difference.row for row in ROWS if row.difference} | NOT_PLAYED


def test_a_missing_peer_expires_sooner_than_with_npm(npm: str, ours: str) -> None:
    asked = Exchange("waiting", [Enter("ann"), Say("ann", '{"type":"OFFER","dst":"nobody~"}'), Hear("ann")])

    async def taken_s(origin: str) -> float:
        began_at = time.monotonic()
        await play_all(origin, [asked])
        return time.monotonic() - began_at

    async def both() -> tuple[float, float]:
        return await asyncio.gather(taken_s(npm), taken_s(ours))

    npm_s, ours_s = asyncio.run(both())
    assert ours_s >= 1  # somebody who is just registering is waited for
    assert npm_s >= 5
    assert ours_s < npm_s


def test_npm_as_its_readme_starts_it_ends_at_an_unreadable_frame() -> None:
    with npm_peer(is_listening=False) as (origin, process):

        async def say_garbage() -> None:
            address = f"{origin.replace('http', 'ws', 1)}/peerjs?key=peerjs&id=ann&token=t"
            async with connect(address, proxy=None) as ann:
                await ann.recv()
                await ann.send("{")
                with pytest.raises(ConnectionClosed):
                    await ann.recv()

        asyncio.run(say_garbage())
        assert process.wait(timeout=60) != 0
