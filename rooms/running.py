"""The hub of this process, made from the settings when the first socket comes."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from kibitz_site.env import Env
from rooms.broker.limits import Limits
from rooms.broker.session import Broker
from rooms.hub import Hub
from rooms.networks import NetworkNames
from rooms.registry.memory import MemoryRegistry
from rooms.registry.port import Registry
from rooms.registry.redis import RedisRegistry


@dataclass(slots=True)
class Running:
    """A hub with what its sockets need to know."""

    hub: Hub
    limits: Limits
    names: NetworkNames = field(default_factory=NetworkNames)

    def network_of(self, client: tuple[str, int] | None) -> str:
        """The name of where a socket comes from; all that come without an address share one."""
        return self.names.name(client[0] if client else "", time.time(), secrets.token_bytes(16))


WORKER_BYTES: Final = 8
"""Random: the name of this process among all there ever are; nothing may be learned or guessed from it."""

_running: list[Running] = []


async def running_hub() -> Running:
    """The one hub of this process."""
    if not _running:
        limits = limits_of(settings.KIBITZ)
        registry = registry_of(settings.KIBITZ, secrets.token_hex(WORKER_BYTES), limits)
        _running.append(Running(Hub(Broker(limits), registry, time.monotonic), limits))
    await _running[0].hub.open()
    return _running[0]


async def drain_running(duration_s: float) -> None:
    """Sends this process's clients elsewhere; it is about to end."""
    for running in _running:
        await running.hub.drain(duration_s)


async def close_running() -> None:
    """Gives back what this process holds."""
    for running in _running:
        await running.hub.close()


def registry_of(env: Env, worker: str, limits: Limits) -> Registry:
    """The registry for one process, or for many where there is Redis."""
    return RedisRegistry(env["REDIS_URL"], worker, limits.mailbox_s) if env["REDIS_URL"] else MemoryRegistry()


def limits_of(env: Env) -> Limits:
    """The broker's limits as the operator set them. A burst is four seconds' worth, as in the standard ones; each socket of a
    network may come anew once a minute."""
    return Limits(
        frames_per_s=env["BROKER_RATE"],
        burst_frames=4 * env["BROKER_RATE"],
        sockets_per_network=env["BROKER_SOCKETS_PER_NETWORK"],
        claims_per_minute=env["BROKER_SOCKETS_PER_NETWORK"],
        mailbox_s=env["BROKER_MAILBOX_S"],
    )
