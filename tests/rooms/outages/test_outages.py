"""Whatever befalls two servers and their Redis while 500 clients are there: afterwards every id has exactly one holder, and
calls whose server lived never noticed."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.rooms.outages.stories import STORIES
from tests.rooms.outages.world import World, holders, until_it_is, worlds
from tests.rooms.registry.clients import Call, Client, Site, first_certain_word, joined
from tests.rooms.registry.workers import until

pytestmark = [pytest.mark.server, pytest.mark.slow]

CROWD: Final = 500
CALLS: Final = 4
"""At each server that lives."""
ROOMS: Final = 10
"""Ids that two clients want who come in the middle of it, one at each server."""
ROUNDS: Final = 10
"""Frames for each of the crowd, in the stories that lose none."""


@pytest.mark.parametrize("name", STORIES)
async def test_afterwards_every_id_has_one_holder_and_calls_never_noticed(name: str, tmp_path: Path) -> None:
    story = STORIES[name]
    rounds = ROUNDS if story.loses_nothing else 0
    async with worlds(tmp_path, story.cuts, story.websocket_class) as world:
        world.crowd = [Client(f"peer-{number}", world.far, world.near) for number in range(CROWD)]
        world.victims = [await joined(world.far, f"victim-{number}") for number in range(story.victims)]
        talker = Client("talker", world.near)
        for client in (*world.crowd, talker):
            await client.join()
        calls = await _calls(world.near) + ([] if story.codes else await _calls(world.far))
        rivals = [asyncio.create_task(_contend(world, *rival)) for rival in _rivals(world)]
        talk = asyncio.create_task(_talk(talker, world.crowd, rounds))
        await until(lambda: not rounds or any(member.got for member in world.crowd))

        await story.befalls(world)

        await until_it_is(world.all_reach_redis)
        winners = [winner for rival in rivals if (winner := await rival)]
        assert Counter(winner.peer_id for winner in winners) == {f"room-{number}": 1 for number in range(ROOMS)}
        await talk
        everybody = [*world.crowd, talker, *winners, *(end for call in calls for end in call.ends)]
        await until_it_is(lambda: _holds_what_its_clients_have(world, everybody))
        assert {tuple(member.codes) for member in world.crowd} == {story.codes}
        await _talk(talker, world.crowd, 1)
        await until(lambda: all(len(member.got) > rounds for member in world.crowd))
        assert {tuple(member.got) for member in world.crowd} == {(*range(rounds), 0)}
        for site in world.living():
            assert await first_certain_word(site, world.crowd[0].peer_id, "thief") == "ID-TAKEN"
        for call in calls:
            await call.end()
        await asyncio.gather(*(client.leave() for client in (*world.crowd, talker, *winners)))
        assert "Traceback" not in world.near.log.read_text() + world.far.log.read_text()


async def _calls(site: Site) -> list[Call]:
    calls = [Call(f"call-{number}-{site.origin.rpartition(':')[2]}", site) for number in range(CALLS)]
    for call in calls:
        await call.begin()
    return calls


def _rivals(world: World) -> list[tuple[str, str, Site, Site]]:
    there = [("a", world.near, world.far), ("b", world.far, world.near)]
    return [(f"room-{number}", *rival) for number in range(ROOMS) for rival in there]


async def _contend(world: World, peer_id: str, token: str, first: Site, second: Site) -> Client | None:
    await world.is_under_way.wait()
    client = Client(peer_id, first, second, token=token)
    return client if await client.contend() else None


async def _talk(talker: Client, crowd: list[Client], rounds: int) -> None:
    for number in range(rounds):
        for member in crowd:
            await talker.say(member.peer_id, number)
        await asyncio.sleep(0.3)  # spreads the rounds over the time of what happens


async def _holds_what_its_clients_have(world: World, clients: list[Client]) -> bool:
    """Whether Redis knows of exactly these ids, each held by the one worker of its client's server."""
    held = await holders(world.redis)
    if held.keys() != {client.peer_id for client in clients}:
        return False
    places = {(held[client.peer_id], client.site.origin) for client in clients}
    return len(places) == len({worker for worker, _ in places}) == len({origin for _, origin in places})
