"""Workers without sockets: a registry each, and local peers that write down what they are told."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import count

from rooms.registry.commands import Timing
from rooms.registry.port import Outcome
from rooms.registry.redis import RedisRegistry

BRISK = Timing(
    heartbeat_s=0.2, worker_s=2.0, lease_s=20.0, heartbeats_a_renewal=3, settle_s=0.5, retry_least_s=0.02, retry_most_s=0.1
)
"""A worker that renews often, so that a test need not wait long for what comes with a renewal."""

LAZY = Timing(heartbeat_s=3600, worker_s=0.5)
"""A worker that is dead for the others half a second after it came: it says that it lives only once."""

WAIT_S = 30
"""For what must happen some time, on a machine however busy."""

_numbers = count()


async def until(is_so: Callable[[], object]) -> None:
    ends_at = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < ends_at, "it never came to pass"
        await asyncio.sleep(0.01)


class Worker:
    """A registry with its local peers."""

    def __init__(self, url: str, timing: Timing = BRISK) -> None:
        self.registry = RedisRegistry(url, f"worker-{next(_numbers)}", 5.0, timing)
        self.held: dict[str, str] = {}
        self.got: list[tuple[str, str]] = []
        self.missed: list[tuple[str, str, str, bool]] = []
        self.located: list[str] = []
        self.gone: list[str] = []

    def asked(self, peer_id: str, token: str) -> "asyncio.Future[Outcome]":
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            assert not answer.done()
            if outcome is Outcome.HELD:
                self.held[peer_id] = token
            answer.set_result(outcome)

        self.registry.claim(peer_id, token, done)
        return answer

    async def claim(self, peer_id: str, token: str) -> Outcome:
        return await self.asked(peer_id, token)

    async def claim_in_the_end(self, peer_id: str, token: str) -> Outcome:
        """As a client does that is told to try again in a moment."""
        ends_at = time.monotonic() + WAIT_S
        while (outcome := await self.claim(peer_id, token)) is Outcome.UNSURE and time.monotonic() < ends_at:
            await asyncio.sleep(0.02)
        return outcome

    def drop(self, peer_id: str, *, is_lost: bool = False) -> None:
        self.registry.release(peer_id, self.held.pop(peer_id), is_lost=is_lost)

    def send(self, peer_id: str, *texts: str, sender: str = "ann") -> None:
        for text in texts:
            self.registry.forward(peer_id, text, sender)

    def missing(self, peer_id: str, text: str, sender: str, *, is_lost: bool) -> None:
        self.missed.append((peer_id, text, sender, is_lost))

    def delivered(self, peer_id: str, text: str) -> bool:
        if peer_id in self.held:
            self.got.append((peer_id, text))
        return peer_id in self.held

    def found(self, peer_id: str) -> None:
        self.located.append(peer_id)

    def evicted(self, peer_id: str) -> None:
        del self.held[peer_id]
        self.gone.append(peer_id)

    def holdings(self) -> Iterable[tuple[str, str]]:
        return list(self.held.items())


@asynccontextmanager
async def workers(url: str, *timings: Timing) -> AsyncIterator[list[Worker]]:
    """One worker for each timing, closed at the end."""
    group = [Worker(url, timing) for timing in timings]
    for worker in group:
        await worker.registry.open(worker)
    try:
        yield group
    finally:
        for worker in group:
            await worker.registry.close()
