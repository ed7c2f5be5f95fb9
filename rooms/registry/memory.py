"""The registry of a single process: a table. Also the fake for tests."""

from collections.abc import Callable, Iterable

from rooms.registry.port import LocalPeers, Outcome


class MemoryRegistry:
    """Every id this process gave out, with the token that may take it over."""

    is_alone = True
    is_reachable = True

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}

    def claim(self, peer_id: str, token: str, done: Callable[[Outcome], None]) -> None:
        holder = self.tokens.setdefault(peer_id, token)
        done(Outcome.HELD if holder == token else Outcome.TAKEN)

    def release(self, peer_id: str, token: str, *, is_lost: bool) -> None:
        if self.tokens.get(peer_id) == token:
            del self.tokens[peer_id]

    def forward(self, peer_id: str, text: str, sender: str) -> None:
        raise AssertionError("a process that is alone has nobody to forward to")

    def locate(self, peer_ids: Iterable[str]) -> None:
        raise AssertionError("a process that is alone has nowhere to look")

    async def open(self, local: LocalPeers) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        self.tokens.clear()
