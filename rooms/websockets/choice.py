"""Which classes uvicorn gets (setting BROKER_WS; docs/decisions/0005-two-websocket-classes.md)."""

from importlib.util import find_spec
from typing import Final

PICOWS: Final = "picows"
WEBSOCKETS: Final = "websockets"
CHOICES: Final = (PICOWS, WEBSOCKETS)

_CLASSES: Final = {
    PICOWS: {
        "ws": "rooms.websockets.picows_protocol:PicowsProtocol",
        "http": "rooms.websockets.picows_protocol:PicowsFront",
    },
    WEBSOCKETS: {
        "ws": "rooms.websockets.plain_protocol:PlainProtocol",
        "http": "rooms.websockets.front:FrontProtocol",
    },
}


def has_picows() -> bool:
    """Whether the package is there; it is not made for Windows."""
    return find_spec("picows") is not None


def uvicorn_classes(wanted: str, *, is_installed: bool) -> dict[str, str]:
    """uvicorn's options `ws` and `http`, which belong together.

    wanted: PICOWS or WEBSOCKETS. is_installed: whether picows is there; without it the other is taken.
    """
    return _CLASSES[wanted if is_installed else WEBSOCKETS]
