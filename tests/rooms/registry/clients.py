"""Our server in processes of its own, and clients that do at its sockets what PeerJS does."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.conftest import ROOT, free_port, wait_until_up

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
        socket = await connect(site.address(peer_id, token))
        if (await told(socket))["type"] == "OPEN":
            return socket
        await socket.close()
        await asyncio.sleep(0.1)


def offer(to: str, payload: object) -> str:
    return json.dumps({"type": "OFFER", "dst": to, "payload": payload})


class Client:
    """Stays: when its socket is closed it comes back at the next site, with the same id and token.

    got: the payloads it received, oldest first. codes: how its sockets were closed.
    """

    def __init__(self, peer_id: str, *ways: Site) -> None:
        self.peer_id = peer_id
        self.ways = list(ways)
        self.got: list[Any] = []
        self.codes: list[int] = []
        self.socket: ClientConnection
        self._task: asyncio.Task[None] | None = None

    async def join(self) -> None:
        self.socket = await joined(self.ways[0], self.peer_id)
        if self._task is None:
            self._task = asyncio.create_task(self._stay())

    async def _stay(self) -> None:
        while True:
            try:
                while True:
                    message = json.loads(await self.socket.recv())
                    if message["type"] == "OFFER":
                        self.got.append(message["payload"])
            except ConnectionClosed as ended:
                self.codes.append(ended.rcvd.code if ended.rcvd else 1006)
            self.ways = [*self.ways[1:], self.ways[0]]
            await self.join()

    async def say(self, to: str, payload: object) -> None:
        await self.socket.send(offer(to, payload))

    async def leave(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self.socket.close()
