"""The broker over real sockets: two PeerJS clients are introduced, and what a browser never sends hurts nobody."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

pytestmark = pytest.mark.server


def address(site: str, peer_id: str, token: str = "token", key: str = "peerjs") -> str:
    return f"{site.replace('http', 'ws', 1)}/peerjs?key={key}&id={peer_id}&token={token}&version=1.5.5"


async def told(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 20))
    return message


async def test_two_peers_are_introduced_whatever_their_origin(site: str) -> None:
    async with (
        connect(address(site, "ann"), additional_headers={"Origin": "https://other.example"}) as ann,
        connect(address(site, "ben")) as ben,
    ):
        assert await told(ann) == await told(ben) == {"type": "OPEN"}
        await ann.send(json.dumps({"type": "OFFER", "dst": "ben", "payload": {"sdp": "v=0"}}))
        assert await told(ben) == {"type": "OFFER", "src": "ann", "dst": "ben", "payload": {"sdp": "v=0"}}


async def test_an_id_has_one_holder_and_is_free_when_its_socket_closes(site: str) -> None:
    async with connect(address(site, "room")) as first:
        assert (await told(first))["type"] == "OPEN"
        async with connect(address(site, "room", token="other")) as second:
            assert (await told(second))["type"] == "ID-TAKEN"
    for _ in range(100):
        async with connect(address(site, "room", token="third")) as third:
            if (await told(third))["type"] == "OPEN":
                return
    pytest.fail("the id stayed taken")


async def test_a_wrong_key_is_refused(site: str) -> None:
    async with connect(address(site, "eve", key="other")) as eve:
        assert (await told(eve))["type"] == "INVALID-KEY"
        with pytest.raises(ConnectionClosed):
            await told(eve)


@pytest.mark.parametrize("hostile", ["", "{", "[" * 60_000, '{"type":"OFFER","dst":7}', b"\x00\xff", "x" * 60_000])
async def test_what_a_browser_never_sends_hurts_nobody(site: str, hostile: str | bytes) -> None:
    async with (
        connect(address(site, "calm-a")) as calm_a,
        connect(address(site, "calm-b")) as calm_b,
        connect(address(site, "eve")) as eve,
    ):
        for socket in (calm_a, calm_b, eve):
            await told(socket)
        await eve.send(hostile)
        await eve.send('{"type":"OFFER","dst":"calm-a","payload":"still here"}')
        assert (await told(calm_a))["payload"] == "still here"
        await calm_a.send('{"type":"ANSWER","dst":"calm-b","payload":1}')
        assert (await told(calm_b))["src"] == "calm-a"


async def test_a_receiver_that_goes_in_the_middle_costs_its_sender_nothing(site: str) -> None:
    for attempt in range(5):
        async with connect(address(site, f"ann-{attempt}")) as ann, connect(address(site, f"ben-{attempt}")) as ben:
            await told(ann)
            await told(ben)
            for number in range(150):
                await ann.send(json.dumps({"type": "CANDIDATE", "dst": f"ben-{attempt}", "payload": number}))
                if number == 75:
                    ben.transport.abort()
            await ann.send('{"type":"OFFER","dst":"nobody"}')
            while (await told(ann))["src"] != "nobody":
                pass


async def test_a_frame_over_the_cap_ends_only_its_own_socket(site: str) -> None:
    async with connect(address(site, "calm")) as calm, connect(address(site, "loud")) as loud:
        await told(calm)
        await told(loud)
        await loud.send("x" * (64 * 1024 + 1))
        with pytest.raises(ConnectionClosed) as ended:
            await told(loud)
        assert ended.value.rcvd
        assert ended.value.rcvd.code == 1009
        await calm.send('{"type":"OFFER","dst":"nobody"}')
        assert (await told(calm))["type"] == "EXPIRE"
