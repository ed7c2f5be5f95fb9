"""What a client may say: frames for another client, for nobody, forged, odd and unreadable."""

from collections.abc import Sequence
from typing import Final

from tests.rooms.conformance.steps import Difference, Enter, Exchange, Say, Step, Until, ended, heard, opened

_CAP_BYTES: Final = 64 * 1024


def said(
    name: str, message: str | bytes | tuple[str, ...], difference: Difference | None = None, waits_for: str = ""
) -> Exchange:
    """Ann says it; then everything that she and Ben hear."""
    steps: list[Step] = [Enter("ann"), Enter("ben"), Say("ann", message), Until("ann", by="ann"), Until("ben", by="ann")]
    return Exchange(name, steps, difference, waits_for)


def payload(name: str, text: str) -> Exchange:
    """An offer to Ben with this payload."""
    return said(f"payload: {name}", f'{{"type":"OFFER","payload":{text},"dst":"ben~"}}')


def source(name: str, frame: str) -> Exchange:
    """A frame that brings a `src` of its own."""
    return said(f"src: {name}", frame)


def differs(row: str, npm: Sequence[str], ours: Sequence[str]) -> Difference:
    """What Ann and Ben hear after they are let in."""
    return Difference(row, [*opened("ann", "ben"), *npm], [*opened("ann", "ben"), *ours])


def ben_hears(kind: str, **fields: object) -> str:
    """Ben hears a frame of Ann's."""
    return heard("ben", type=kind, src="ann~", dst="ben~", **fields)


_FLOOD_ERROR: Final = heard("ann", type="ERROR", payload={"msg": "Too many messages at once"})
_DEEP: Final = '{"type":"OFFER","dst":"ben~","payload":' + "[" * 20_000 + "]" * 20_000 + "}"

_TYPES: Final = [
    *(said(f"{kind} passes", f'{{"type":"{kind}","payload":{{"a":1}},"dst":"ben~"}}') for kind in ("OFFER", "ANSWER")),
    said("CANDIDATE passes", '{"type":"CANDIDATE","payload":{"candidate":{"sdpMid":"0"}},"dst":"ben~"}'),
    said("LEAVE to somebody passes", '{"type":"LEAVE","dst":"ben~"}'),
    said("LEAVE with a payload passes", '{"type":"LEAVE","dst":"ben~","payload":"bye"}'),
    said("HEARTBEAT is for the broker", '{"type":"HEARTBEAT"}'),
    said("HEARTBEAT with a destination is still for the broker", '{"type":"HEARTBEAT","dst":"ben~","payload":1}'),
    *(
        said(f"{kind} to somebody does not pass", f'{{"type":"{kind}","dst":"ben~","payload":{{"msg":"x"}}}}')
        for kind in ("OPEN", "ERROR", "ID-TAKEN", "INVALID-KEY")
    ),
    said(
        "EXPIRE to somebody",
        '{"type":"EXPIRE","dst":"ben~"}',
        differs("the broker's own words", [ben_hears("EXPIRE")], []),
    ),
    said(
        "an unknown type",
        '{"type":"WAVE","dst":"ben~","payload":1}',
        differs("unknown types", [], [ben_hears("WAVE", payload=1)]),
    ),
    said(
        "a known type in small letters",
        '{"type":"offer","dst":"ben~","payload":1}',
        differs("unknown types", [], [ben_hears("offer", payload=1)]),
    ),
    said("an unknown type to nobody", '{"type":"WAVE","payload":1}'),
    said("a type of 33 letters", '{"type":"' + "X" * 33 + '","dst":"ben~"}'),
    said("a type twice: the last counts", '{"type":"WAVE","dst":"ben~","type":"OFFER"}'),
    *(
        said(f"the type {kind}", f'{{"type":{kind},"dst":"ben~","payload":1}}')
        for kind in ("7", "null", '""', "true", '["OFFER"]', '{"type":"OFFER"}')
    ),
    said("no type", '{"dst":"ben~","payload":1}'),
]

_PAYLOADS: Final = [
    said("no payload", '{"type":"OFFER","dst":"ben~"}'),
    payload("null", "null"),
    payload("false", "false"),
    payload("a zero", "0"),
    payload("an empty text", '""'),
    payload("an empty object", "{}"),
    payload("an empty list", "[]"),
    payload("a fraction", "1.50"),
    payload("a large number", "9007199254740993"),
    payload("a power", "-1.5E+10"),
    payload("many things", '{"a":[1,{"b":null}],"c":{"d":[[],{}]},"":"empty key"}'),
    payload("fifty lists in each other", "[" * 50 + "]" * 50),
    payload("letters of many scripts", '"Grüße, 你好, שלום, 👋🏽 e\u0301 \u2028"'),
    payload("escapes", r'"\u00fc \ud83d\ude00 \n \t \" \\ \/ \u0000"'),
    payload("keys of objects' insides", '{"__proto__":{"a":1},"constructor":2,"toString":3}'),
    payload("a key twice: the last counts", '{"a":1,"a":2}'),
    payload("names the broker reads, further inside", '{"type":"LEAVE","dst":"eve","src":"eve","payload":0}'),
    payload("a text of a session description", '"v=0\\r\\no=- 1 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\n"'),
    payload("60,000 characters", '"' + "x" * 60_000 + '"'),
    payload("20,000 letters of three bytes", '"' + "好" * 20_000 + '"'),
    said(
        "payload: half a pair of surrogates, as a cut emoji leaves it",
        r'{"type":"OFFER","payload":{"label":"\ud83d"},"dst":"ben~"}',
    ),
    said(
        "payload: a number no double can hold",
        '{"type":"OFFER","payload":1e999,"dst":"ben~"}',
        differs("bytes as they came", [ben_hears("OFFER", payload=None)], [ben_hears("OFFER", payload=float("inf"))]),
    ),
    said(
        "a field that PeerJS does not know",
        '{"type":"OFFER","payload":1,"dst":"ben~","more":2}',
        differs("bytes as they came", [ben_hears("OFFER", payload=1)], [ben_hears("OFFER", payload=1, more=2)]),
    ),
    said(
        "payload: 20,000 lists in each other",
        _DEEP,
        differs("deep nesting", [heard("ann", type="LEAVE", src="ben~", dst="ann~"), ended("ben")], []),
    ),
]

_SOURCES: Final = [
    source("in front", '{"src":"eve","type":"OFFER","dst":"ben~","payload":1}'),
    source("last", '{"type":"OFFER","dst":"ben~","payload":1,"src":"eve"}'),
    source("twice", '{"src":"eve","type":"OFFER","dst":"ben~","src":"mallory"}'),
    source("escaped", r'{"type":"OFFER","dst":"ben~","\u0073rc":"eve","s\u0072c":"eve"}'),
    source("null", '{"type":"OFFER","dst":"ben~","src":null}'),
    source("an object", '{"type":"OFFER","dst":"ben~","src":{"src":"eve"}}'),
    source("in the payload", '{"type":"OFFER","dst":"ben~","payload":{"src":"eve","dst":"ann~"}}'),
    source("with blanks behind the frame", '{"type":"OFFER","dst":"ben~","src":"eve" } \r\n\t '),
    source("through __proto__ in the payload", '{"type":"OFFER","dst":"ben~","payload":{"__proto__":{"src":"eve"}}}'),
    source("after an unfinished text", '{"type":"OFFER","dst":"ben~","payload":"\\",\\"src\\":\\"eve"}'),
]

_DESTINATIONS: Final = [
    said("no destination", '{"type":"OFFER","payload":1}'),
    said("the destination null", '{"type":"OFFER","payload":1,"dst":null}'),
    said("an empty destination", '{"type":"OFFER","payload":1,"dst":""}'),
    said("a destination twice: the last counts", '{"type":"OFFER","dst":"eve~","dst":"ben~","payload":1}'),
    said("an escaped destination", r'{"type":"OFFER","d\u0073t":"\u0062en~","payload":1}'),
    said("to oneself", '{"type":"OFFER","dst":"ann~","payload":1}'),
    said("LEAVE to oneself", '{"type":"LEAVE","dst":"ann~"}'),
]

_UNREADABLE: Final = [
    said(f"unreadable: {name}", frame)
    for name, frame in {
        "nothing": "",
        "a brace": "{",
        "null": "null",
        "a number": "7",
        "a text": '"OFFER"',
        "a list": '[{"type":"OFFER","dst":"ben~"}]',
        "a comma too many": '{"type":"OFFER","dst":"ben~",}',
        "something behind it": '{"type":"OFFER","dst":"ben~"}x',
        "two frames in one": '{"type":"OFFER","dst":"ben~"}{"type":"OFFER","dst":"ben~"}',
        "a byte order mark": '\ufeff{"type":"OFFER","dst":"ben~"}',
        "no number": '{"type":"OFFER","dst":"ben~","payload":NaN}',
        "a bare line feed in a text": '{"type":"OFFER","dst":"ben~","payload":"a\nb"}',
        "single quotes": "{'type':'OFFER','dst':'ben~'}",
        "60,000 brackets": "[" * 60_000,
    }.items()
]

_SIZES_AND_SHAPES: Final = [
    said("a text in three fragments", ('{"type":"OFFER",', '"dst":"ben~",', '"payload":"whole"}')),
    said("a frame in blanks", ' \r\n\t{ "type" : "OFFER" , "dst" : "ben~" , "payload" : [ 1 , 2 ] } \n'),
    said(
        "a binary frame",
        b'{"type":"OFFER","dst":"ben~","payload":1}',
        differs("binary frames", [ben_hears("OFFER", payload=1)], []),
    ),
    said("a binary frame that cannot be read", b"\x00\xff\xfe"),
    said(
        "a frame over 64 KiB",
        '{"type":"OFFER","dst":"ben~","payload":"' + "x" * _CAP_BYTES + '"}',
        differs("frame cap", [ben_hears("OFFER", payload="x" * _CAP_BYTES)], [ended("ann", 1009)]),
    ),
    Exchange(
        "a hundred frames keep their order",
        [
            Enter("ann"),
            Enter("ben"),
            *(Say("ann", f'{{"type":"CANDIDATE","dst":"ben~","payload":{number}}}') for number in range(100)),
            Until("ben", by="ann"),
        ],
    ),
    Exchange(
        "a flood of heartbeats",
        [Enter("ann"), Enter("ben"), *[Say("ann", '{"type":"HEARTBEAT"}')] * 3_000, Until("ann", by="ann")],
        differs("rates", [], [_FLOOD_ERROR, ended("ann", 1008)]),
    ),
]

EXCHANGES: Final = [*_TYPES, *_PAYLOADS, *_SOURCES, *_DESTINATIONS, *_UNREADABLE, *_SIZES_AND_SHAPES]
