"""Two servers of one process each, their Redis, and what is between them; and how one waits for what must come to pass."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection

from tests.rooms.registry.cable import Cable, cable_to
from tests.rooms.registry.clients import Client, Site
from tests.rooms.registry.namespace import Namespace, namespace
from tests.rooms.registry.real_redis import RealRedis, real_redis

PATIENCE_S: Final = 90.0
"""For what must come to pass, on a machine however busy."""

Cuts = Literal["none", "both", "far"]
"""Whose way to Redis a test may cut."""


@dataclass(slots=True)
class World:
    """The crowd is at `far`, and goes to `near` where it must. victims: sockets at `far` whose ids others get meanwhile."""

    redis: RealRedis
    near: Site
    far: Site
    network: Namespace | None
    cables: list[Cable]
    crowd: list[Client] = field(default_factory=list)
    victims: list[ClientConnection] = field(default_factory=list)
    is_under_way: asyncio.Event = field(default_factory=asyncio.Event)
    """What befalls the servers has begun."""

    def living(self) -> list[Site]:
        return [site for site in (self.near, self.far) if site.process.poll() is None]

    async def all_reach_redis(self) -> bool:
        return all([await reaches_redis(site) for site in self.living()])

    def cut(self) -> None:
        """No packet comes through between the servers and Redis, and nobody is told."""
        if self.network:
            self.network.cut()
        for cable in self.cables:
            cable.is_hole = True

    def mend(self) -> None:
        if self.network:
            self.network.mend()
        for cable in self.cables:
            cable.mend()


@asynccontextmanager
async def worlds(folder: Path, cuts: Cuts, websocket_class: str) -> AsyncIterator[World]:
    """A network that is cut for both servers is a real one where this user may make one, else a proxy for each."""
    async with AsyncExitStack() as stack:
        network = stack.enter_context(namespace()) if cuts == "both" else None
        redis = stack.enter_context(real_redis(folder, network.host, network.inside) if network else real_redis(folder))
        cables: list[Cable] = []
        sites: list[Site] = []
        for name in ("near", "far"):
            url = redis.url
            if cuts == name or (cuts == "both" and not network):
                cable, url = await stack.enter_async_context(cable_to(redis.port))
                cables.append(cable)
            settings = {"REDIS_URL": url, "BROKER_DRAIN_S": "2", "BROKER_WS": websocket_class}
            sites.append(await asyncio.to_thread(Site, folder / name, settings))
            stack.push_async_callback(asyncio.to_thread, sites[-1].end)
        near, far = sites
        yield World(redis, near, far, network, cables)


async def holders(redis: RealRedis) -> dict[str, str]:
    """Which worker holds which id, as Redis says."""
    store = Redis.from_url(redis.url, decode_responses=True)
    keys = [str(key) async for key in store.scan_iter("kbz:id:*", count=1_000)]
    values = await store.mget(keys) if keys else []
    await store.aclose()
    return {key.removeprefix("kbz:id:"): str(value).split()[0] for key, value in zip(keys, values, strict=True) if value}


async def reaches_redis(site: Site) -> bool:
    return await asyncio.to_thread(site.has_registry)


async def until_it_is(is_so: Callable[[], Awaitable[bool]]) -> None:
    ends_at = time.monotonic() + PATIENCE_S
    while not await is_so():
        assert time.monotonic() < ends_at, "it never came to pass"
        await asyncio.sleep(0.05)
