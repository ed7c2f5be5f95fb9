"""The broker in several processes over a real Redis, as its clients see it, whatever happens to a process or to Redis."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.rooms.registry.clients import Client, Site, first_certain_word, first_word, joined, offer, sites, told
from tests.rooms.registry.real_redis import RealRedis, real_redis
from tests.rooms.registry.workers import until

pytestmark = pytest.mark.server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RealRedis]:
    with real_redis(tmp_path) as running:
        yield running


@pytest.fixture
def pair(redis: RealRedis, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[Site]]:
    """Two servers of one process each, so that a test can say which one it means."""
    each = {"REDIS_URL": redis.url, "BROKER_DRAIN_S": "2", "BROKER_WS": getattr(request, "param", "picows")}
    with sites(tmp_path, each, each) as both:
        yield both


async def holders(redis: RealRedis) -> dict[str, str]:
    """Which worker holds which id."""
    store = Redis.from_url(redis.url, decode_responses=True)
    keys = [str(key) async for key in store.scan_iter("kbz:id:*", count=1_000)]
    values = await store.mget(keys) if keys else []
    await store.aclose()
    return {key.removeprefix("kbz:id:"): str(value).partition(" ")[0] for key, value in zip(keys, values, strict=True) if value}


async def until_it_is(is_so: Callable[[], Awaitable[bool]]) -> None:
    ends_at = time.monotonic() + 60
    while not await is_so():
        assert time.monotonic() < ends_at, "it never came to pass"
        await asyncio.sleep(0.05)


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
async def test_a_server_frozen_for_three_seconds_keeps_its_ids_and_its_frames(pair: list[Site]) -> None:
    frozen, stays = pair
    ben, ann = await joined(frozen, "ben", "b"), await joined(stays, "ann")
    frozen.process.send_signal(signal.SIGSTOP)
    ends_at = time.monotonic() + 3
    sent = 0
    while time.monotonic() < ends_at:
        assert await first_word(stays, "ben", "thief") == "ID-TAKEN"
        await ann.send(offer("ben", sent))
        sent += 1
    frozen.process.send_signal(signal.SIGCONT)
    assert [(await told(ben))["payload"] for _ in range(sent)] == list(range(sent))
    await ben.send(offer("ann", "still here"))
    assert (await told(ann))["payload"] == "still here"
    await asyncio.gather(ben.close(), ann.close())


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


CROWD = 500
ROUNDS = 10


@pytest.mark.slow
@pytest.mark.parametrize("pair", ["picows", "websockets"], indirect=True)
async def test_a_server_that_is_told_to_stop_sends_its_clients_elsewhere_and_no_frame_is_lost(
    pair: list[Site], redis: RealRedis
) -> None:
    """500 clients at the server that ends; somebody at the other one writes to each of them all the time, and a pair of
    bystanders there writes to each other."""
    stays, ends = pair
    crowd = [Client(f"peer-{number}", ends, stays) for number in range(CROWD)]
    talker, left, right = (Client(name, stays) for name in ("talker", "left", "right"))
    for client in (*crowd, talker, left, right):
        await client.join()
    bystanders = asyncio.create_task(_chat(left, right))
    talk = asyncio.create_task(_talk(talker, crowd))
    await until(lambda: any(client.got for client in crowd))
    ends.process.send_signal(signal.SIGTERM)
    came_back_while_others_were_there = False
    while ends.process.poll() is None:
        gone = sum(bool(client.codes) for client in crowd)
        came_back_while_others_were_there |= 0 < gone < CROWD
        await asyncio.sleep(0.01)
    await asyncio.gather(talk, until_it_is(lambda: _all_held_once(redis)))
    said = await _ended(bystanders)
    await until(lambda: len(right.got) == len(left.got) == said)
    await until(lambda: all(len(client.got) >= ROUNDS for client in crowd))
    assert came_back_while_others_were_there
    assert {tuple(client.codes) for client in crowd} == {(1012,)}
    assert {tuple(sorted(client.got)) for client in crowd} == {tuple(range(ROUNDS))}
    assert left.got == right.got == list(range(said))
    assert "Traceback" not in ends.log.read_text() + stays.log.read_text()
    await asyncio.gather(*(client.leave() for client in (*crowd, talker, left, right)))


async def _talk(talker: Client, crowd: list[Client]) -> None:
    for number in range(ROUNDS):
        for client in crowd:
            await talker.say(client.peer_id, number)
        await asyncio.sleep(0.3)  # spreads the rounds over the time of the drain


async def _chat(left: Client, right: Client) -> int:
    """Until cancelled; answers how many frames each wrote."""
    said = 0
    try:
        while True:
            await left.say(right.peer_id, said)
            await right.say(left.peer_id, said)
            said += 1
            await asyncio.sleep(0.005)
    except asyncio.CancelledError:
        return said


async def _ended(chat: "asyncio.Task[int]") -> int:
    chat.cancel()
    return await chat


async def _all_held_once(redis: RealRedis) -> bool:
    held = await holders(redis)
    return len(held) == CROWD + 3 and len(set(held.values())) == 1
