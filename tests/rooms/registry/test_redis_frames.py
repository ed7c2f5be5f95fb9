"""Frames between workers, with a real Redis: in order, none twice, and what cannot be delivered comes back."""

import asyncio

import pytest
from redis.asyncio import Redis

from rooms.registry.port import Outcome
from tests.rooms.registry.cable import cable_to
from tests.rooms.registry.real_redis import RealRedis
from tests.rooms.registry.workers import BRISK, LAZY, Worker, until, workers

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("nothing_left_running")]


async def test_frames_reach_the_worker_of_their_receiver_in_order(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK, BRISK) as (one, two, three):
        await two.claim("ben", "b")
        await three.claim("cy 1", "c")
        wanted = [f'{{"n":{number},"ü":"\\ud83d"}}' for number in range(2_000)]
        for text in wanted:
            one.send("ben", text)
            one.send("cy 1", text)
        await until(lambda: len(two.got) == len(three.got) == 2_000)
        assert two.got == [("ben", text) for text in wanted]
        assert three.got == [("cy 1", text) for text in wanted]
        assert one.missed == []


async def test_large_frames_pass(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        await two.claim("ben", "b")
        wanted = [str(number) * 64_000 for number in range(10)] * 5
        one.send("ben", *wanted)
        await until(lambda: len(two.got) == 50)
        assert [text for _, text in two.got] == wanted


async def test_a_frame_for_nobody_comes_back_and_one_for_who_was_cut_off_says_so(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        await two.claim("ben", "b")
        await two.claim("cy", "c")
        two.drop("ben", is_lost=False)
        two.drop("cy", is_lost=True)
        await two.claim("next", "n")
        one.send("ben", "1")
        one.send("cy", "2")
        await until(lambda: len(one.missed) == 2)
        assert one.missed == [("ben", "1", "ann", False), ("cy", "2", "ann", True)]


async def test_a_frame_that_comes_too_late_follows_its_receiver(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK, BRISK) as (one, two, three):
        await two.claim("ben", "b")
        two.held.clear()  # its socket went, and Redis does not know yet
        one.send("ben", "1")
        await until(lambda: one.missed == [("ben", "1", "ann", True)])
        assert await three.claim("ben", "b") is Outcome.HELD
        one.send("ben", "2")
        await until(lambda: three.got == [("ben", "2")])


async def test_a_frame_that_is_faster_than_the_answer_to_a_claim_waits_for_it(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        for number in range(200):
            peer_id = f"ben-{number}"
            asked = two.asked(peer_id, "b")
            one.registry.locate([peer_id])
            while not (one.located or asked.done()):
                await asyncio.sleep(0)
            one.send(peer_id, "1", "2")
            await until(lambda: len(two.got) + len(one.missed) == 2)
            assert [text for _, text in two.got] + [text for _, text, _, _ in one.missed] == ["1", "2"]
            for heard in (two.got, one.missed, one.located):
                heard.clear()


async def test_what_a_dead_worker_would_have_got_waits_for_its_clients(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK) as (one,):
        store = Redis.from_url(redis.url)
        await store.set("kbz:id:ben", "dead b")
        await store.aclose()
        one.registry.locate(["ben"])
        one.send("ben", "1")
        await until(lambda: one.missed == [("ben", "1", "ann", True)])
        assert one.located == []


async def test_ids_that_frames_wait_for_are_found(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        wanted = [f"peer-{number}" for number in range(600)]
        for peer_id in wanted[::2]:
            await two.claim(peer_id, "t")
        one.registry.locate(wanted)
        await until(lambda: len(one.located) == 300)
        assert one.located == wanted[::2]


async def test_a_frozen_worker_gets_its_frames_when_it_wakes(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, LAZY) as (one, sleepy):
        await sleepy.claim("ben", "b")
        one.send("ben", "1")
        await until(lambda: sleepy.got == [("ben", "1")])


async def test_while_redis_is_gone_frames_wait_at_their_sender(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        await two.claim("ben", "b")
        redis.stop()
        while await one.claim("x", "x") is not Outcome.UNSURE:
            one.drop("x")
        one.send("ben", "1", "2")
        assert [(text, is_lost) for _, text, _, is_lost in one.missed] == [("1", True), ("2", True)]
        redis.start()
        assert await one.claim_in_the_end("x", "y") is not Outcome.UNSURE
        await until(lambda: _came_after_all(one, two, 2))
        assert two.got == [("ben", "1"), ("ben", "2")]


def _came_after_all(one: Worker, two: Worker, frames: int) -> bool:
    """Does what the session does: looks for the receiver, and sends what waited as soon as somebody has it."""
    one.registry.locate(["ben"])
    if one.located and one.missed:
        waited = [text for _, text, _, _ in one.missed]
        one.missed.clear()
        one.located.clear()
        one.send("ben", *waited)
    return len(two.got) >= frames


async def test_frames_under_way_when_redis_dies_arrive_together_and_once_or_not_at_all(redis: RealRedis) -> None:
    """A Redis that is killed may take a message along that it has confirmed already."""
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        await two.claim("ben", "b")
        one.send("ben", *map(str, range(100)))
        await asyncio.sleep(0)
        redis.stop()
        redis.start()
        assert await one.claim_in_the_end("x", "x") is Outcome.HELD
        await until(lambda: _came_after_all(one, two, 0) and not one.missed)
        one.send("ben", "end")
        await until(lambda: _came_after_all(one, two, 0) and ("ben", "end") in two.got)
        assert [text for _, text in two.got] in ([*map(str, range(100)), "end"], ["end"])


async def test_frames_that_redis_took_without_saying_so_arrive_once(redis: RealRedis) -> None:
    async with cable_to(redis.port) as (cable, url), workers(url, BRISK) as (one,), workers(redis.url, BRISK) as (two,):
        await two.claim("ben", "b")
        cable.is_whole.clear()
        one.send("ben", *map(str, range(100)))
        await until(lambda: len(one.missed) == len(two.got) == 100)
        cable.is_whole.set()
        await until(lambda: _came_after_all(one, two, 100) and not one.missed)
        one.send("ben", "end")
        await until(lambda: _came_after_all(one, two, 101))
        assert [text for _, text in two.got] == [*map(str, range(100)), "end"]
