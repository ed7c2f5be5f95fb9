"""The registry over Redis: one election for every process (DESIGN.md, "Across processes").

The shell around a `RegistrySession`: carries its commands to Redis, and says every two seconds that this worker lives. While
Redis is gone, a task looks for it again and again; when it is back, every id held here is told to it anew, and whose id
somebody else holds by then, goes.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count
from typing import Final

from rooms.registry.commands import Heartbeat, Timing
from rooms.registry.link import LINK_ERRORS, Link, in_time
from rooms.registry.messages import read_envelope
from rooms.registry.port import LocalPeers, Outcome
from rooms.registry.session import RegistrySession

MOST_UNHEARD: Final = 3
"""Own heartbeats that did not come back: then the listening connection is dead, though nobody closed it."""

_STANDARD: Final = Timing()
_log: Final = logging.getLogger("kibitz.broker")


class RedisRegistry:
    """One worker's part of it.

    worker: a name without spaces that no other worker ever had. lost_s: how long frames wait for who was cut off.
    """

    is_alone = False

    def __init__(self, url: str, worker: str, lost_s: float, timing: Timing = _STANDARD) -> None:
        self.url = url
        self.worker = worker
        self.timing = timing
        self.session: RegistrySession
        self._lost_s = lost_s
        self._task: asyncio.Task[None] | None = None
        self._has_past = False
        self._tried = asyncio.Event()
        self._wake = asyncio.Event()
        self._unheard = 0

    @property
    def is_reachable(self) -> bool:
        return self._task is not None and self.session.is_linked

    # the port, once it is open -----------------------------------------------------------------------------------------
    def claim(self, peer_id: str, token: str, done: Callable[[Outcome], None]) -> None:
        self.session.claim(peer_id, token, done)

    def release(self, peer_id: str, token: str, *, is_lost: bool) -> None:
        self.session.release(peer_id, token, is_lost=is_lost)

    def forward(self, peer_id: str, text: str, sender: str) -> None:
        self.session.forward(peer_id, text, sender)

    def locate(self, peer_ids: Iterable[str]) -> None:
        self.session.locate(peer_ids)

    async def open(self, local: LocalPeers) -> None:
        """Starts; again is nothing. Returns when Redis was found, or was not at the first try."""
        if self._task is None:
            self.session = RegistrySession(self.worker, self._lost_s, local, self._wake.set)
            self._task = asyncio.create_task(self._stay_linked())
            self._task.add_done_callback(_show_mistake)
        await self._tried.wait()

    async def close(self) -> None:
        """Gives back every id, for who comes back elsewhere, and ends. Takes two seconds at most."""
        if self._task is None:
            return
        said = asyncio.Event()
        self.session.sign_off(said.set)
        with suppress(TimeoutError):  # Redis does not answer: the leases end by themselves
            await in_time(said.wait())
        self._task.cancel()
        await asyncio.wait({self._task})
        self._task = None

    # the link ----------------------------------------------------------------------------------------------------------
    async def _stay_linked(self) -> None:
        pause_s = self.timing.retry_least_s
        for number in count(1):
            link = Link(self.url, f"kbz:to:{self.worker}", number, self._heard)
            try:
                await self._begin(link)
                pause_s = self.timing.retry_least_s
                await self._serve(link)
            except LINK_ERRORS:
                if self.session.is_linked or number == 1:
                    _log.warning("Redis does not answer. Until it does, only peers of the same process reach each other.")
            finally:
                self.session.unlinked(_now())
                self._tried.set()
                await link.close()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, self.timing.retry_most_s)

    async def _begin(self, link: Link) -> None:
        await link.open()
        await in_time(link.ask([Heartbeat(self._has_past).raw(self.worker, self.timing)]))
        if self._has_past:
            _log.info("Redis answers again.")
        self._has_past = True
        self._unheard = 0
        self.session.linked()
        self._wake.set()
        self._tried.set()

    async def _serve(self, link: Link) -> None:
        """Until the link fails: raises one of LINK_ERRORS. (A TaskGroup that fails swallows what cancels it, in Python 3.11.)"""
        tasks = [asyncio.create_task(work) for work in (self._send(link), link.watch(), self._keep_alive())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _send(self, link: Link) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while batch := self.session.next_batch(link.number, _now()):
                replies = await link.ask([command.raw(self.worker, self.timing) for command in batch])
                self.session.answered(replies, _now())
                await asyncio.sleep(0)  # the frames of this turn of the loop share the next batch

    def _heard(self, payload: bytes) -> None:
        self._unheard = 0
        if envelope := read_envelope(payload):
            self.session.received(envelope, _now())

    async def _keep_alive(self) -> None:
        for number in count(1):
            await asyncio.sleep(self.timing.heartbeat_s)
            if self._unheard >= MOST_UNHEARD:
                raise TimeoutError("nothing is heard on the worker's own channel")
            self._unheard += 1
            self.session.heartbeat(_now())
            if number % self.timing.heartbeats_a_renewal == 0:
                self.session.renew_all()


def _show_mistake(task: asyncio.Task[None]) -> None:
    """A task that nobody waits for would keep a mistake of ours to itself."""
    if not task.cancelled():
        task.result()


def _now() -> float:
    return asyncio.get_running_loop().time()
