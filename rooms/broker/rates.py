"""How often: a token bucket for one socket, and counts for one network. Pure; times are seconds of any steady clock."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """Holds up to `burst` tokens, gains `per_s` a second; one is taken for each thing done. per_s 0: no limit."""

    per_s: float
    burst: float
    level: float
    filled_at: float

    def take(self, now: float) -> bool:
        """Whether one more is allowed now."""
        if not self.per_s:
            return True
        self.level = min(self.burst, self.level + (now - self.filled_at) * self.per_s)
        self.filled_at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


def full(per_s: float, burst: float, now: float) -> Bucket:
    """A bucket that nothing was taken from yet."""
    return Bucket(per_s, burst, burst, now)


@dataclass(slots=True)
class Networks:
    """Sockets and claims of each network. A network is an opaque name, never an address; forgotten when it is quiet."""

    sockets_each: int
    claims_per_minute: int
    sockets: dict[str, int] = field(default_factory=dict)
    claims: dict[str, Bucket] = field(default_factory=dict)

    def enter(self, network: str, now: float) -> str | None:
        """Counts a socket in and answers None, or says which limit is reached."""
        open_sockets = self.sockets.get(network, 0)
        if self.sockets_each and open_sockets >= self.sockets_each:
            return "Too many connections from your network. Close some, then try again."
        bucket = self.claims.get(network) or full(self.claims_per_minute / 60, self.claims_per_minute, now)
        self.claims[network] = bucket
        if not bucket.take(now):
            return "Too many new connections from your network. Wait a minute, then try again."
        self.sockets[network] = open_sockets + 1
        return None

    def leave(self, network: str) -> None:
        """Counts a socket out."""
        open_sockets = self.sockets.get(network, 0) - 1
        if open_sockets > 0:
            self.sockets[network] = open_sockets
        else:
            self.sockets.pop(network, None)

    def forget(self, now: float) -> None:
        """Drops the counts of networks that have been quiet long enough to start afresh."""
        for network, bucket in list(self.claims.items()):
            if network not in self.sockets and (now - bucket.filled_at) * bucket.per_s + bucket.level >= bucket.burst:
                del self.claims[network]
