"""Which classes uvicorn gets (setting BROKER_WS; docs/decisions/0005-two-websocket-classes.md)."""

from importlib.util import find_spec
from typing import Final

PICOWS: Final = "picows"
WEBSOCKETS: Final = "websockets"
CHOICES: Final = (PICOWS, WEBSOCKETS)

HTTP_CLASS: Final = "rooms.websockets.front:FrontProtocol"
"""uvicorn's option `http`."""

_CLASSES: Final = {
    PICOWS: "rooms.websockets.picows_protocol:PicowsProtocol",
    WEBSOCKETS: "rooms.websockets.plain_protocol:PlainProtocol",
}


def has_picows() -> bool:
    """Whether the package is there; it is not made for Windows."""
    return find_spec("picows") is not None


def websocket_class(wanted: str, *, is_installed: bool) -> str:
    """uvicorn's option `ws`. wanted: PICOWS or WEBSOCKETS. is_installed: whether picows is there."""
    return _CLASSES[wanted if is_installed else WEBSOCKETS]
