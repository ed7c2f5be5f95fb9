"""What the hostile corpus starts from: for each reader what a well-behaved peer sends, every optional field used."""

import hashlib
import json
from typing import Any, Final

from kibitz.wire.base64url import write_base64url
from kibitz.wire.door import code_proof

FP: Final = ":".join(["ab", "cd", "ef", "01", "23", "45", "67", "89"] * 4)
DIGEST: Final = "KAWojp5PO8ZNZn0FYac8oPz2ECaKOFjOo5P1UHkOJRg"
TOKEN: Final = "eyJrIjoia2J6LWhvc3QtY21kLnYxIn0." + "A" * 86
ROOM: Final = "standup"
NOW: Final = 1_750_000_010
PROVING: Final = bytes(32)
"""K2 of the code that code entries are checked with."""
PASSPHRASE: Final = "correct horse battery staple"
SCALAR: Final = hashlib.sha256(b"kibitz corpus").digest()
"""The private scalar of the key that signs hostile payloads: known to everybody, good for nothing else."""
PUBLIC_KEY: Final = {
    "kty": "EC",
    "crv": "P-256",
    "x": "6X-R0gXVjQT0A2DWFx5vg5lic0tYB6YtocO6tkKhAIg",
    "y": "k99bRAX9W_vOPW-tzfdRpzEctWR5-eiUrJBq22aV270",
}
PUBLIC_KEY_TEXT: Final = write_base64url(json.dumps(PUBLIC_KEY).encode())
KEY_BEYOND_THE_FIELD: Final = {
    **PUBLIC_KEY,
    "x": "_____wAAAAEAAAAAAAAAAAAAAAD_______________8",
    "y": "ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q",
}
"""On the curve modulo the prime p, but x is p + 0."""
PRIVATE_KEY: Final = {**PUBLIC_KEY, "d": write_base64url(SCALAR), "ext": True, "key_ops": ["sign", "verify"]}
TAGS: Final = ["chat.v1", "app.v1", "hb.v2", "door.v1"]
META: Final = {"role": "agent", "readOnly": True, "presentAt": 3, "~kbz": {"v": "0.1.0", "f": TAGS, "b": "build-7", "p": 2}}
SHOWN: Final = [{"m": "invite", "cred": TOKEN, "proof": TOKEN}, {"m": "pass", "cred": TOKEN}]
CREDENTIALS: Final = {"jwt": TOKEN, "agentAssertion": TOKEN, "agentCredit": TOKEN}
MEMBER: Final = {"id": "b7c1-04", "name": "Ada", "cam": True, "avatar": "🦊", "mic": False, "meta": META}
GRANT: Final = {
    "perceive": ["see-screen", "read-chat", "smell"],
    "act": ["send-chat", "act", "act"],
    "backend": "a machine far away",
    "egress": True,
    "expiresAt": 1_900_000_000,
}
SHOW: Final = {"id": "b7c1-04", "to": "a0ff", "f": TAGS, "show": SHOWN, "order": TOKEN, "bid": DIGEST}
ROSTER: Final = {
    "members": [MEMBER, {"id": "a0ff", "name": "Bo", "cam": False}],
    "lobby": True,
    "host": "a0ff",
    "locked": False,
    "n": 2,
    "partial": True,
    "f": TAGS,
    "order": TOKEN,
}
INK_EVENTS: Final = [
    {"k": "ptr", "x": 0.25, "y": 0.75},
    {"k": "draw", "sid": 7, "x": 0, "y": 1, "start": True, "color": "#ff3b30"},
    {"k": "draw", "sid": "s7", "x": 0.5, "y": -0.5},
    {"k": "clear"},
    {"k": "restore", "image": "share-1", "strokes": [{"color": "#0a84ff", "pts": [{"x": 0.1, "y": 0.2}, {"x": 0.3, "y": 0.4}]}]},
]
ENVELOPES: Final = [
    {"__kib_agent": "chat", "text": "Noted."},
    {"__kib_agent": "view", "view": {"title": "Minutes", "rows": [1, 2.5, None, True]}},
    {"__kib_agent": "act", "action": {"name": "write", "arguments": {"10": "ten", "9": "nine"}}},
    {"poll": ["tea", "coffee"]},
]
OFFER: Final = {
    "sdp": {"type": "offer", "sdp": "v=0\r\na=fingerprint:sha-256 " + FP.upper() + "\r\n"},
    "type": "data",
    "connectionId": "dc_7f3k",
    "label": "dc_7f3k",
    "reliable": True,
    "serialization": "binary",
    "metadata": {"a": 1},
}
ANSWER: Final = {"sdp": {"type": "answer", "sdp": "v=0\r\n"}, "type": "media", "connectionId": "mc_7f3k"}
CANDIDATE: Final = {
    "candidate": {
        "candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host",
        "sdpMid": "0",
        "sdpMLineIndex": 0,
        "usernameFragment": "a",
    },
    "type": "data",
    "connectionId": "dc_7f3k",
}
_KNOCK: Final = {"t": "knock", "name": "Ada", "avatar": "🦊", "token": "k3j4h5", "voiceId": "b7c1-04", **CREDENTIALS}
_VOICE: Final = {**_KNOCK, "t": "voice", "on": True, "cam": False, "mic": True, "meta": META}
_COMMAND: Final = {"op": "kick", "target": "b7c1-04", "iat": 1_750_000_000, "jti": "0123456789abcdef01234567"}
_SERVER_FRAMES: Final = [
    *({"type": word} for word in ("OPEN", "ID-TAKEN", "INVALID-KEY", "HEARTBEAT")),
    {"type": "ERROR", "payload": {"msg": "No."}},
    *({"type": word, "src": "a0ff"} for word in ("LEAVE", "EXPIRE")),
    {"type": "OFFER", "src": "a0ff", "payload": OFFER},
    {"type": "ANSWER", "src": "a0ff", "payload": ANSWER},
    {"type": "CANDIDATE", "src": "a0ff", "payload": CANDIDATE},
]

CONTENT: Final = [
    {"k": "chat", "text": " Good morning ", "dm": True, "mid": "b7c1#4", "ts": 1750000000000, "from": "b7c1", "name": "Ada"},
    *({"k": "app", "data": data} for data in (*ENVELOPES, [1, "two", None, {"three": 3.5}])),
    {"k": "pay", "label": "Lunch", "url": "https://pay.example/7", "dm": False},
    *({"k": "ink", "e": event, "n": "Ada", "c": "#34c759"} for event in INK_EVENTS),
    {"k": "idtoken", "jwt": TOKEN},
    {"k": "caps", "grants": {"b7c1-04": GRANT, "7": {}, "a0ff": {"perceive": [], "act": []}}},
    {"k": "schema", "name": "poll", "version": "2", "schema": {"type": "object", "required": ["poll"]}},
    {"k": "hb"},
    {"k": "bye"},
    {"k": "order", "token": TOKEN},
    {
        "k": "order",
        "order": {"k": "kbz-host-order.v1", "room": "standup", "ban": [DIGEST], "lock": True, "lobby": False, "iat": 1},
    },
    {"k": "show", "name": "Ada", "avatar": "🦊", "role": "agent", **SHOW},
    {"k": "pass", "token": TOKEN},
    {"k": "sas", "n": 1, "e": DIGEST, "c": DIGEST},
    {"k": "sas", "n": 1, "r": DIGEST[:22]},
    {"k": "record", "tokens": [TOKEN, TOKEN]},
]
TO_COORDINATOR: Final = [
    {"t": "ping", "f": TAGS},
    {"t": "leave"},
    _KNOCK,
    _VOICE,
    {"t": "mod", "token": TOKEN, "pass": TOKEN},
    {"t": "mod", "cmd": _COMMAND},
    {"t": "order", "token": TOKEN},
    {"t": "show", **SHOW},
]
TO_PARTICIPANT: Final = [
    {"t": "ping"},
    {"t": "roster", **ROSTER},
    {"t": "lobby", "status": "waiting", "order": TOKEN},
    {"t": "kick", "token": TOKEN},
    {"t": "reset", "token": TOKEN},
    {"t": "knocks", "list": [{"id": "a0ff", "name": "Bo", "avatar": "🐢", "fp": FP, "show": SHOWN}, {"id": "a1", "name": ""}]},
    {"t": "show", **SHOW},
    {"t": "pass", "token": TOKEN},
    {"t": "record", "tokens": [TOKEN]},
    {"t": "mod-refused", "why": "clock"},
]

VALUES: Final[dict[str, list[Any]]] = {
    "to-coordinator": TO_COORDINATOR,
    "to-participant": TO_PARTICIPANT,
    "roster": [ROSTER],
    "member": [MEMBER],
    "meta": [META],
    "content": CONTENT,
    "ink-event": INK_EVENTS,
    "grant": [GRANT],
    "grant-map": [{"b7c1-04": GRANT, "10": {}, "9": {}}],
    "envelope": ENVELOPES,
    "client-frame": [
        {"type": "HEARTBEAT"},
        {"type": "OFFER", "dst": "a0ff", "payload": OFFER},
        {"type": "CANDIDATE", "dst": "kbz-v1-standup", "payload": CANDIDATE, "src": None},
    ],
    "server-frame": _SERVER_FRAMES,
    "offer-payload": [OFFER],
    "answer-payload": [ANSWER],
    "candidate-payload": [CANDIDATE],
}
"""Readers of JSON text, by the names of kibitz.wire.registry."""

_HERE: Final = {"room": ROOM, "fp": FP, "iat": NOW - 20}
_ELSEWHERE: Final = {**_HERE, "fp": FP.replace("ab", "ba")}
_COMMAND_CLAIMS: Final = {**_HERE, "op": "kick", "target": "b7c1-04", "jti": "0123456789abcdef01234567", "seq": 3, "prev": DIGEST}

CLAIMS: Final[dict[str, list[Any]]] = {
    "host-entry": [{"k": "kbz-host.v1", **_HERE}, {"k": "kbz-host.v1", **_ELSEWHERE}],
    "pass": [{"k": "kbz-pass.v1", **_HERE, "name": "Ada", "exp": NOW - 20 + life} for life in (43_000, 43_200, 43_201)]
    + [{"k": "kbz-pass.v1", **_HERE, "iat": NOW + ahead, "exp": NOW + ahead + 43_200} for ahead in (60, 61, 10**7)],
    "assertion": [{"k": "kbz-agent-key.v1", **_HERE, "iat": iat} for iat in (NOW, NOW + 60, NOW + 61, NOW - 300, NOW - 301)],
    "order-token": [{"k": "kbz-host-order.v1", **_HERE, "ban": [DIGEST], "lock": True, "lobby": False, "seq": 2, "prev": ""}],
    "command": [
        {"k": "kbz-host-cmd.v1", **_COMMAND_CLAIMS},
        {"k": "kbz-host-cmd.v1", **_HERE, "op": "lock"},
        {"k": "kbz-host-cmd.v1", **_HERE, "op": "admit"},
        {"k": "kbz-host-cmd.v1", **_ELSEWHERE, "op": "claim"},
    ],
    "invitation": [
        {"name": "Ada", "room": ROOM, "exp": NOW + 9000, "cnf": {"jwk": PUBLIC_KEY}},
        {"k": "kbz-pass.v1", "name": "Ada", "room": ROOM, "exp": NOW + 9000, "cnf": {"jwk": PUBLIC_KEY}},
    ],
    "proof": [{"k": "kbz-door.v1", **_HERE}],
    "manifest": [
        {
            "members": ["ada@example.org", "Bo"],
            "mode": "google",
            "room": ROOM,
            "exp": NOW + 9000,
            "domains": ["@example.org"],
            "invitees": [{"method": "oidc", "domain": "example.org", "name": "All", "show": True}, {"method": "fax"}],
            "agentKeys": [{"key": PUBLIC_KEY, "caps": GRANT, "label": "scribe"}, {"key": {}}],
        },
        {"members": [], "mode": "names", "room": ROOM, "exp": NOW + 9000, "mh": [DIGEST]},
        {"members": ["Bo"], "mode": "names", "room": ROOM, "exp": NOW + 9000, "domains": ["example.org"]},
        {"members": [" "], "mode": "names", "room": ROOM, "exp": NOW + 9000, "domains": ["example.org"]},
        {"members": ["\ufeff"], "mode": "google", "room": ROOM, "exp": NOW + 9000, "domains": ["@", " "]},
        {"k": None, "members": ["Bo"], "mode": "names", "room": ROOM, "exp": NOW + 9000},
    ],
}
"""Readers of signed tokens: the payloads."""

VALUES.update({f"{reader}-claims": payloads for reader, payloads in CLAIMS.items()})
VALUES.update({"public-key": [PUBLIC_KEY, PRIVATE_KEY, KEY_BEYOND_THE_FIELD], "private-key": [PRIVATE_KEY]})

TEXTS: Final[dict[str, list[str]]] = {
    "pay-href": [" https://pay.example/7?a=b ", "bitcoin:1Kitz", "LNBC20m1pvjluez", "web+money:x", "javascript:alert(1)"],
    "base64url": [DIGEST, "", "AA", "AAA", "AQ", "_-8"],
    "key-text": [PUBLIC_KEY_TEXT, "eyJrdHkiOiJFQyJ9"],
    "fingerprint": [FP, f" {FP.upper()}\n"],
    "sdp-fingerprint": [
        f"v=0\r\na=fingerprint:sha-256 {FP.upper()}\r\nm=audio\r\na=fingerprint:sha-256 {FP}\r\n",
        f"a=fingerprint:sha-1 {FP}\na=fingerprint:sha-256 {FP}",
    ],
    "room": ["standup", "My Room", "  Hello, World!  ", "café ☕ chat", "ΌΣΟΣ", "x" * 39 + " b c", "new"],
    "typed-room": ["standup", "x" * 40, "x" * 39 + " b c"],
    "peer-id": ["b7c1-04", "kbz-v1-standup", "a b_c-d", "a--b"],
    "broker-token": ["k3j4h5", "~!"],
    "identity": [" Ada@Example.ORG ", "ﬁrst@example.org", "ΌΔΟΣ"],
    "typed-code": ["7hkm-x2qp-9rtv-w4zc", "７ＨＫＭ x2qp 9rtv w4zc"],
    "code-entry": [f"kbz-code.v1|{code_proof(PROVING, ROOM, FP)}", f"kbz-code.v1|{DIGEST}", "kbz-code.v1|", f"x|{DIGEST}"],
    "form": ["a=b&c=%20+d&&=e&f", "%F0%9F%A6%8A=%zz&a=%C3%28"],
    "seal": ["A" + "wABAgMEBQYHCAkKCwwNDg9kZWZnaGlqa2xtbm90i3NFw9abydnaI56uK_ZXHQuKg4AUPX4FVQlZ", "AgABAgMEBQ", "AQ", ""],
}
"""Readers of bare text. Of sealed texts only those that are refused before their key is stretched, which takes 0.2 s."""

SLOW_TEXTS: Final = {
    "seal": [
        "AQABAgMEBQYHCAkKCwwNDg9kZWZnaGlqa2xtbm90i3NFw9abydnaI56uK_ZXHQuKg4AUPX4FVQlZ",
        "AgABAgMEBQYHCAkKCwwNDg9kZWZnaGlqa2xtbm_ihePu0yuTDOOwaZ-QuGbix9S7gHnuCGsjK3oz",
        "AQABAgMEBQYHCAkKCwwNDg9kZWZnaGlqa2xtbm90i3NFw9abydnaI56uK_ZXHQuKg4AUPX4FVQlA",
        "A" * 60,
        "AQ" + "A" * 60,
        "AgABAgMEBQYHCAkKCwwNDg9kZWZnaGlqa2xtbm_ihePu0yuTDOOwaZ-QuGbix9S7gHnuCGsjK3",
    ],
}
"""A few sealed texts that are looked at in full: the vectors of the protocol's appendix, and damaged ones."""

BYTES: Final[list[Any]] = [
    {"k": "app", "data": {"image": bytes(range(40)), "at": [0.25, 0.75], "none": None}},
    {"k": "app", "data": bytes(300)},
    {"t": "voice", "on": True, "cam": False, "name": "\ufeffAda", "meta": {"face": b"\x00\xff"}},
]
"""Values that only BinaryPack can say."""

LINK_PARTS: Final[dict[str, list[str]]] = {
    "form": [
        "{room}",
        "{origin}/#{room}",
        "{origin}/#{room}?{params}",
        "{origin}/?{params}#{room}",
        "{origin}/j/{room}?{params}",
        "{origin}/embed.html?room={room}&{params}",
        "{origin}/?{params}#{room}?{params}",
        "#{room}?{params}",
        "/j/{room}#?{params}",
        "//{origin}#{room}",
        "?room={room}&{params}",
        "{origin}?{params}",
        " {origin}/#{room}?{params}\n",
    ],
    "origin": [
        "https://kibitz.example",
        "https://KIBITZ.example:443",
        "http://kibitz.example:80",
        "https://kibitz.example:8443",
        "https://other.example",
        "https://user@kibitz.example",
        "http://[::1]:8000",
        "kibitz.example",
        "javascript:alert(1)",
        "https:",
        "https://",
        "ftp://kibitz.example",
    ],
    "room": [
        "standup",
        "My Room",
        "tidal-3pu4s1ghy1",
        "caf%C3%A9",
        "%zz%ff",
        "new",
        "---",
        "Über Straße",
        "x" * 60,
        "a%2Fb",
        "😀",
        "İstanbul",
        "standup%3Fgl=1",
        "standup%253Fg%253Dcode",
        "standup&gl=1",
        "q&a",
    ],
    "param": [
        *(
            "g=open",
            "g=names",
            "g=code",
            "g=email",
            "g=google",
            "g=invite",
            "g=future",
            "g=",
            "gx=1",
            "gx=2",
            "gx=",
            "gl=1",
            "gl=0",
            "gl=1.",
            "gl=1)",
        ),
        *("gn=Ada,Bo,,%20Cy", "gd=Ada%2CBo", "ghn=Ada", "gho=ada%40example.org", "gc=client-7", "gi=https://id.example", "gi=x"),
        *(
            "gei=https://mail.example",
            f"gch={DIGEST}{DIGEST[:21]}",
            f"gm={TOKEN}",
            f"gt={TOKEN}",
            f"gtk={DIGEST}",
            f"gkd={DIGEST}",
        ),
        *(
            "ge=AgAB",
            "ghk=AgAB",
            f"d={'d' * 81}",
            f"n={'😀' * 200}x",
            "ag=av",
            "ag=a",
            "ag=x",
            "grant=abc",
            "room=elsewhere",
            "unknown=1",
        ),
        *(
            "gk=eyJrdHkiOiJFQyJ9",
            "gh=eyJrdHkiOiJFQyJ9",
            f"gh={PUBLIC_KEY_TEXT}",
            f"gk={PUBLIC_KEY_TEXT}",
            "g=invite&g=open",
            "&&",
            "=",
            "g",
        ),
        *("d=%F0%9F%A6%8A+%E2%98", "n=%", "d=a%00b", "%67=code", "d=caf%C3%A9~*-._"),
    ],
}
"""Pieces of links; a form has an origin, a room and parameters."""
