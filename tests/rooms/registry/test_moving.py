"""A peer that comes, and moves from worker to worker, while others write to it, with whole hubs over a real Redis."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import pytest

from rooms.broker.limits import Limits
from rooms.broker.session import Broker, Hello
from rooms.hub import Hub
from rooms.registry.redis import RedisRegistry
from tests.rooms.registry.real_redis import RealRedis
from tests.rooms.registry.workers import until

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("nothing_left_running")]

_numbers = count()


class Line:
    """A socket that writes down what it is told, into a list that all sockets of one peer share."""

    queued_bytes = 0
    is_overrun = False

    def __init__(self, got: list[object]) -> None:
        self.got = got
        self.is_open = False
        self.is_closed = False

    def write(self, text: str) -> None:
        message = json.loads(text)
        self.is_open = self.is_open or message["type"] == "OPEN"
        if message["type"] != "OPEN":
            self.got.append(message.get("payload", message["type"]))

    def close(self, code: int) -> None:
        self.is_closed = True


@asynccontextmanager
async def hubs(redis: RealRedis, number: int) -> AsyncIterator[list[Hub]]:
    limits = Limits(frames_per_s=0, sockets_per_network=0, claims_per_minute=0, mailbox_frames=10_000, mailbox_bytes=10_000_000)
    running = [Hub(Broker(limits), RedisRegistry(redis.url, f"hub-{next(_numbers)}", 5.0), time.monotonic) for _ in range(number)]
    for hub in running:
        await hub.open()
    try:
        yield running
    finally:
        for hub in running:
            await hub.close()


async def join(hub: Hub, peer_id: str, got: list[object]) -> tuple[int, Line]:
    line = Line(got)
    number = hub.enter(line, Hello("peerjs", peer_id, "token"))
    await until(lambda: line.is_open)
    return number, line


@pytest.mark.parametrize("is_told", [True, False], ids=["old socket closes first", "old socket hangs"])
async def test_a_stream_of_frames_follows_a_moving_peer_in_order_and_none_is_lost_or_doubled(
    redis: RealRedis, is_told: bool
) -> None:
    async with hubs(redis, 3) as (first, second, third):
        got: list[object] = []
        ann, _ = await join(third, "ann", [])
        number, line = await join(first, "ben", got)
        said = 0
        for move in range(20):
            for _ in range(50):
                third.hear(ann, json.dumps({"type": "OFFER", "dst": "ben", "payload": said}))
                said += 1
                await asyncio.sleep(0)
            # it stays for a frame: who moves away and back at once may get frames out of order (outbox.py)
            await until(lambda told=said: len(got) > told - 50)  # type: ignore[misc]
            here, there = (first, second) if move % 2 == 0 else (second, first)
            if is_told:
                here.left(number, 1006)
            number, new_line = await join(there, "ben", got)
            if not is_told:
                await until(lambda old=line: old.is_closed)  # type: ignore[misc]
            line = new_line
        await until(lambda: len(got) >= said)
        assert sorted(got, key=str) == sorted(range(said), key=str)
        assert got == list(range(said))


async def test_frames_for_a_peer_that_is_just_coming_arrive_in_order(redis: RealRedis) -> None:
    async with hubs(redis, 2) as (here, there):
        ann, _ = await join(here, "ann", [])
        for attempt in range(0, 60, 5):
            got: list[object] = []
            for number in range(60):
                here.hear(ann, json.dumps({"type": "OFFER", "dst": f"ben-{attempt}", "payload": number}))
                if number == attempt:
                    there.enter(Line(got), Hello("peerjs", f"ben-{attempt}", "token"))
                await asyncio.sleep(0)
            await until(lambda got=got: len(got) >= 60)  # type: ignore[misc]
            assert got == list(range(60))
