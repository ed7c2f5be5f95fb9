"""Frames that no browser sends, by the thousand, the same for the same seed."""

import json
from collections.abc import Callable, Iterator
from random import Random

from rooms.websockets.messages import Opcode
from tests.rooms.websockets.raw import close, frame

Maker = Callable[[Random, str], bytes]
"""Makes one frame, or one message in parts. The text is a peer id that minds its own business."""


def _garbage(random: Random, _: str) -> bytes:
    return frame(Opcode.TEXT, "".join(chr(random.randrange(32, 0x2FFF)) for _ in range(random.randrange(40))).encode())


def _nested(random: Random, _: str) -> bytes:
    return frame(Opcode.TEXT, random.choice([b"[", b'{"a":', b'{"type":"OFFER","payload":[']) * random.randrange(1, 4000))


def _to_nobody(random: Random, _: str) -> bytes:
    word = {"type": random.choice(["OFFER", "CANDIDATE", "x" * 200, ""]), "dst": f"nobody{random.randrange(1000)}"}
    return frame(Opcode.TEXT, json.dumps(word | {"payload": "p" * random.randrange(300)}).encode())


def _wrong_shapes(random: Random, victim: str) -> bytes:
    shapes: list[object] = [None, 7, [], {"type": 7}, {"type": "OFFER", "dst": [victim]}, {"dst": victim}, {"type": None}]
    return frame(Opcode.TEXT, json.dumps(random.choice(shapes)).encode())


def _as_the_broker(random: Random, victim: str) -> bytes:
    word = random.choice(["OPEN", "ID-TAKEN", "INVALID-KEY", "ERROR", "EXPIRE", "HEARTBEAT"])
    return frame(Opcode.TEXT, f'{{"type":"OFFER","src":"{victim}","dst":"{victim}","type":"{word}"}}'.encode())


def _large(random: Random, _: str) -> bytes:
    return frame(Opcode.TEXT, b'{"type":"OFFER","payload":"' + b"x" * random.randrange(10_000, 60_000))


def _binary(random: Random, _: str) -> bytes:
    return frame(Opcode.BINARY, random.randbytes(random.randrange(200)))


def _control(random: Random, _: str) -> bytes:
    return frame(random.choice([Opcode.PING, Opcode.PONG]), random.randbytes(random.randrange(126)))


def _parts(random: Random, _: str) -> bytes:
    kind = random.choice([Opcode.TEXT, Opcode.BINARY])
    middle = b"".join(
        frame(Opcode.CONTINUATION, b"y" * random.randrange(20), fin=False) + _control(random, _)
        for _ in map(str, range(random.randrange(5)))
    )
    return frame(kind, b"z", fin=False) + middle + frame(Opcode.CONTINUATION, b"")


HARMLESS: tuple[Maker, ...] = (
    _garbage,
    _nested,
    _to_nobody,
    _wrong_shapes,
    _as_the_broker,
    _binary,
    _control,
    _parts,
    *(_to_nobody, _garbage, _control) * 3,
    _large,
)
"""What a socket survives."""


def _noise(random: Random, _: str) -> bytes:
    return random.randbytes(random.randrange(1, 200))


def _bad_text(random: Random, _: str) -> bytes:
    return frame(Opcode.TEXT, random.randbytes(20) + b"\xff")


def _bad_bits(random: Random, _: str) -> bytes:
    return frame(random.randrange(16), random.randbytes(10), reserved=random.randrange(1, 8), fin=random.random() < 0.5)


def _bad_opcode(random: Random, _: str) -> bytes:
    return frame(random.choice([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), b"")


def _bad_length(random: Random, _: str) -> bytes:
    return frame(Opcode.TEXT, b"", length=b"\x7f" + random.randbytes(8))


def _bad_close(random: Random, _: str) -> bytes:
    return close(random.randrange(65_536), random.randbytes(random.randrange(130)))


def _unmasked(random: Random, _: str) -> bytes:
    return frame(Opcode.TEXT, b"{}", masked=False)


def _loose_part(random: Random, _: str) -> bytes:
    return frame(Opcode.CONTINUATION, b"x")


def _half(random: Random, _: str) -> bytes:
    whole = _large(random, _)
    return whole[: random.randrange(1, len(whole))]


def _leave(random: Random, _: str) -> bytes:
    return frame(Opcode.TEXT, b'{"type":"LEAVE"}') + frame(Opcode.TEXT, b"more") * 3


FATAL: tuple[Maker, ...] = (
    _noise,
    _bad_text,
    _bad_bits,
    _bad_opcode,
    _bad_length,
    _bad_close,
    _unmasked,
    _loose_part,
    _half,
    _leave,
)
"""What ends a socket, or leaves it half way."""


def visits(seed: int, frames: int, victim: str) -> Iterator[list[bytes]]:
    """What one socket after the other sends: harmless frames, then a fatal one; in all so many."""
    random = Random(seed)  # noqa: S311  # the same every time is what is wanted
    while frames > 0:
        count = min(frames, random.randrange(2, 50))
        frames -= count
        yield [random.choice(HARMLESS)(random, victim) for _ in range(count - 1)] + [random.choice(FATAL)(random, victim)]
