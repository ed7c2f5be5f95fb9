"""Somebody with the room's name sends what no client of ours would: the page stays alive, and the next guest gets in."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.test_first_call import Person

STOCK_PEERJS = Path("node_modules/peerjs/dist/peerjs.min.js")
SEND = """
([room, bytes]) => new Promise((resolve) => {
  const peer = new Peer({ host: location.hostname, port: location.port, path: '/', config: { iceServers: [] } })
  peer.on('open', () => {
    const link = peer.connect(room, { reliable: true })
    link.on('open', () => link.dataChannel.send(new Uint8Array(bytes)))
    link.on('close', () => resolve('closed'))
  })
})
"""
PIECE = [
    0x84,
    0xBA,
    *b"__peerData",
    0x01,
    0xB1,
    *b"n",
    0xCE,
    0x7F,
    0xFF,
    0xFF,
    0xFF,
    0xB5,
    *b"total",
    0xCE,
    0x7F,
    0xFF,
    0xFF,
    0xFF,
]
PIECE += [0xB4, *b"data", 0xA1, 0x00]


@pytest.mark.parametrize(
    "hostile",
    [
        [0xDD, 0xFF, 0xFF, 0xFF, 0xFF],  # a list of four thousand million items
        [0xDD, 0x01, 0x00, 0x00, 0x00],  # one of sixteen million
        [0x91] * 60_000,  # lists inside lists
        [0xC1],  # nothing that exists
        [0x81, 0xB9, *b"__proto__", 0x80],
        PIECE,  # one piece of two thousand million
    ],
)
def test_hostile_bytes_cost_their_sender_the_connection_and_nobody_else_anything(
    site: str, browser: Browser, hostile: list[int]
) -> None:
    room = f"calm-{len(hostile)}-{hostile[-1]}"
    people = [Person(name, context := browser.new_context(), context.new_page()) for name in ("Ann", "Ben")]
    ann, ben = people
    for person in people:
        person.listen()
    ann.page.goto(f"{site}/#{room}")
    ann.join()
    expect(ann.page.get_by_role("status").first).to_be_empty()

    eve = browser.new_context(bypass_csp=True).new_page()
    eve.goto(f"{site}/healthz")
    eve.add_script_tag(path=STOCK_PEERJS)
    assert eve.evaluate(SEND, [f"kbz-v1-{room}", hostile]) == "closed"

    ben.page.goto(f"{site}/#{room}")
    ben.join()
    ann.sees(ben)
    ben.sees(ann)
    assert ann.complaints == []
    assert ben.complaints == []
    for context in (ann.context, ben.context, eve.context):
        context.close()
