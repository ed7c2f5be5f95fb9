"""What a socket's address may say: key, id and token, whole, missing and odd."""

from typing import Final

from rooms.broker.session import MISSING, UNUSABLE_ID, UNUSABLE_TOKEN
from tests.rooms.conformance.steps import Difference, End, EndWithCode, Enter, Exchange, Step, Until, ended, heard, opened


def refused(name: str, query: str, difference: Difference | None = None, waits_for: str = "") -> Exchange:
    """The address is refused with a word, then the socket ends."""
    return Exchange(name, [Enter("ann", query=query), End("ann")], difference, waits_for)


def let_in(name: str, peer_id: str = "", token: str = "", query: str = "", origin: str = "", waits_for: str = "") -> Exchange:
    """The address is good: OPEN, and the id can be written to."""
    ann = Enter("ann", peer_id, token, query, origin=origin)
    return Exchange(name, [ann, Until("ann", by="ann")], waits_for=waits_for)


def stricter(name: str, row: str, message: str, peer_id: str = "", token: str = "") -> Exchange:
    """npm lets it in, we say why not."""
    difference = Difference(row, [*opened("ann")], [heard("ann", type="ERROR", payload={"msg": message}), ended("ann")])
    steps: list[Step] = [Enter("ann", peer_id, token), Until("ann", by="ann")]
    return Exchange(name, steps, difference)


_FOREIGN_KEY: Final = Difference(
    "a wrong key",
    [heard("ann", type="ERROR", payload={"msg": "Invalid key provided"}), ended("ann")],
    [heard("ann", type="INVALID-KEY", payload={"msg": "Invalid key provided"}), ended("ann")],
)

EXCHANGES: Final = [
    let_in("key, id, token and version"),
    let_in("no version", query="key=peerjs&id=ann~&token=t"),
    let_in("something unknown beside them", query="key=peerjs&id=ann~&token=t&more=1&ts=2"),
    let_in("another order", query="token=t&id=ann~&key=peerjs"),
    let_in("another origin", origin="https://other.example"),
    let_in("no origin at all, as a sandboxed frame", origin="null"),
    refused("no id", "key=peerjs&token=t"),
    refused("no token", "key=peerjs&id=ann~"),
    refused("no key", "id=ann~&token=t"),
    refused("neither id nor token", "key=peerjs"),
    refused("neither id nor key", "token=t"),
    refused("neither token nor key", "id=ann~"),
    refused("nothing at all", "&"),
    refused("nothing but something unknown", "more=1"),
    refused("an empty id", "key=peerjs&id=&token=t"),
    refused("an empty token", "key=peerjs&id=ann~&token="),
    refused("an empty key", "key=&id=ann~&token=t"),
    refused("no id and a wrong key", "key=other&token=t"),
    refused("no token and a wrong key", "key=other&id=ann~"),
    refused("a wrong key", "key=other&id=ann~&token=t", _FOREIGN_KEY),
    refused("the key in capitals", "key=PEERJS&id=ann~&token=t", _FOREIGN_KEY),
    let_in("an id twice: the last counts", peer_id="ann~", query="key=peerjs&id=other~&id=ann~&token=t"),
    let_in("a key twice: the last counts", query="key=other&key=peerjs&id=ann~&token=t"),
    refused("an id, then an empty one", "key=peerjs&id=ann~&id=&token=t"),
    let_in("an escaped id", peer_id="ann~", query="key=peerjs&id=%61nn~&token=t"),
    let_in("a plus sign is a space", peer_id="ann b~", query="key=peerjs&id=ann+b~&token=t"),
    let_in("an id of one letter", peer_id="q"),
    let_in("an id of one digit", peer_id="7"),
    let_in("an id of 64 characters", peer_id="x" * 64),
    let_in("an id with every joint", peer_id="a b-c_d~"),
    let_in("an id that looks like ours", peer_id="kbz-v1-standup~"),
    let_in("a random id as the server makes them", peer_id="8f14e45f-ceea-467f-a0e6-9c1f3b2d7a10"),
    let_in("a token of one character", token="t"),
    let_in("a token of 128 characters", token="t" * 128),
    let_in("a token with signs", token="a.b-c_d:e/f=g!"),
    Exchange(
        "ids in capitals are other ids",
        [Enter("ann", "room~"), Enter("ben", "ROOM~"), Until("ann", by="ben"), Until("ben", by="ann")],
    ),
    stricter("an id of 65 characters", "ids", UNUSABLE_ID, peer_id="y" * 65),
    stricter("an id with a dash at its end", "ids", UNUSABLE_ID, peer_id="ann~-"),
    stricter("an id with a space in front", "ids", UNUSABLE_ID, peer_id=" ann~"),
    stricter("an id with two dashes", "ids", UNUSABLE_ID, peer_id="ann--~"),
    stricter("an id with a slash", "ids", UNUSABLE_ID, peer_id="ann/~"),
    stricter("an id with a letter of another script", "ids", UNUSABLE_ID, peer_id="änn~"),
    stricter("a token of 129 characters", "tokens", UNUSABLE_TOKEN, token="t" * 129),
    stricter("a token with a space", "tokens", UNUSABLE_TOKEN, token="a b"),
    stricter("a token with a letter of another script", "tokens", UNUSABLE_TOKEN, token="ä"),
    Exchange("nothing is compressed", [Enter("ann", shows_handshake=True)]),
    Exchange(
        "a subprotocol nobody asked us for",
        [Enter("ann", protocol="chat", shows_handshake=True)],
        Difference(
            "subprotocols",
            ["ann: Sec-WebSocket-Extensions none", "ann: Sec-WebSocket-Protocol chat", *opened("ann")],
            ["ann: Sec-WebSocket-Extensions none", "ann: Sec-WebSocket-Protocol none", *opened("ann")],
        ),
    ),
    Exchange(
        "a socket at another path",
        [Enter("ann", path="/other")],
        Difference("other paths", ["ann: refused with 400"], ["ann: refused with 404"]),
    ),
    Exchange(
        "a socket at the path with a slash",
        [Enter("ann", path="/peerjs/")],
        Difference("other paths", ["ann: refused with 400"], ["ann: refused with 404"]),
    ),
    Exchange(
        "how a refusal ends",
        [Enter("ann", query="key=peerjs"), EndWithCode("ann")],
        Difference(
            "close codes",
            [heard("ann", type="ERROR", payload={"msg": MISSING}), ended("ann"), "ann: code 1005"],
            [heard("ann", type="ERROR", payload={"msg": MISSING}), ended("ann"), "ann: code 1000"],
        ),
    ),
]
