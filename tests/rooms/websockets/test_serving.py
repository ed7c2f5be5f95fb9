"""Both pairs of classes inside this process, with short times and a small application in place of the broker."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from rooms.websockets.choice import CHOICES, PICOWS, uvicorn_classes
from rooms.websockets.messages import Opcode
from rooms.websockets.port import FRAMES
from tests.rooms.websockets.raw import PATIENCE_S, Raw, close, frame, text

PATH = "/peerjs?key=peerjs"
SOON_S = 0.05
pytestmark = pytest.mark.parametrize("websockets", CHOICES)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Says everything back, and in the end the code, to `ends`."""
    await receive()
    await send({"type": "websocket.accept"})
    if frames := scope["extensions"].get(FRAMES):
        line = frames.line(1_000_000)
        frames.listen(lambda _, told: line.write(told), 0)
    while (message := await receive())["type"] == "websocket.receive":
        with suppress(OSError):  # it may be gone by now; how, the next message says
            await send({"type": "websocket.send", "text": message["text"]})
    scope["state"]["ends"].append(message["code"])


class Served:
    """A listening server of the classes."""

    def __init__(self, origin: str, state: ServerState, ends: list[int]) -> None:
        self.origin = origin
        self.state = state
        self.ends = ends


@asynccontextmanager
async def serving(websockets: str, app: Any, **options: Any) -> AsyncIterator[Served]:
    head_s = options.pop("head_s", PATIENCE_S)
    options |= {**uvicorn_classes(websockets, is_installed=True), "lifespan": "off", "log_config": None}
    config = Config(app, **options)
    config.load()
    http = type("Timed", (config.http_protocol_class,), {"head_s": head_s})
    state, ends = ServerState(), list[int]()
    made: Callable[[], asyncio.Protocol] = lambda: http(config, state, {"ends": ends})  # noqa: E731  # what a server calls
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    try:
        yield Served(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", state, ends)
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        await until(lambda: not state.tasks)


def asked(origin: str, path: str, *extra: str) -> str:
    """What a handshake is answered with."""
    with Raw(origin) as raw:
        return raw.shake(path, *extra)


async def until(is_so: Callable[[], bool]) -> None:
    """Looks until something is so, on a busy machine too."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.01)  # between two looks


async def test_an_echo(websockets: str) -> None:
    def client(origin: str) -> None:
        with Raw(origin) as raw:
            assert raw.shake(PATH).startswith("HTTP/1.1 101")
            raw.send(text("one") + text("two"))
            assert [raw.read().payload, raw.read().payload] == [b"one", b"two"]
            raw.send(close(1001))
            assert raw.closing() == 1001

    async with serving(websockets, echo) as served:
        await asyncio.to_thread(client, served.origin)
        await until(lambda: served.ends == [1001] and not served.state.connections)


async def test_a_cut_connection_is_told_from_a_goodbye(websockets: str) -> None:
    def client(origin: str, goodbye: bytes) -> None:
        with Raw(origin) as raw:
            raw.shake(PATH)
            raw.send(text("x") + goodbye)
            raw.read()

    async with serving(websockets, echo) as served:
        await asyncio.to_thread(client, served.origin, b"")
        await until(lambda: served.ends == [1006])
        await asyncio.to_thread(client, served.origin, close())
        await until(lambda: served.ends == [1006, 1005])


async def test_a_half_open_socket_is_found(websockets: str) -> None:
    def client(origin: str) -> None:
        with Raw(origin) as raw:
            raw.shake(PATH)
            assert raw.read().opcode == Opcode.PING
            assert raw.is_over()

    async with serving(websockets, echo, ws_ping_interval=SOON_S, ws_ping_timeout=SOON_S) as served:
        await asyncio.to_thread(client, served.origin)
        await until(lambda: not served.state.connections)


async def test_one_that_answers_pings_stays(websockets: str) -> None:
    def client(origin: str) -> None:
        with Raw(origin) as raw:
            raw.shake(PATH)
            for _ in range(10):
                ping = raw.read()
                assert ping.opcode == Opcode.PING
                raw.send(frame(Opcode.PONG, ping.payload))
            raw.send(text("still here"))
            while raw.read().payload != b"still here":
                pass

    async with serving(websockets, echo, ws_ping_interval=SOON_S, ws_ping_timeout=PATIENCE_S) as served:
        await asyncio.to_thread(client, served.origin)


@pytest.mark.parametrize("sent", [b"", b"G", b"GET /peerjs HTTP/1.1\r\nHost: x\r\n", b"GET / HTTP/1.1\r\nX: "])
async def test_a_head_that_never_ends_is_not_waited_for(websockets: str, sent: bytes) -> None:
    def client(origin: str) -> None:
        with Raw(origin) as raw:
            raw.send(sent)
            assert raw.head().startswith("HTTP/1.1 408")
            assert raw.is_over()

    async with serving(websockets, echo, head_s=SOON_S) as served:
        await asyncio.to_thread(client, served.origin)
        await until(lambda: not served.state.connections)


async def test_a_head_without_measure_is_refused(websockets: str) -> None:
    def client(origin: str) -> None:
        with Raw(origin) as raw:
            raw.send(b"GET /peerjs HTTP/1.1\r\n" + b"X-Filler: " + b"y" * 70_000)
            assert raw.head().startswith("HTTP/1.1 431")

    async with serving(websockets, echo) as served:
        await asyncio.to_thread(client, served.origin)


async def test_a_server_that_stops_sends_its_clients_elsewhere(websockets: str) -> None:
    def connect(origin: str) -> Raw:
        raw = Raw(origin)
        raw.shake(PATH)
        raw.send(text("x"))
        raw.read()
        return raw

    def part(raw: Raw) -> None:
        assert raw.closing() == 1012
        raw.send(close(1012))
        assert raw.is_over()
        raw.socket.close()

    async with serving(websockets, echo) as served:
        raws = [await asyncio.to_thread(connect, served.origin) for _ in range(3)]
        for connection in list(served.state.connections):
            connection.shutdown()
        for raw in raws:
            await asyncio.to_thread(part, raw)
        await until(lambda: not served.state.connections and served.ends == [1012] * 3)


async def test_a_server_that_stops_before_it_answered_says_so(websockets: str) -> None:
    is_asked = asyncio.Event()

    async def thinking(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        is_asked.set()
        assert (await receive())["type"] == "websocket.disconnect"

    async with serving(websockets, thinking) as served:
        asking = asyncio.create_task(asyncio.to_thread(asked, served.origin, PATH))
        await is_asked.wait()
        for connection in list(served.state.connections):
            connection.shutdown()
        assert (await asking).split()[1] in ("500", "503")


async def test_an_application_may_refuse(websockets: str) -> None:
    async def refusing(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.close"})

    async with serving(websockets, refusing) as served:
        head = await asyncio.to_thread(asked, served.origin, PATH)
        assert head.startswith("HTTP/1.1 403")


@pytest.mark.parametrize("is_accepted", [False, True])
async def test_a_mistake_of_the_application_is_logged_and_ends_only_this(
    websockets: str, is_accepted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def mistaken(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if is_accepted:
            await send({"type": "websocket.accept"})
        raise RuntimeError("a mistake")

    def client(origin: str) -> None:
        with Raw(origin) as raw:
            assert raw.shake(PATH).split()[1] == ("101" if is_accepted else "500")
            if is_accepted and websockets == PICOWS:
                assert raw.closing() == 1011
                raw.send(close(1011))
            assert raw.is_over()

    with caplog.at_level(logging.ERROR):
        async with serving(websockets, mistaken) as served:
            await asyncio.to_thread(client, served.origin)
            await until(lambda: not served.state.connections)
    assert "a mistake" in caplog.text


async def test_the_application_learns_whom_it_serves(websockets: str) -> None:
    seen: list[Any] = []

    async def looking(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await receive()
        await send({"type": "websocket.close"})

    async with serving(websockets, looking) as served:
        await asyncio.to_thread(asked, served.origin, f"{PATH}&id=%C3%A4", "Origin: https://elsewhere.example")
    scope = seen[0]
    port = int(served.origin.rpartition(":")[2])
    assert (scope["type"], scope["path"], scope["raw_path"], scope["scheme"]) == ("websocket", "/peerjs", b"/peerjs", "ws")
    assert (scope["query_string"], scope["server"]) == (b"key=peerjs&id=%C3%A4", ("127.0.0.1", port))
    assert scope["client"][0].startswith("10.") or scope["client"][0] == "127.0.0.1"
    assert (b"origin", b"https://elsewhere.example") in scope["headers"]
    assert json.dumps(scope["subprotocols"]) == "[]"
