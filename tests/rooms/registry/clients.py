"""Our server in processes of its own, and clients that do at its sockets what PeerJS does."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage

from tests.conftest import ROOT, free_port, wait_until_up
from tests.rooms.registry.workers import until

TOLD_S = 60
"""For an answer that must come, on a machine however busy."""


class Site:
    """A running `manage.py serve`."""

    def __init__(self, var: Path, extra: Mapping[str, str]) -> None:
        var.mkdir(parents=True, exist_ok=True)
        port = free_port()
        environ = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        environ |= {"PORT": str(port), "KIBITZ_VAR": str(var), "BROKER_SOCKETS_PER_NETWORK": "0", "BROKER_RATE": "0", **extra}
        self.log = var / "server.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=ROOT, env=environ, stdout=log, stderr=log)
        self.origin = f"http://localhost:{port}"
        wait_until_up(self.process, self.origin, self.log)

    def address(self, peer_id: str, token: str) -> str:
        return f"{self.origin.replace('http', 'ws', 1)}/peerjs?key=peerjs&id={peer_id}&token={token}&version=1.5.5"

    def has_registry(self) -> bool:
        """Whether one of its workers reaches Redis, as it tells an operator."""
        with urllib.request.urlopen(f"{self.origin}/metrics", timeout=TOLD_S) as answer:
            lines = answer.read().decode().splitlines()
        return any(line.startswith("kibitz_broker_registry_reachable{") and line.endswith(" 1.0") for line in lines)

    def end(self) -> None:
        for number in (signal.SIGCONT, signal.SIGTERM):
            if self.process.poll() is None:
                self.process.send_signal(number)
        self.process.wait()


@contextmanager
def sites(folder: Path, *extras: Mapping[str, str]) -> Iterator[list[Site]]:
    """One server for each set of settings."""
    running: list[Site] = []
    try:
        for number, extra in enumerate(extras):
            running.append(Site(folder / str(number), extra))
        yield running
    finally:
        for site in running:
            site.end()


async def told(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), TOLD_S))
    return message


async def first_word(site: Site, peer_id: str, token: str) -> str:
    """What a claim comes to. The socket is closed at once, which gives the id back."""
    try:
        async with connect(site.address(peer_id, token)) as socket:
            return str((await told(socket))["type"])
    except ConnectionClosed:
        return "closed"


async def first_certain_word(site: Site, peer_id: str, token: str) -> str:
    """As a client does that is told to try again in a moment."""
    while (word := await first_word(site, peer_id, token)) in ("ERROR", "closed"):
        await asyncio.sleep(0.1)
    return word


async def joined(site: Site, peer_id: str, token: str = "token") -> ClientConnection:
    """A socket that holds its id."""
    while True:
        socket = await connect(site.address(peer_id, token), open_timeout=TOLD_S)
        if (await told(socket))["type"] == "OPEN":
            return socket
        await socket.close()
        await asyncio.sleep(0.1)


def offer(to: str, payload: object) -> str:
    return json.dumps({"type": "OFFER", "dst": to, "payload": payload})


class Client:
    """Stays: when its socket is closed it comes back at the next site, with the same id and token.

    site: where it is. got: the payloads it received, oldest first. codes: how its sockets were closed.
    """

    def __init__(self, peer_id: str, *ways: Site, token: str = "token") -> None:
        self.peer_id = peer_id
        self.token = token
        self.got: list[Any] = []
        self.codes: list[int] = []
        self.socket: ClientConnection
        self._ways = ways
        self._way = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def site(self) -> Site:
        return self._ways[self._way]

    async def join(self) -> None:
        assert await self.contend(), "somebody else has the id"

    async def contend(self) -> bool:
        """Tries, at one site after the other, until it is certain who has the id; whether it is this client."""
        while True:
            with suppress(OSError, ConnectionClosed, InvalidMessage):  # a site that is not there, or is just going
                self.socket = await connect(self.site.address(self.peer_id, self.token), open_timeout=TOLD_S)
                word = (await told(self.socket))["type"]
                if word == "OPEN":
                    self._task = self._task or asyncio.create_task(self._stay())
                    return True
                await self.socket.close()
                if word == "ID-TAKEN":
                    return False
            self._go_on()
            await asyncio.sleep(0.1)

    def _go_on(self) -> None:
        self._way = (self._way + 1) % len(self._ways)

    async def _stay(self) -> None:
        while True:
            try:
                while True:
                    message = json.loads(await self.socket.recv())
                    if message["type"] == "OFFER":
                        self.got.append(message["payload"])
            except ConnectionClosed as ended:
                self.codes.append(ended.rcvd.code if ended.rcvd else 1006)
            self._go_on()
            await self.join()

    async def say(self, to: str, payload: object) -> None:
        await self.socket.send(offer(to, payload))

    async def leave(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self.socket.close()


class Call:
    """Two clients that write to each other all the time, as those of a call do while it is set up."""

    def __init__(self, name: str, site: Site) -> None:
        self.ends = (Client(f"{name}-left", site), Client(f"{name}-right", site))
        self.said = 0
        self._is_over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        for end in self.ends:
            await end.join()
        self._task = asyncio.create_task(self._talk())

    async def _talk(self) -> None:
        left, right = self.ends
        while not self._is_over.is_set():
            await left.say(right.peer_id, self.said)
            await right.say(left.peer_id, self.said)
            self.said += 1
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        """Fails if the call noticed anything: a frame that was lost, doubled or late, or a socket that was closed."""
        self._is_over.set()
        assert self._task
        await self._task
        await until(lambda: all(len(end.got) >= self.said for end in self.ends))
        for end in self.ends:
            assert (end.got, end.codes) == (list(range(self.said)), [])
            await end.leave()
