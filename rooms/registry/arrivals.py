"""Which frames of other workers came already, so that one that is sent twice is handled once. Pure.

If Redis fails while a batch is under way, its sender cannot know whether it was carried out, and its frames go again with the
batch's stamp (`Frame.doubts`). Whoever had that batch, or a later one over the same link, had those frames. Only the end of a
link can be in doubt, so the last stamp of each link is all that must be remembered.
"""

from dataclasses import dataclass, field
from typing import Final

from rooms.registry.messages import Stamp

LINKS_REMEMBERED: Final = 1024
"""Of other workers: many more than can end within the few seconds for which frames wait."""


@dataclass(slots=True)
class Arrivals:
    """The last batch that came over each link of each worker."""

    _latest: dict[tuple[str, int], int] = field(default_factory=dict)

    def note(self, worker: str, stamp: Stamp) -> None:
        """Something came from a worker, with this stamp."""
        link, number = stamp
        if number:
            self._latest[worker, link] = number
            if len(self._latest) > LINKS_REMEMBERED:
                del self._latest[next(iter(self._latest))]

    def had(self, worker: str, doubts: tuple[Stamp, ...]) -> bool:
        """Whether one of these batches of a worker came."""
        return any(self._latest.get((worker, link), 0) >= number for link, number in doubts)
