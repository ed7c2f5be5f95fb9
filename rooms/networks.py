"""Where a socket comes from, as a name that says nothing: a hash with a salt of the day, never the address.

The salt lives in memory only, so yesterday's names mean nothing to anybody, and two processes' names nothing to each other.
Source: DESIGN.md, "What is stored": addresses are never kept.
"""

import hashlib
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

DAY_S: Final = 86_400
_IPV6_PREFIX: Final = 64
"""What one subscriber gets at least (RFC 6177), so its addresses count as one network."""


@dataclass(slots=True)
class NetworkNames:
    """Names networks; fresh_salt makes 16 random bytes, once a day."""

    salt: bytes = b""
    day: int = -1

    def name(self, address: str, now: float, fresh_salt: bytes) -> str:
        """A name for the network of an address. now: epoch seconds. fresh_salt: used if a new day began."""
        if (day := int(now // DAY_S)) != self.day:
            self.day, self.salt = day, fresh_salt
        return hashlib.sha256(self.salt + _network(address).encode()).hexdigest()[:16]


def _network(address: str) -> str:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, _IPV6_PREFIX), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
