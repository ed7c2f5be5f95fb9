"""What befalls two servers and their Redis. One table; test_outages.py tells it."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.rooms.outages.world import Cuts, World, reaches_redis, until_it_is
from tests.rooms.registry.clients import Site, first_word, joined, told
from tests.rooms.registry.workers import until

OUTAGE_S: Final = 20.0
FREEZE_S: Final = 3.0
"""As long as servers must bear it; docs/broker.md promises more."""


async def freeze_redis(world: World) -> None:
    world.redis.freeze()
    await _outlast(world)
    world.redis.thaw()


async def kill_redis(world: World) -> None:
    world.redis.stop()
    await _outlast(world)
    world.redis.start()


async def empty_redis(world: World) -> None:
    world.redis.stop()
    world.is_under_way.set()
    world.redis.start()


async def cut_the_network(world: World) -> None:
    world.cut()
    await _outlast(world)
    world.mend()


async def cut_one_server_off(world: World) -> None:
    """Its ids are free for others after a while, and it finds out."""
    ends_at = time.monotonic() + OUTAGE_S
    world.cut()
    await _until_unreachable(world.far)
    world.is_under_way.set()
    thieves = [await joined(world.near, f"victim-{number}", "thief") for number in range(len(world.victims))]
    while time.monotonic() < ends_at:
        assert await first_word(world.far, "newcomer", "n") == "ERROR"
        assert await first_word(world.near, "newcomer", "n") == "OPEN"
    world.mend()
    for victim in world.victims:
        with pytest.raises(ConnectionClosed):
            await told(victim)
    await asyncio.gather(*(thief.close() for thief in thieves))


async def kill_the_server(world: World) -> None:
    world.far.process.kill()
    world.is_under_way.set()
    await until(lambda: world.far.process.poll() is not None)


async def freeze_the_server(world: World) -> None:
    world.far.process.send_signal(signal.SIGSTOP)
    world.is_under_way.set()
    ends_at = time.monotonic() + FREEZE_S
    while time.monotonic() < ends_at:
        assert await first_word(world.near, world.crowd[0].peer_id, "thief") == "ID-TAKEN"
    world.far.process.send_signal(signal.SIGCONT)


async def stop_the_server(world: World) -> None:
    world.far.process.send_signal(signal.SIGTERM)
    world.is_under_way.set()
    some_were_there_while_others_were_gone = False
    while world.far.process.poll() is None:
        gone = sum(bool(client.codes) for client in world.crowd)
        some_were_there_while_others_were_gone |= 0 < gone < len(world.crowd)
        await asyncio.sleep(0.01)
    assert some_were_there_while_others_were_gone


async def _outlast(world: World) -> None:
    """Both servers find that Redis is gone. From then on nobody gets an id, and everybody is told to try again."""
    ends_at = time.monotonic() + OUTAGE_S
    for site in (world.near, world.far):
        await _until_unreachable(site)
    world.is_under_way.set()
    while time.monotonic() < ends_at:
        for site in (world.near, world.far):
            async with connect(site.address("newcomer", "n")) as refused:
                assert (await told(refused))["type"] == "ERROR"
                with pytest.raises(ConnectionClosed) as ended:
                    await told(refused)
                assert ended.value.rcvd
                assert ended.value.rcvd.code == 1013
        await asyncio.sleep(0.1)


async def _until_unreachable(site: Site) -> None:
    async def is_unreachable() -> bool:
        return not await reaches_redis(site)

    await until_it_is(is_unreachable)


@dataclass(frozen=True, slots=True)
class Story:
    """codes: how each of the crowd's sockets ends, at the first server. loses_nothing: frames for the crowd all arrive, though
    their sender is at the other server. websocket_class: for the setting BROKER_WS."""

    befalls: Callable[[World], Awaitable[None]]
    codes: tuple[int, ...] = ()
    loses_nothing: bool = False
    cuts: Cuts = "none"
    victims: int = 0
    websocket_class: str = "picows"


STORIES: Final = {
    "Redis hangs for 20 s": Story(freeze_redis),
    "Redis dies, and is started 20 s later": Story(kill_redis),
    "Redis is restarted, empty": Story(empty_redis),
    "the network to Redis is cut for 20 s": Story(cut_the_network, cuts="both"),
    "one server is cut off from Redis for 20 s": Story(cut_one_server_off, cuts="far", victims=5),
    "a server is killed": Story(kill_the_server, codes=(1006,)),
    "a server is frozen for 3 s": Story(freeze_the_server, loses_nothing=True),
    "a server is told to stop": Story(stop_the_server, codes=(1012,), loses_nothing=True),
    "a server of the other class is told to stop": Story(
        stop_the_server, codes=(1012,), loses_nothing=True, websocket_class="websockets"
    ),
}
