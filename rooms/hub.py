"""The broker's shell: open sockets, the clock and the registry around the pure session, one for each process.

Carries effects out and decides nothing. Writing never waits: a `Line` takes what it can and drops itself when its reader is
too slow, so one slow reader delays nobody.
"""

import asyncio
from collections.abc import Callable, Iterable
from itertools import count
from math import ceil
from typing import Final

from rooms.broker.effects import Claim, Close, Effect, Forward, Locate, Release, Send
from rooms.broker.session import Broker, Hello
from rooms.registry.port import Outcome, Registry
from rooms.websockets.port import Line

TICK_S: Final = 0.25
"""How finely waiting times are kept: an EXPIRE may be this late."""

DRAIN_STEP_S: Final = 0.1
DRAIN_AT_ONCE: Final = 10
"""At least so many sockets are closed in one step: a handful needs no spreading."""

GOODBYE_CODES: Final = frozenset({1000, 1001, 1005})
"""A client that closes on purpose: done, navigated away, or closed without a code, which is what PeerJS does."""


class Hub:
    """All sockets of this process."""

    def __init__(self, broker: Broker, registry: Registry, clock: Callable[[], float]) -> None:
        broker.is_alone = registry.is_alone
        self.broker = broker
        self.registry = registry
        self.clock = clock
        self.lines: dict[int, Line] = {}
        self._numbers = count()
        self._ticking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Starts the registry and the ticking; again only waits until the registry can be asked."""
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick())
        await self.registry.open(self)

    async def close(self) -> None:
        """Ends both."""
        if self._ticking:
            self._ticking.cancel()
            self._ticking = None
            await self.registry.close()

    async def drain(self, duration_s: float) -> None:
        """Sends everybody elsewhere, a few at a time, so that the other processes are not overrun; then waits for the frames
        that still wait for somebody, which is seconds at most. Alone there is no elsewhere, so nothing is gained by waiting."""
        steps = 1 if self.registry.is_alone else max(1, round(duration_s / DRAIN_STEP_S))
        for steps_left in range(steps, 0, -1):
            sockets = list(self.broker.sockets)
            for number in sockets[: max(DRAIN_AT_ONCE, ceil(len(sockets) / steps_left))]:
                self.carry_out(self.broker.restarting(number, self.clock()))
            if not self.broker.sockets:
                break
            await asyncio.sleep(DRAIN_STEP_S)
        while self.broker.mailboxes.boxes and not self.registry.is_alone:
            await asyncio.sleep(TICK_S)

    def enter(self, line: Line, hello: Hello) -> int:
        """A socket came; answers its number."""
        number = next(self._numbers)
        self.lines[number] = line
        self.carry_out(self.broker.opened(number, hello, self.clock()))
        return number

    def hear(self, number: int, text: str) -> None:
        """A frame came."""
        answer = self.broker.hear(number, text, self.clock())
        if isinstance(answer, tuple):
            if line := self.lines.get(answer[0]):
                line.write(answer[1])
        elif isinstance(answer, Forward):
            self.registry.forward(answer.peer_id, answer.text, answer.sender)
        else:
            self.carry_out(answer)

    def left(self, number: int, code: int) -> None:
        """A socket went, with this close code."""
        line = self.lines.pop(number, None)
        if line is not None and line.is_overrun:
            self.broker.counts.slow_readers += 1
        self.carry_out(self.broker.closed(number, self.clock(), is_goodbye=code in GOODBYE_CODES))

    def carry_out(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(socket, text):
                    if line := self.lines.get(socket):
                        line.write(text)
                case Close(socket, code):
                    if line := self.lines.get(socket):
                        line.close(code)
                case Forward(peer_id, text, sender):
                    self.registry.forward(peer_id, text, sender)
                case Claim():
                    self._claim(effect)
                case Release(peer_id, token, is_lost):
                    self.registry.release(peer_id, token, is_lost=is_lost)
                case Locate(peer_ids):
                    self.registry.locate(peer_ids)

    def _claim(self, wanted: Claim) -> None:
        def done(outcome: Outcome) -> None:
            match outcome:
                case Outcome.HELD if wanted.socket in self.broker.sockets:
                    self.carry_out(self.broker.claimed(wanted.socket, self.clock()))
                case Outcome.HELD if wanted.peer_id not in self.broker.peers:  # the socket went while the registry was asked
                    self.registry.release(wanted.peer_id, wanted.token, is_lost=False)
                case Outcome.TAKEN:
                    self.carry_out(self.broker.taken(wanted.socket))
                case Outcome.UNSURE:
                    self.carry_out(self.broker.unsure(wanted.socket))

        self.registry.claim(wanted.peer_id, wanted.token, done)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.carry_out(self.broker.tick(self.clock()))

    def missing(self, peer_id: str, text: str, sender: str, *, is_lost: bool) -> None:
        self.carry_out(self.broker.missing(peer_id, text, sender, self.clock(), is_lost=is_lost))

    def delivered(self, peer_id: str, text: str) -> bool:
        relay = self.broker.delivered(peer_id, text)
        if relay is None:
            return False
        if line := self.lines.get(relay[0]):
            line.write(text)
        return True

    def found(self, peer_id: str) -> None:
        self.carry_out(self.broker.found(peer_id))

    def evicted(self, peer_id: str) -> None:
        self.carry_out(self.broker.evicted(peer_id))

    def holdings(self) -> Iterable[tuple[str, str]]:
        return [(peer_id, self.broker.sockets[socket].hello.token) for peer_id, socket in self.broker.peers.items()]
