"""Who holds an id, with a real Redis: one holder at any time, whatever becomes of the workers and of Redis."""

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from rooms.registry.commands import Timing
from rooms.registry.port import Outcome
from tests.rooms.registry.cable import cable_to
from tests.rooms.registry.real_redis import RealRedis
from tests.rooms.registry.workers import BRISK, LAZY, Worker, until, workers

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("nothing_left_running")]

HELD, TAKEN, UNSURE = Outcome.HELD, Outcome.TAKEN, Outcome.UNSURE


async def test_an_id_has_one_holder_among_all_workers(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        assert await one.claim("room 1", "a") is HELD
        assert await two.claim("room 1", "b") is TAKEN
        assert await one.claim("room 1", "b") is TAKEN
        one.drop("room 1")
        assert await one.claim("other", "a") is HELD
        assert await two.claim("room 1", "b") is HELD


async def test_of_many_claims_at_once_one_wins(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as group:
        asked = [worker.asked("room", f"{number} {worker.registry.worker}") for number in range(500) for worker in group]
        outcomes = await asyncio.gather(*asked)
        assert sorted(outcomes, key=str) == [HELD, *[TAKEN] * 999]


async def test_the_same_token_moves_an_id_and_its_former_holder_lets_go(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        assert await one.claim("ann", "a") is HELD
        assert await two.claim("ann", "a") is HELD
        await until(lambda: one.gone == ["ann"])
        assert await one.claim("ann", "a") is HELD
        await until(lambda: two.gone == ["ann"])
        assert (one.held, two.held) == ({"ann": "a"}, {})


async def test_a_late_goodbye_takes_nothing_from_who_has_the_id_now(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        assert await one.claim("ann", "a") is HELD
        assert await two.claim("ann", "a") is HELD
        one.registry.release("ann", "a", is_lost=True)
        assert await one.claim("next", "a") is HELD
        assert await one.claim("ann", "b") is TAKEN


async def test_a_goodbye_between_two_claims_of_one_client_takes_nothing_from_it(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK) as (one,):
        one.registry.claim("ann", "a", lambda _: one.registry.release("ann", "a", is_lost=False))
        assert await one.claim("ann", "a") is HELD
        assert await one.claim("next", "a") is HELD
        assert await one.claim("ann", "b") is TAKEN


async def test_a_dead_worker_loses_its_ids_and_a_sleepy_one_finds_out(redis: RealRedis) -> None:
    async with workers(redis.url, LAZY, BRISK) as (dead, alive):
        assert await dead.claim("ann", "a") is HELD
        while await alive.claim("ann", "b") is TAKEN:
            await asyncio.sleep(0.05)
        assert alive.held == {"ann": "b"}
        await until(lambda: dead.gone == ["ann"])


async def test_a_worker_whose_life_lapsed_gets_nothing_until_it_says_that_it_lives(redis: RealRedis) -> None:
    async with workers(redis.url, LAZY) as (dead,):
        outcomes = {await dead.claim("ann", "a")}
        while UNSURE not in outcomes:
            outcomes.add(await dead.claim("ann", "a"))
        assert outcomes == {HELD, UNSURE}


async def test_a_worker_that_slept_over_its_life_keeps_what_nobody_took(redis: RealRedis) -> None:
    sleepy = Timing(heartbeat_s=0.5, worker_s=0.2, lease_s=20)
    async with workers(redis.url, sleepy, BRISK) as (sleeper, other):
        assert await sleeper.claim("ann", "a") is HELD
        store = Redis.from_url(redis.url)
        await store.delete("kbz:id:ann")
        for _ in range(200):
            if await store.exists("kbz:id:ann"):
                break
            await asyncio.sleep(0.05)
        await store.aclose()
        assert sleeper.held == {"ann": "a"}
        assert other.held == {}


async def test_who_lost_an_id_unseen_lets_go_at_the_next_renewal(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK) as (one,):
        assert await one.claim("ann", "a") is HELD
        store = Redis.from_url(redis.url)
        await store.set("kbz:id:ann", "somebody b")
        await store.aclose()
        await until(lambda: one.gone == ["ann"])


async def test_ids_are_renewed_as_long_as_their_worker_lives(redis: RealRedis) -> None:
    short = Timing(heartbeat_s=0.1, worker_s=3, lease_s=1.5, heartbeats_a_renewal=1)
    async with workers(redis.url, short, BRISK) as (one, two):
        assert await one.claim("ann", "a") is HELD
        store = Redis.from_url(redis.url)
        lives_ms = [await store.pttl("kbz:id:ann")]
        while len(lives_ms) < 3:  # thrice it lives longer than a moment ago: somebody renewed it
            await asyncio.sleep(0.02)
            now_ms = await store.pttl("kbz:id:ann")
            assert now_ms > 0
            lives_ms = [*lives_ms, now_ms] if now_ms > lives_ms[-1] else [*lives_ms[:-1], now_ms]
        await store.aclose()
        assert await two.claim("ann", "b") is TAKEN


async def test_while_redis_is_gone_nobody_gets_an_id_and_afterwards_nobody_has_lost_one(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        assert await one.claim("ann", "a") is HELD
        assert await two.claim("ben", "b") is HELD
        redis.stop()
        for worker in (one, two):
            while await worker.claim("other", "c") is not UNSURE:
                worker.drop("other")
        two.drop("ben")
        redis.start()
        assert await two.claim_in_the_end("ann", "x") is TAKEN
        assert await one.claim_in_the_end("ann", "x") is TAKEN
        assert await one.claim_in_the_end("ben", "x") is HELD
        assert (one.gone, two.gone) == ([], [])


async def test_a_redis_that_comes_back_empty_hears_of_every_holder_before_it_gives_anything_out(redis: RealRedis) -> None:
    slow = Timing(heartbeat_s=0.2, worker_s=2.0, settle_s=4.0, retry_least_s=0.7, retry_most_s=0.7)
    quick = replace(slow, retry_least_s=0.02, retry_most_s=0.02)
    async with workers(redis.url, slow, quick) as (holder, newcomer):
        assert await holder.claim("ann", "a") is HELD
        redis.stop()
        redis.start()
        assert await newcomer.claim_in_the_end("ann", "b") is TAKEN
        assert holder.held == {"ann": "a"}


async def test_a_redis_that_forgets_everything_while_it_runs_is_told_again(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        assert await one.claim("ann", "a") is HELD
        store = Redis.from_url(redis.url)
        await store.flushall()
        for _ in range(500):
            if await store.exists("kbz:id:ann"):
                break
            await asyncio.sleep(0.02)
        await store.aclose()
        assert await two.claim_in_the_end("ann", "b") is TAKEN
        assert one.gone == []


async def test_a_redis_that_hangs_is_given_up_and_found_again(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK) as (one,):
        assert await one.claim("ann", "a") is HELD
        redis.freeze()
        assert await one.claim("ben", "b") is UNSURE
        assert await one.claim("ben", "b") is UNSURE
        redis.thaw()
        assert await one.claim_in_the_end("ben", "c") is HELD
        assert one.held == {"ann": "a", "ben": "c"}


async def test_a_worker_cut_off_from_redis_loses_its_ids_to_the_others_and_finds_out(redis: RealRedis) -> None:
    async with cable_to(redis.port) as (cable, url), workers(url, BRISK) as (far,), workers(redis.url, BRISK) as (near,):
        for peer_id in ("ann", "ben"):
            assert await far.claim(peer_id, "a") is HELD
        cable.is_there = False
        cable.cut()
        while await near.claim("ann", "b") is TAKEN:
            await asyncio.sleep(0.05)
        assert near.held == {"ann": "b"}
        cable.is_there = True
        await until(lambda: far.gone == ["ann"])
        assert await far.claim_in_the_end("ann", "a") is TAKEN
        assert far.held == {"ben": "a"}


async def test_two_who_hold_an_id_after_a_split_become_one(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK, BRISK) as (one, two):
        assert await one.claim("ann", "a") is HELD
        redis.stop()
        while await one.claim("x", "x") is not UNSURE:
            one.drop("x")
        while await two.claim("x", "x") is not UNSURE:
            two.drop("x")
        two.held["ann"] = two.registry.session.leases["ann"] = "b"  # as if it had got the id on the other side of the split
        redis.start()
        await until(lambda: len(one.gone) + len(two.gone) == 1)
        assert len(one.held) + len(two.held) == 1
        assert await one.claim_in_the_end("ann", "c") is TAKEN


async def test_who_ends_gives_back_what_it_holds(redis: RealRedis) -> None:
    async with workers(redis.url, BRISK) as (stays,):
        leaves = Worker(redis.url)
        await leaves.registry.open(leaves)
        assert await leaves.claim("ann", "a") is HELD
        await leaves.registry.close()
        stays.send("ann", "hello", sender="ben")
        await until(lambda: stays.missed == [("ann", "hello", "ben", True)])
        assert await stays.claim("ann", "b") is HELD
        assert await leaves.claim("eve", "e") is UNSURE


async def test_without_any_redis_a_worker_starts_and_ends_all_the_same(redis: RealRedis) -> None:
    redis.stop()
    async with workers(redis.url, BRISK) as (one,):
        assert await one.claim("ann", "a") is UNSURE
        redis.start()
        assert await one.claim_in_the_end("ann", "a") is HELD
