"""Plays exchanges against a server and writes down what each client hears.

Nothing here waits for time to pass: that something does not come is known from a marker frame that comes instead, which is
as late as the frame before it would have been. HEARD_S only ends a broken run.
"""

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, assert_never

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.rooms.conformance.steps import (
    Close,
    End,
    EndWithCode,
    Enter,
    Exchange,
    Hear,
    Ping,
    Reclaim,
    Say,
    Step,
    Until,
    canonical,
    ended,
)

HEARD_S: Final = 30.0
"""How long something may take that must come. The slowest known is npm's EXPIRE, after 5 to 6 s."""

TRIES: Final = 200
"""How often an id is asked for that its holder just gave up; a server needs a moment to see that."""

MARKER: Final = "that was all"
WITNESS: Final = "witness"
"""Sends the marker where a socket that should do it was closed."""


async def play_all(origin: str, exchanges: Iterable[Exchange]) -> dict[str, list[str]]:
    """Every exchange at once; answers what was heard, by the exchange's name."""
    stages = {exchange.name: Stage(origin, number) for number, exchange in enumerate(exchanges)}
    await asyncio.gather(*(stages[exchange.name].play(exchange) for exchange in exchanges))
    return {name: stage.lines for name, stage in stages.items()}


class Stage:
    """One exchange being played."""

    def __init__(self, origin: str, number: int) -> None:
        self.lines: list[str] = []
        self._base = origin.replace("http", "ws", 1)
        self._own = f"z{number}z"
        self._sockets: dict[str, ClientConnection] = {}
        self._ids: dict[str, str] = {}

    async def play(self, exchange: Exchange) -> None:
        who = ""
        try:
            for step in exchange.steps:
                who = step.who
                await self._take(step)
        except TimeoutError:
            self.lines.append(f"{who}: nothing came")
        finally:
            await asyncio.gather(*(socket.close() for socket in self._sockets.values()))

    async def _take(self, step: Step) -> None:
        match step:
            case Enter():
                await self._enter(step)
            case Say(who, message):
                await self._say(who, message)
            case Hear(who):
                self._note(who, await self._heard(who))
            case Until(who, by):
                await self._until(who, by)
            case End(who):
                await self._end(who)
            case EndWithCode(who):
                await self._end(who)
                self.lines.append(f"{who}: code {self._sockets[who].close_code}")
            case Close(who, code):
                await self._close(who, code)
            case Reclaim(who, peer_id):
                await self._reclaim(who, peer_id)
            case Ping(who):
                await self._ping(who)
            case _:
                assert_never(step)

    async def _enter(self, step: Enter) -> None:
        address = self._base + step.address.replace("~", self._own)
        try:
            socket = await connect(
                address,
                additional_headers={"Origin": step.origin} if step.origin else {},
                subprotocols=[Subprotocol(step.protocol)] if step.protocol else None,
                proxy=None,
                max_size=None,
                open_timeout=HEARD_S,
            )
        except InvalidStatus as refused:
            self.lines.append(f"{step.who}: refused with {refused.response.status_code}")
            return
        self._sockets[step.who] = socket
        self._ids[step.who] = step.id.replace("~", self._own)
        if step.shows_handshake:
            self._note_handshake(step.who, socket)
        if step.hears:
            self._note(step.who, await self._heard(step.who))

    def _note_handshake(self, who: str, socket: ClientConnection) -> None:
        assert socket.response
        for name in ("Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"):
            self.lines.append(f"{who}: {name} {socket.response.headers.get(name, 'none')}")

    async def _say(self, who: str, message: str | bytes | tuple[str, ...]) -> None:
        if isinstance(message, str):
            message = message.replace("~", self._own)
        elif isinstance(message, bytes):
            message = message.replace(b"~", self._own.encode())
        else:
            message = tuple(part.replace("~", self._own) for part in message)
        with suppress(ConnectionClosed):  # whoever listens to this socket hears of it
            await self._sockets[who].send(message)

    async def _ping(self, who: str) -> None:
        socket = self._sockets[who]
        try:
            await asyncio.wait_for(await socket.ping(), HEARD_S)
        except ConnectionClosed:
            self.lines.append(ended(who, socket.close_code or 0))
        else:
            self.lines.append(f"{who}: pong")

    async def _heard(self, who: str) -> str | None:
        """The next frame; None: the socket ended."""
        try:
            return str(await asyncio.wait_for(self._sockets[who].recv(), HEARD_S))
        except ConnectionClosed:
            return None

    def _note(self, who: str, text: str | None) -> bool:
        """Writes down what was heard; whether the socket is still open."""
        if text is None:
            self.lines.append(ended(who, self._sockets[who].close_code or 0))
            return False
        self.lines.append(f"{who}: {canonical(text.replace(self._own, '~'))}")
        return True

    async def _end(self, who: str) -> None:
        while self._note(who, await self._heard(who)):
            pass

    async def _until(self, who: str, by: str) -> None:
        marker = json.dumps({"type": "OFFER", "dst": self._ids[who], "payload": MARKER})
        try:
            await self._sockets[by].send(marker)
        except ConnectionClosed:  # its end has been heard, so what it sent before has been dealt with
            await self._enter(Enter(WITNESS, hears=False))
            await self._sockets[WITNESS].send(marker)
        while (text := await self._heard(who)) is None or json.loads(text).get("payload") != MARKER:
            if not self._note(who, text):
                return

    async def _close(self, who: str, code: int) -> None:
        socket = self._sockets.pop(who)
        if code:
            await socket.close(code)
        else:
            socket.transport.abort()
            await socket.wait_closed()

    async def _reclaim(self, who: str, peer_id: str) -> None:
        for number in range(TRIES):
            wanted = Enter(who, peer_id, token=f"{who}{number}", hears=False)
            await self._enter(wanted)
            first = await self._heard(who)
            if first and json.loads(first)["type"] == "OPEN":
                self._note(who, first)
                return
            await self._sockets[who].close()
        self.lines.append(f"{who}: the id stayed taken")
