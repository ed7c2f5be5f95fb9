"""The server learns who to introduce, and keeps nothing of it: its log, its metrics, its database and Redis are searched
after clients did all they can, well and badly, from an address and with words that occur nowhere else.

DESIGN.md, "What is stored": while a socket is open its peer id is in Redis, and only there. The same search after a call in
real browsers is in tests/e2e/test_content_blind.py.
"""

import asyncio
import json
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.conftest import answers, served
from tests.kibitz_site.test_health import redis_server

pytestmark = pytest.mark.server

SDP_WORDS = ("a=candidate", "candidate:", "ice-ufrag", "ice-pwd", "a=fingerprint", "m=audio", "m=application")
OTHER_ADDRESS = re.compile(rb"(?<![\d.])(?!127\.0\.0\.1(?!\d)|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
"""An IPv4 address that is not where the server itself listens."""

FORGOTTEN_S = 60
"""Until when a socket's traces must be gone: lost ids are kept 5 s, and the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A site whose every trace can be read."""

    origin: str
    var: Path
    redis_url: str = ""
    redis_folder: Path = Path()

    def written(self) -> dict[str, bytes]:
        """What is on disk or in Redis by now, by place."""
        files = [path for path in self.var.rglob("*") if path.is_file() and "static" not in path.parts]
        return {path.name: path.read_bytes() for path in files} | ({"redis": self._dump()} if self.redis_url else {})

    def metrics(self) -> dict[str, bytes]:
        with urllib.request.urlopen(f"{self.origin}/metrics", timeout=30) as answer:
            return {"metrics": answer.read()}

    def _dump(self) -> bytes:
        """Everything in Redis, of every kind, as it would be written to disk."""
        with closing(redis.Redis.from_url(self.redis_url)) as client:
            client.config_set("rdbcompression", "no")
            client.save()
        return (self.redis_folder / "dump.rdb").read_bytes()


@contextmanager
def watched(folder: Path, *, has_redis: bool, frames_by: str = "picows") -> Iterator[Watched]:
    """A site with error pages for the public, its log in a file, and a Redis of its own where wanted.

    frames_by: the WebSocket class, as BROKER_WS names it.
    """
    var, redis_folder = folder / "var", folder / "redis"
    var.mkdir()
    redis_folder.mkdir()
    with ExitStack() as ends:
        redis_url = ends.enter_context(redis_server(redis_folder)) if has_redis else ""
        origin = ends.enter_context(served(var, {"DEBUG": "0", "REDIS_URL": redis_url, "BROKER_WS": frames_by}))
        yield Watched(origin, var, redis_url, redis_folder)


def traces(places: dict[str, bytes], words: Iterable[str]) -> list[tuple[str, str]]:
    """Where a word, as it is or as addresses write it, or somebody's address was found."""
    spellings = {spelling for word in words for spelling in (word, quote(word), json.dumps(word)[1:-1], word.lower())}
    found = [(place, word) for place, data in places.items() for word in spellings if word.encode() in data]
    for place in {"server.log", "metrics", "redis"} & places.keys():
        found += [(place, address.decode()) for address in OTHER_ADDRESS.findall(places[place])]
    return found


def assert_forgotten(site: Watched, words: Iterable[str]) -> None:
    """Nothing is left once the sockets are gone. When Redis hears of that is its own matter, so this looks until it did."""
    wanted = tuple(words)
    assert traces(site.metrics(), wanted) == []
    ends_at = time.monotonic() + FORGOTTEN_S
    while (found := traces(site.written(), wanted)) and time.monotonic() < ends_at:
        time.sleep(0.05)  # between two looks; the look decides
    assert found == []


# a client that does everything -----------------------------------------------------------------------------------------
ROOM = "kbz-v1-quokka-of-the-long-grass"
NAME = "Zephyrine Østergård"
CHAT = "meet me by the blue heron 4711"
HOME = "127.0.0.77"
SDP = f"v=0\r\no=- 1 2 IN IP4 203.0.113.77\r\na=ice-ufrag:uFrg\r\na=candidate:1 1 udp 1 203.0.113.77 9 typ host\r\ns={NAME}"
WORDS = (*SDP_WORDS, ROOM, "quokka", NAME, "Zephyrine", CHAT, HOME, "203.0.113.77", "secret-token-of-ann")


def address(site: Watched, peer_id: str, token: str = "secret-token-of-ann") -> str:
    query = f"key=peerjs&id={quote(peer_id)}&token={quote(token)}&version=1.5.5"
    return f"{site.origin.replace('http', 'ws', 1)}/peerjs?{query}"


def come(site: Watched, peer_id: str, token: str = "secret-token-of-ann") -> connect:
    return connect(address(site, peer_id, token), local_addr=(HOME, 0), additional_headers={"X-Note": NAME})


async def opened(client: ClientConnection) -> ClientConnection:
    assert json.loads(await asyncio.wait_for(client.recv(), 20))["type"] == "OPEN"
    return client


async def call_well(ann: ClientConnection, ben: ClientConnection) -> None:
    await ann.send(json.dumps({"type": "OFFER", "dst": f"{ROOM}-ben", "payload": {"sdp": SDP, "metadata": CHAT}}))
    assert SDP in json.loads(await asyncio.wait_for(ben.recv(), 20))["payload"]["sdp"]
    await ben.send(json.dumps({"type": "CANDIDATE", "dst": ROOM, "payload": SDP}))
    await asyncio.wait_for(ann.recv(), 20)
    await ann.send(json.dumps({"type": "OFFER", "dst": f"{ROOM}-nobody", "payload": SDP}))


async def behave_badly(site: Watched, frames: Iterable[str | bytes], peer_id: str, token: str = "another") -> None:
    """Whatever the server makes of it, also closing the door."""
    try:
        async with come(site, peer_id, token) as client:
            for frame in frames:
                await client.send(frame)
            while True:
                await asyncio.wait_for(client.recv(), 0.2)
    except (ConnectionClosed, InvalidStatus, TimeoutError):
        return


async def do_everything(site: Watched) -> None:
    async with come(site, ROOM) as ann, come(site, f"{ROOM}-ben") as ben:
        await call_well(await opened(ann), await opened(ben))
        during = site.written()
        held = {place for place, word in traces(during, WORDS) if word.lower() in (ROOM, "quokka")}
        assert held == ({"redis"} if site.redis_url else set())
        said = [trace for trace in traces(during, WORDS) if trace[1].lower() not in (ROOM, "quokka", "secret-token-of-ann")]
        assert said == []
        await behave_badly(site, [], ROOM, "the-id-is-taken")
        await behave_badly(site, [NAME, "{" + CHAT, json.dumps({"type": NAME, "dst": CHAT}), NAME.encode()], f"{ROOM}-eve")
        await behave_badly(site, [json.dumps({"type": "OFFER", "dst": ROOM, "payload": SDP * 900})], f"{ROOM}-big")
        await behave_badly(site, [json.dumps({"type": "OFFER", "dst": f"{ROOM}-flood", "payload": CHAT})] * 450, f"{ROOM}-flood")
        await behave_badly(site, [], NAME)
        await behave_badly(site, [], f"{ROOM}-", NAME)
        await asyncio.to_thread(write_badly, site)
        ben.transport.abort()


REQUESTS = [
    f"GET /j/{quote(NAME)}?n={quote(CHAT)} HTTP/1.1",
    f"GET /{ROOM}/{quote(CHAT)} HTTP/1.1",
    f"GET /j/{ROOM}%00%ff HTTP/1.1",
    f"PUT /api/turn?room={ROOM} HTTP/1.1",
    f"GET /peerjs?id={ROOM} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {ROOM}",
    f"GET /ws/{ROOM} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
    "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    f"GET /j/{ROOM} HTTP/1.1\r\nContent-Length: {ROOM}",
    f"{ROOM} {CHAT}",
    f"GET /admin/?next={ROOM} HTTP/1.1\r\nCookie: kibitz-session={ROOM}",
    f"GET /metrics HTTP/1.1\r\nAuthorization: Bearer {ROOM}\r\nX-Forwarded-For: 203.0.113.77",
    f"GET /api/turn HTTP/1.1\r\nAuthorization: Bearer {ROOM}\r\nX-Kibitz-Grant: {ROOM}\r\nX-Forwarded-For: 203.0.113.77",
]


def write_badly(site: Watched) -> None:
    """Requests by hand, good and bad, until the server has answered or hung up."""
    hostname = urlsplit(site.origin).netloc
    for request in [*REQUESTS, f"GET /j/{ROOM} HTTP/1.1\r\nHost: {ROOM}.example"]:
        named = "" if "Host:" in request else f"\r\nHost: {hostname}"
        with socket.create_connection(("127.0.0.1", urlsplit(site.origin).port), 30, source_address=(HOME, 0)) as channel:
            channel.sendall(f"{request}{named}\r\nConnection: close\r\n\r\n".encode())
            while channel.recv(65_536):
                continue
    assert answers(site.origin)


@pytest.mark.parametrize("has_redis", [False, True], ids=["alone", "with Redis"])
@pytest.mark.parametrize("frames_by", ["picows", "websockets"])
async def test_nothing_of_what_clients_say_or_are_is_kept(tmp_path: Path, frames_by: str, has_redis: bool) -> None:
    with watched(tmp_path, has_redis=has_redis, frames_by=frames_by) as site:
        await do_everything(site)
        await asyncio.to_thread(assert_forgotten, site, WORDS)
    stopped = {name: data for name, data in Watched("", site.var).written().items()}
    assert "kibitz.sqlite3" in stopped
    assert traces(stopped, WORDS) == []


def test_a_refused_form_names_no_room_in_the_log(tmp_path: Path) -> None:
    with watched(tmp_path, has_redis=False) as site:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{site.origin}/j/{ROOM}", data=b"x=1", timeout=30)
        refused.value.close()
    assert traces(site.written(), WORDS) == []


def test_the_search_finds_what_is_there() -> None:
    """A search that finds nothing proves something only if it can find."""
    places = {
        "server.log": f"Forbidden: /j/{quote(NAME)} 203.0.113.77".encode(),
        "kibitz.sqlite3": b"a=candidate",
        "redis": json.dumps({"name": NAME}).encode(),
    }
    found = {place for place, _ in traces(places, WORDS)}
    assert found == places.keys()
    assert traces({"server.log": b"http://127.0.0.1:8000 on 0.0.0.0"}, WORDS) == []
    assert ("server.log", HOME) in traces({"server.log": HOME.encode()}, [])
