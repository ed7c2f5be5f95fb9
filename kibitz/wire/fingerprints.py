"""Certificate fingerprints and what is bound to them: SHA-256 over the DER, 32 pairs of hex digits with colons.

The canonical form is trimmed and lower-case; only that is compared, hashed or signed. Limit: lower-casing and NFKC of
identities follow the Unicode version of the runtime. Source: PROTOCOL.md 0.30, 8.1, 9.3 (mh), 11.1; RFC 8122.
Twin: widget/src/wire/fingerprints.ts.
"""

import re
from typing import Final
from unicodedata import normalize

from kibitz.wire.base64url import digest_text
from kibitz.wire.codec import Codec, trim
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import utf16_units, well_formed

_CANONICAL: Final = re.compile(r"(?:[0-9a-f]{2}:){31}[0-9a-f]{2}")
_SDP_LINE: Final = "a=fingerprint:"


def canonical(text: str) -> str:
    """Trimmed and lower-case; colons and what else is inside stay (8.1)."""
    return trim(well_formed(text)).lower()


def _read(value: object, where: str) -> str | Refused:
    if not isinstance(value, str):
        return Refused("wrong-type", where)
    found = canonical(value) if utf16_units(value) <= LIMITS["fingerprint_chars"] else ""
    return found if _CANONICAL.fullmatch(found) else Refused("bad-fingerprint", where)


fingerprint: Final[Codec[str]] = Codec(_read)
"""A fingerprint in canonical form, else `bad-fingerprint`."""


def fingerprint_of_sdp(sdp: str) -> str | Refused:
    """The one fingerprint of a session description (0.30).

    Refuses `too-large`, `no-fingerprint` (none, or not sha-256), `many-fingerprints` (more than one distinct value over
    all sections, another hash counts as another value), `bad-fingerprint`.
    """
    if utf16_units(sdp) > LIMITS["sdp_chars"]:
        return Refused("too-large")
    values = [canonical(line.removeprefix(_SDP_LINE)) for line in sdp.split("\n") if line.startswith(_SDP_LINE)]
    if len(set(values)) != 1:
        return Refused("many-fingerprints" if values else "no-fingerprint")
    algorithm, _, written = values[0].partition(" ")
    return fingerprint.decode(written, "") if algorithm == "sha-256" else Refused("no-fingerprint")


def nonce(own_fingerprint: str, room: str) -> str | Refused:
    """What an ID token must echo to be bound to a certificate; room: normalised, empty for none (11.1)."""
    found = fingerprint.decode(own_fingerprint, "")
    if isinstance(found, Refused):
        return found
    return digest_text(f"{found}|{room}" if room else found)


def normal_identity(identity: str) -> str:
    """An address or a name as it is compared: NFKC, trimmed, lower-case (9.3)."""
    return trim(normalize("NFKC", well_formed(identity))).lower()


def member_hash(identity: str, room: str) -> str:
    """An entry of a hashed guest list (`mh`, 9.3)."""
    return digest_text(f"{normal_identity(identity)}|{room}")
