"""Servers that help browsers find a path, and credentials for the relay that it checks by itself: nothing is stored.

Pure: the operator's choice, a time and random text go in. A credential says until when it holds and nothing about whom it
is for. Sources: PROTOCOL.md 12.2; draft-uberti-behave-turn-rest-00, 2.2 (coturn's `use-auth-secret`).
"""

import base64
import hmac
from dataclasses import dataclass, field
from typing import Any, Final

from rooms.broker.rates import Bucket, full

TTL_S: Final = 86_400
"""How long a credential holds: a day, so that a call never outlives it by accident (PROTOCOL.md 12.2)."""

ASKS_PER_MINUTE: Final = 600
"""Credentials asked for from one network: a school behind one address joins within a minute, as with the broker's claims."""

RATE_LIMITED: Final = {
    "error": "rate-limited",
    "message": "Too many people in your network asked for a relay just now. Wait a minute, then try again.",
}
"""What a network over its limit is told: a stable code and a sentence."""


@dataclass(frozen=True, slots=True)
class IceServers:
    """What the operator set. derives_stun: the relay's own address answers STUN too, where no other server is named."""

    stun_urls: tuple[str, ...]
    turn_urls: tuple[str, ...]
    turn_secret: str
    derives_stun: bool


def credential(secret: str, expires_at_s: int, opaque: str) -> tuple[str, str]:
    """Username and password of the relay until expires_at_s (epoch seconds). SHA-1 is what the relay's protocol fixes."""
    username = f"{expires_at_s}:{opaque}"
    digest = hmac.digest(secret.encode(), username.encode(), "sha1")
    return username, base64.b64encode(digest).decode("ascii")


def ice_servers(known: IceServers, now_s: int, opaque: str) -> list[dict[str, Any]]:
    """`iceServers` as RTCPeerConnection takes them; empty where the operator set none. now_s: epoch seconds."""
    servers: list[dict[str, Any]] = []
    if stun_urls := known.stun_urls or (_stun_of(known.turn_urls) if known.derives_stun else ()):
        servers.append({"urls": list(stun_urls)})
    if known.turn_urls and known.turn_secret:
        username, password = credential(known.turn_secret, now_s + TTL_S, opaque)
        servers.append({"urls": list(known.turn_urls), "username": username, "credential": password})
    return servers


def _stun_of(turn_urls: tuple[str, ...]) -> tuple[str, ...]:
    """Relays that listen on UDP without TLS, as STUN servers; browsers ask those only that way (RFC 7064, RFC 7065)."""
    plain = [url.partition("?") for url in turn_urls if url.startswith("turn:")]
    return tuple(dict.fromkeys(f"stun:{place[len('turn:') :]}" for place, _, query in plain if query != "transport=tcp"))


@dataclass(slots=True)
class Askers:
    """How often each network may ask. A network is an opaque name; it is forgotten a minute after its last question."""

    per_minute: int
    buckets: dict[str, Bucket] = field(default_factory=dict)
    swept_at: float = 0.0

    def may_ask(self, network: str, now: float) -> bool:
        """Whether one more is allowed now (seconds of a steady clock)."""
        if now - self.swept_at >= 60:
            self.buckets = {name: bucket for name, bucket in self.buckets.items() if now - bucket.filled_at < 60}
            self.swept_at = now
        bucket = self.buckets.setdefault(network, full(self.per_minute / 60, self.per_minute, now))
        return bucket.take(now)
