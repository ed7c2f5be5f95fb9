"""What happens over time: somebody is missing, comes late, comes twice, goes."""

from collections.abc import Sequence
from typing import Final

from tests.rooms.conformance.steps import (
    Close,
    Difference,
    End,
    Enter,
    Exchange,
    Hear,
    Ping,
    Reclaim,
    Say,
    Step,
    Until,
    ended,
    heard,
    opened,
)

ANN: Final = Enter("ann")
BEN: Final = Enter("ben")
LEAVE: Final = '{"type":"LEAVE"}'
_TAKEN: Final = heard("eve", type="ID-TAKEN", payload={"msg": "ID is taken"})


def offer(to: str, payload: object = 1) -> str:
    """An offer with a payload that tells it from others."""
    return f'{{"type":"OFFER","dst":"{to}","payload":{payload}}}'


def freed(name: str, *steps: Step) -> Exchange:
    """Ann held her id; after these steps another gets it, and frames with it."""
    return Exchange(f"an id is free after {name}", [ANN, BEN, *steps, Reclaim("cat", "ann~"), Until("cat", by="ben")])


_MISSING: Final = [
    Exchange("a missing peer expires", [ANN, Say("ann", offer("nobody~")), Hear("ann")]),
    Exchange(
        "a missing peer expires once for many frames",
        [ANN, *(Say("ann", offer("nobody~", number)) for number in range(3)), Hear("ann"), Until("ann", by="ann")],
    ),
    Exchange(
        "each missing peer expires",
        [ANN, Say("ann", offer("nobody~")), Say("ann", offer("no-one~")), Hear("ann"), Hear("ann")],
    ),
    Exchange(
        "each sender is told",
        [ANN, BEN, Say("ann", offer("nobody~")), Say("ben", offer("nobody~")), Hear("ann"), Hear("ben")],
    ),
    *(
        Exchange(f"{kind} for a missing peer expires too", [ANN, Say("ann", f'{{"type":"{kind}","dst":"nobody~"}}'), Hear("ann")])
        for kind in ("ANSWER", "CANDIDATE")
    ),
    Exchange(
        "a LEAVE for a missing peer is dropped",
        [ANN, Say("ann", '{"type":"LEAVE","dst":"nobody~"}'), Say("ann", offer("no-one~")), Hear("ann"), Until("ann", by="ann")],
    ),
    *(
        Exchange(f"nobody can have {name}, so it expires", [ANN, Say("ann", offer(peer_id)), Hear("ann")])
        for name, peer_id in {
            "an id with a slash": "no/body~",
            "an id with a dash at its end": "nobody~-",
            "an id of other letters": "нико~",
            "an id of 65 characters": "z" * 65,
            "an id of blanks": "  ",
        }.items()
    ),
    Exchange(
        "what is unusual for a missing peer",
        [ANN, Say("ann", '{"type":"OFFER","dst":7}'), Say("ann", offer("nobody~")), Hear("ann")],
        Difference(
            "destinations that are no text",
            [*opened("ann"), heard("ann", type="EXPIRE", src=7, dst="ann~")],
            [*opened("ann"), heard("ann", type="EXPIRE", src="nobody~", dst="ann~")],
        ),
    ),
]

_LATE: Final = [
    Exchange(
        "who comes in time gets what waited, after OPEN and in order",
        [
            ANN,
            *(Say("ann", offer("ben~", number)) for number in range(5)),
            Ping("ann"),
            BEN,
            Until("ben", by="ann"),
            Until("ann", by="ben"),
        ],
    ),
    Exchange(
        "frames of two senders wait together",
        [
            ANN,
            Say("ann", offer("ben~", 1)),
            Until("ann", by="ann"),
            Enter("cat"),
            Say("cat", offer("ben~", 2)),
            Until("cat", by="cat"),
            BEN,
            Until("ben", by="cat"),
        ],
    ),
    Exchange(
        "a frame that waits keeps its source when its sender goes",
        [ANN, Say("ann", offer("ben~")), Until("ann", by="ann"), Close("ann"), BEN, Until("ben", by="ben")],
    ),
    Exchange("frames sent without waiting for OPEN", [BEN, Enter("ann", hears=False), Say("ann", offer("ben~")), Hear("ben")]),
]

_TWICE: Final = [
    Exchange(
        "an id that somebody else holds is taken",
        [ANN, BEN, Enter("eve", "ann~", token="other"), End("eve"), Until("ann", by="ben")],
    ),
    Exchange(
        "who was told that an id is taken says nothing",
        [ANN, BEN, Enter("eve", "ann~", token="other"), Say("eve", offer("ben~")), End("eve"), Until("ben", by="ann")],
    ),
    Exchange(
        "two rivals, one after the other",
        [ANN, Enter("eve", "ann~", token="x"), End("eve"), Enter("eve", "ann~", token="y"), End("eve"), Until("ann", by="ann")],
    ),
    Exchange(
        "the same id and token again",
        [
            Enter("ann", token="same"),
            BEN,
            Enter("again", "ann~", token="same", hears=False),
            Until("again", by="ben"),
            Ping("ann"),
            Close("ann"),
            Enter("eve", "ann~", token="other"),
            End("eve"),
            Until("again", by="ben"),
        ],
        Difference(
            "re-attaching",
            [*opened("ann", "ben"), "ann: pong", _TAKEN, ended("eve")],
            [*opened("ann", "ben", "again"), ended("ann"), _TAKEN, ended("eve")],
        ),
    ),
]

_GOING: Final = [
    freed("a plain close", Close("ann", 1000)),
    freed("a page that goes away", Close("ann", 1001)),
    freed("a close with a code of its own", Close("ann", 4000)),
    freed("a cut connection", Close("ann", 0)),
    freed("a LEAVE to nobody", Say("ann", LEAVE)),
    freed("a LEAVE to null", Say("ann", '{"type":"LEAVE","dst":null}')),
    freed("a LEAVE to an empty id", Say("ann", '{"type":"LEAVE","dst":"","payload":1}')),
    Exchange(
        "after a LEAVE to nobody",
        [ANN, BEN, Say("ann", LEAVE), Reclaim("cat", "ann~"), Say("ann", offer("ben~")), Ping("ann"), Until("ben", by="cat")],
        Difference(
            "a goodbye ends its socket",
            [*opened("ann", "ben", "cat"), "ann: pong", heard("ben", type="OFFER", src="ann~", dst="ben~", payload=1)],
            [*opened("ann", "ben", "cat"), ended("ann")],
        ),
    ),
    Exchange(
        "a LEAVE to somebody frees nothing",
        [ANN, BEN, Say("ann", '{"type":"LEAVE","dst":"ben~"}'), Hear("ben"), Enter("eve", "ann~", token="x"), End("eve")],
    ),
    Exchange("nobody is told of a close", [ANN, BEN, Close("ann"), Reclaim("cat", "ann~"), Until("ben", by="cat")]),
    Exchange("a ping is answered", [ANN, Ping("ann"), Until("ann", by="ann")]),
    Exchange(
        "a heartbeat is not answered",
        [ANN, *[Say("ann", '{"type":"HEARTBEAT"}')] * 5, Until("ann", by="ann")],
    ),
]

EXCHANGES: Final[Sequence[Exchange]] = [*_MISSING, *_LATE, *_TWICE, *_GOING]
