"""Ink: pointers and strokes over somebody's picture.

Places are shares of the picture's content box, 0 to 1; outside of it they are moved to its edge, so a stroke of an older
build that crosses the edge keeps its shape. Limits: 1,000 strokes and 20,000 points in one restore.
Source: PROTOCOL 7.1.
Twin: widget/src/wire/ink.ts.
"""

from dataclasses import dataclass
from typing import Any, Final

from kibitz.wire.codec import (
    Codec,
    Field,
    checked,
    filled,
    finite,
    lenient,
    many,
    mark,
    optional,
    record,
    shown,
    tagged,
    text,
    whole,
)
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused


def _decode_share(value: object, where: str) -> float | Refused:
    number = finite.decode(value, where)
    return number if isinstance(number, Refused) else min(1, max(0, number))


def _decode_stroke_id(value: object, where: str) -> str | Refused:
    number = _stroke_number.decode(value, where)
    return _stroke_text.decode(value, where) if isinstance(number, Refused) else str(number)


share: Final = Codec(_decode_share)
_stroke_number: Final = whole()
_stroke_text: Final = text(LIMITS["stroke_id_chars"], least=1)
stroke_id: Final = Codec(_decode_stroke_id)
"""Names a stroke of its sender: a text, or a number read as one."""

colour: Final = lenient(filled(shown(LIMITS["ink_colour_chars"])))
"""A CSS colour; without one the sender's own colour."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PointerMoved:
    """The sender points here."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StrokeDrawn:
    """The pen of the stroke reached here. is_start: its first point."""

    stroke_id: str
    x: float
    y: float
    is_start: bool = False
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class InkCleared:
    """The sender's strokes go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A whole stroke."""

    colour: str | None = None
    points: list[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class InkRestored:
    """Everything the sender drew, for somebody who came later. image: which picture, in the sender's words."""

    image: str | None = None
    strokes: list[Stroke]


def _few_points(strokes: list[Stroke], where: str) -> Refused | None:
    return Refused("too-many", where) if sum(len(stroke.points) for stroke in strokes) > LIMITS["ink_points"] else None


_x: Final = Field("x", share)
_y: Final = Field("y", share)
_colour: Final = Field("color", colour)
_stroke: Final = record(
    Stroke,
    colour=_colour,
    points=Field("pts", many(record(Point, x=_x, y=_y), LIMITS["ink_points"])),
)

ink_event: Final[Codec[Any]] = tagged(
    "k",
    {
        "ptr": record(PointerMoved, x=_x, y=_y),
        "draw": record(StrokeDrawn, stroke_id=Field("sid", stroke_id), x=_x, y=_y, is_start=Field("start", mark), colour=_colour),
        "clear": record(InkCleared),
        "restore": record(
            InkRestored,
            image=Field("image", optional(text(LIMITS["ink_image_chars"]))),
            strokes=Field("strokes", checked(many(_stroke, LIMITS["ink_strokes"]), _few_points)),
        ),
    },
    {"ptr": PointerMoved, "draw": StrokeDrawn, "clear": InkCleared, "restore": InkRestored},
)

InkEvent = PointerMoved | StrokeDrawn | InkCleared | InkRestored


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """One ink event. name, colour: as the sender shows itself, else the roster's name and a derived colour."""

    event: InkEvent
    name: str | None = None
    colour: str | None = None


ink: Final = record(
    Ink,
    event=Field("e", ink_event),
    name=Field("n", lenient(filled(shown(LIMITS["ink_name_chars"])))),
    colour=Field("c", colour),
)
