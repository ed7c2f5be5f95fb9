"""What the broker did so far, as plain numbers: no id, address or room can be in them. Read by rooms/metrics.py.

Cheap on purpose: a relayed frame costs two additions.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

Claim = Literal["held", "taken", "unsure", "refused"]
"""What became of a wish for an id. refused: wrong key, malformed, or over a limit, so that the registry was not asked."""

Drop = Literal["flood", "unreadable", "early", "own-word", "nobody", "full"]
"""Why a frame went nowhere: too many at once; not a frame; written before OPEN by who then did not get the id; a word only the
broker says; a goodbye to somebody who is gone; no room to wait."""

CLAIMS: Final[tuple[Claim, ...]] = ("held", "taken", "unsure", "refused")
DROPS: Final[tuple[Drop, ...]] = ("flood", "unreadable", "early", "own-word", "nobody", "full")


@dataclass(slots=True)
class Counts:
    """Totals since the process began.

    relayed: frames to a socket here. forwarded, delivered: frames to and from other processes. parked: frames that waited.
    expired: senders told that nobody came. slow_readers: sockets closed because their queue was full.
    """

    received: int = 0
    relayed: int = 0
    forwarded: int = 0
    delivered: int = 0
    parked: int = 0
    expired: int = 0
    slow_readers: int = 0
    claims: dict[Claim, int] = field(default_factory=lambda: dict.fromkeys(CLAIMS, 0))
    drops: dict[Drop, int] = field(default_factory=lambda: dict.fromkeys(DROPS, 0))
