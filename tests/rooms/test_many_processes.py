"""The broker in several processes over a real Redis, as its clients see it. What may befall it: tests/rooms/outages/."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.rooms.outages.world import holders, until_it_is
from tests.rooms.registry.clients import Client, Site, first_certain_word, first_word, joined, offer, sites, told
from tests.rooms.registry.real_redis import RealRedis, real_redis
from tests.rooms.registry.workers import until

pytestmark = pytest.mark.server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RealRedis]:
    with real_redis(tmp_path) as running:
        yield running


@pytest.fixture
def pair(redis: RealRedis, tmp_path: Path) -> Iterator[list[Site]]:
    """Two servers of one process each, so that a test can say which one it means."""
    each = {"REDIS_URL": redis.url, "BROKER_DRAIN_S": "2"}
    with sites(tmp_path, each, each) as both:
        yield both


async def test_four_workers_elect_one_of_fifty_for_each_room(redis: RealRedis, tmp_path: Path) -> None:
    with sites(tmp_path, {"REDIS_URL": redis.url, "WORKERS": "4"}) as (site,):
        async with AsyncExitStack() as stack:

            async def ask(room: int, guest: int) -> tuple[int, str]:
                socket = await stack.enter_async_context(connect(site.address(f"room-{room}", f"t-{guest}"), open_timeout=60))
                return room, (await told(socket))["type"]

            words = Counter(await asyncio.gather(*(ask(room, guest) for guest in range(50) for room in range(20))))
            assert words == {(room, word): n for room in range(20) for word, n in (("OPEN", 1), ("ID-TAKEN", 49))}
            assert len(await holders(redis)) == 20
        await until_it_is(lambda: _is_empty(redis))


async def _is_empty(redis: RealRedis) -> bool:
    return await holders(redis) == {}


async def test_a_worker_that_dies_is_replaced(redis: RealRedis, tmp_path: Path) -> None:
    with sites(tmp_path, {"REDIS_URL": redis.url, "WORKERS": "2"}) as (site,):
        before = _workers(site)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        await until(lambda: len(_workers(site)) == 2 and before[0] not in _workers(site))
        assert await first_certain_word(site, "ann", "a") == "OPEN"
        site.process.send_signal(signal.SIGTERM)
        await until(lambda: site.process.poll() is not None)
        assert "Traceback" not in site.log.read_text()
        assert not any(Path(f"/proc/{number}").exists() for number in (*before, *_workers(site)))


async def test_workers_that_are_stopped_one_after_the_other_are_replaced_and_their_clients_come_back(
    redis: RealRedis, tmp_path: Path
) -> None:
    with sites(tmp_path, {"REDIS_URL": redis.url, "WORKERS": "2", "BROKER_DRAIN_S": "1"}) as (site,):
        crowd = [Client(f"peer-{number}", site) for number in range(40)]
        for client in crowd:
            await client.join()
        former = _workers(site)
        said = 0
        for number in former:
            os.kill(number, signal.SIGTERM)
            while number in _workers(site) or len(_workers(site)) < 2:
                for left, right in pairwise(crowd):
                    with suppress(ConnectionClosed):  # it is on its way, and says it again
                        await left.say(right.peer_id, said)
                said += 1
                await asyncio.sleep(0.1)
        await until_it_is(lambda: _all_are_held(redis, crowd))
        assert not set(former) & set(_workers(site))
        assert all(client.codes for client in crowd)
        assert {code for client in crowd for code in client.codes} == {1012}
        assert all(len(client.got) == len(set(client.got)) > 0 for client in crowd[1:])
        await asyncio.gather(*(client.leave() for client in crowd))
        assert "Traceback" not in site.log.read_text()


async def _all_are_held(redis: RealRedis, crowd: list[Client]) -> bool:
    return (await holders(redis)).keys() == {client.peer_id for client in crowd}


async def test_workers_without_their_supervisor_end(redis: RealRedis, tmp_path: Path) -> None:
    with sites(tmp_path, {"REDIS_URL": redis.url, "WORKERS": "2"}) as (site,):
        orphans = _workers(site)
        ann = await joined(site, "ann")
        site.process.kill()
        site.process.wait()
        with pytest.raises(ConnectionClosed) as ended:
            await told(ann)
        assert ended.value.rcvd
        assert ended.value.rcvd.code == 1012
        await until(lambda: not any(b"spawn_main" in _command(number) for number in orphans))


async def test_a_server_that_is_alone_tells_its_clients_to_come_back_and_ends(tmp_path: Path) -> None:
    with sites(tmp_path, {"BROKER_DRAIN_S": "300"}) as (site,):
        ann = await joined(site, "ann")
        site.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as ended:
            await told(ann)
        assert ended.value.rcvd
        assert ended.value.rcvd.code == 1012
        await until(lambda: site.process.poll() is not None)
        assert "Traceback" not in site.log.read_text()


def _workers(site: Site) -> list[int]:
    """Process numbers of a supervisor's workers: its children, but for the one that Python's multiprocessing keeps."""
    children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children")
    numbers = map(int, children.read_text().split()) if children.exists() else ()
    return [number for number in numbers if b"spawn_main" in _command(number)]


def _command(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


async def test_frames_pass_between_servers_in_order_and_untouched(pair: list[Site]) -> None:
    ann, ben = await joined(pair[0], "ann"), await joined(pair[1], "ben")
    wanted = [{"n": number, "sdp": "v=0 ü " * (number % 50)} for number in range(500)]
    for payload in wanted:
        await ann.send(offer("ben", payload))
        await ben.send(offer("ann", payload))
    for socket, peer in ((ann, "ben"), (ben, "ann")):
        messages = [await told(socket) for _ in wanted]
        assert [message["payload"] for message in messages] == wanted
        assert {message["src"] for message in messages} == {peer}
    await ann.send(offer("nobody", 1))
    assert await told(ann) == {"type": "EXPIRE", "src": "nobody", "dst": "ann"}
    await ben.send(json.dumps({"type": "LEAVE", "dst": "ann"}))
    assert (await told(ann))["type"] == "LEAVE"
    await asyncio.gather(ann.close(), ben.close())


async def test_what_is_written_before_open_arrives_in_order(pair: list[Site]) -> None:
    ben = await joined(pair[1], "ben")
    async with connect(pair[0].address("ann", "a")) as ann:
        for number in range(16):
            await ann.send(offer("ben", number))
        assert (await told(ann))["type"] == "OPEN"
        assert [(await told(ben))["payload"] for _ in range(16)] == list(range(16))
    await ben.close()


async def test_an_id_moves_between_servers_with_its_token_and_is_free_when_its_socket_closes(pair: list[Site]) -> None:
    first = await joined(pair[0], "ann", "a")
    assert await first_word(pair[1], "ann", "b") == "ID-TAKEN"
    second = await joined(pair[1], "ann", "a")
    with pytest.raises(ConnectionClosed):
        await told(first)
    assert await first_word(pair[0], "ann", "b") == "ID-TAKEN"
    await second.close()
    await until_it_is(lambda: _gets(pair[0], "ann", "b"))


async def _gets(site: Site, peer_id: str, token: str) -> bool:
    return await first_word(site, peer_id, token) == "OPEN"


@pytest.mark.slow
async def test_a_killed_servers_clients_come_back_elsewhere_and_its_ids_are_free_soon(pair: list[Site]) -> None:
    doomed, stays = pair
    ben, cy, ann = [await joined(doomed, "ben", "b"), await joined(doomed, "cy", "c"), await joined(stays, "ann")]
    doomed.process.kill()
    doomed.process.wait()
    await ann.send(offer("ben", "for ben"))
    assert await first_word(stays, "ben", "thief") == "ID-TAKEN"
    back = await joined(stays, "ben", "b")
    assert (await told(back))["payload"] == "for ben"
    await until_it_is(lambda: _gets(stays, "cy", "another"))
    await asyncio.gather(*(socket.close() for socket in (ben, cy, ann, back)))


@pytest.mark.slow
async def test_a_server_frozen_for_longer_finds_out_whose_ids_are_gone(pair: list[Site], redis: RealRedis) -> None:
    frozen, stays = pair
    ben, cy = await joined(frozen, "ben", "b"), await joined(frozen, "cy", "c")
    frozen.process.send_signal(signal.SIGSTOP)
    await until_it_is(lambda: _is_dead(redis))
    thief = await joined(stays, "ben", "another")
    frozen.process.send_signal(signal.SIGCONT)
    with pytest.raises(ConnectionClosed):
        await told(ben)
    await cy.send(offer("ben", "hello"))
    assert (await told(thief))["payload"] == "hello"
    assert await first_certain_word(stays, "cy", "thief") == "ID-TAKEN"
    assert len(await holders(redis)) == 2
    await asyncio.gather(cy.close(), thief.close())


async def _is_dead(redis: RealRedis) -> bool:
    store = Redis.from_url(redis.url)
    alive = await store.keys("kbz:worker:*")
    await store.aclose()
    return len(alive) == 1


@pytest.mark.parametrize("outage", ["hangs", "is restarted, empty"])
async def test_without_redis_local_peers_go_on_and_afterwards_all_is_as_before(
    pair: list[Site], redis: RealRedis, outage: str
) -> None:
    ann, ben = await joined(pair[0], "ann"), await joined(pair[0], "ben")
    cy = await joined(pair[1], "cy")
    redis.freeze() if outage == "hangs" else redis.stop()
    async with connect(pair[0].address("new", "n")) as refused:
        assert (await told(refused))["type"] == "ERROR"
        with pytest.raises(ConnectionClosed) as ended:
            await told(refused)
        assert ended.value.rcvd
        assert ended.value.rcvd.code == 1013
    await ann.send(offer("ben", "local"))
    assert (await told(ben))["payload"] == "local"
    await ann.send(offer("cy", "remote"))
    redis.thaw() if outage == "hangs" else redis.start()
    assert (await told(cy))["payload"] == "remote"
    for site in pair:
        for peer_id in ("ann", "ben", "cy"):
            assert await first_certain_word(site, peer_id, "thief") == "ID-TAKEN"
    await cy.send(offer("ann", "back"))
    assert (await told(ann))["payload"] == "back"
    assert len(set((await holders(redis)).values())) == 2
    assert all("Traceback" not in site.log.read_text() for site in pair)
    await asyncio.gather(ann.close(), ben.close(), cy.close())


async def test_a_frame_for_another_server_expires_if_redis_stays_away(pair: list[Site], redis: RealRedis) -> None:
    ann, cy = await joined(pair[0], "ann"), await joined(pair[1], "cy")
    redis.stop()
    assert await first_word(pair[0], "new", "n") == "ERROR"
    await ann.send(offer("cy", "remote"))
    assert await told(ann) == {"type": "EXPIRE", "src": "cy", "dst": "ann"}
    await asyncio.gather(ann.close(), cy.close())
