"""The registry: one atomic claim decides who holds an id, in this process or in any (DESIGN.md, "Across processes").

A claim *is* the room's election. Nothing here waits: answers come by callback, so that the frame path has no task of its own.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Protocol


class Outcome(Enum):
    """What a claim came to. UNSURE: the registry cannot be reached, so nobody may hold the id."""

    HELD = "held"
    TAKEN = "taken"
    UNSURE = "unsure"


class LocalPeers(Protocol):
    """The peers of the process that a registry serves: what it may tell them, and ask about them."""

    def missing(self, peer_id: str, text: str, sender: str, *, is_lost: bool) -> None:
        """Nobody has the id this frame was for. is_lost: its holder was cut off a moment ago and may come back."""

    def delivered(self, peer_id: str, text: str) -> bool:
        """A frame from another process; False if the id is not here."""
        ...

    def found(self, peer_id: str) -> None:
        """Another process has the id by now."""

    def evicted(self, peer_id: str) -> None:
        """The id belongs to somebody else now."""

    def holdings(self) -> Iterable[tuple[str, str]]:
        """Every id held here, with its token."""
        ...


class Registry(Protocol):
    """Claims and releases ids, and brings frames to other processes."""

    is_alone: bool
    """Whether this process is all there is."""

    @property
    def is_reachable(self) -> bool:
        """Whether claims are answered; if not, all of them are UNSURE and no frame leaves this process."""
        ...

    def claim(self, peer_id: str, token: str, done: Callable[[Outcome], None]) -> None:
        """Asks for an id; the same id with the same token moves here. done is called exactly once, perhaps at once."""

    def release(self, peer_id: str, token: str, *, is_lost: bool) -> None:
        """Gives an id back, unless somebody else holds it by now."""

    def forward(self, peer_id: str, text: str, sender: str) -> None:
        """Brings a frame to whichever process has the id, else calls missing() of the local peers."""

    def locate(self, peer_ids: Iterable[str]) -> None:
        """Looks for ids that frames wait for; calls found() of the local peers for each that is somewhere."""

    async def open(self, local: LocalPeers) -> None:
        """Starts to serve a process."""

    async def close(self) -> None:
        """Gives everything back and ends."""
