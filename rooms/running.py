"""The hub of this process, made from the settings when the first socket comes."""

import secrets
import time
from dataclasses import dataclass, field

from django.conf import settings

from kibitz_site.env import Env
from rooms.broker.limits import Limits
from rooms.broker.session import Broker
from rooms.hub import Hub
from rooms.networks import NetworkNames
from rooms.registry.memory import MemoryRegistry


@dataclass(slots=True)
class Running:
    """A hub with what its sockets need to know."""

    hub: Hub
    limits: Limits
    names: NetworkNames = field(default_factory=NetworkNames)

    def network_of(self, client: tuple[str, int] | None) -> str:
        """The name of where a socket comes from; all that come without an address share one."""
        return self.names.name(client[0] if client else "", time.time(), secrets.token_bytes(16))


_running: list[Running] = []


async def running_hub() -> Running:
    """The one hub of this process."""
    if not _running:
        limits = limits_of(settings.KIBITZ)
        _running.append(Running(Hub(Broker(limits), MemoryRegistry(), time.monotonic), limits))
        await _running[0].hub.open()
    return _running[0]


def limits_of(env: Env) -> Limits:
    """The broker's limits as the operator set them. A burst is four seconds' worth, as in the standard ones."""
    return Limits(
        frames_per_s=env["BROKER_RATE"],
        burst_frames=4 * env["BROKER_RATE"],
        sockets_per_network=env["BROKER_SOCKETS_PER_NETWORK"],
        mailbox_s=env["BROKER_MAILBOX_S"],
    )
