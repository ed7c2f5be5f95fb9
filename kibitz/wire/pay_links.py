"""Which payment links may be offered and opened: a short list of schemes, or a bare Lightning text.

Whoever sends one and whoever shows one asks here, so `javascript:` and its like never become something to press.
Source: PROTOCOL 7.1.
Twin: widget/src/wire/pay-links.ts.
"""

import re
from typing import Final

from kibitz.wire.codec import trim
from kibitz.wire.limits import LIMITS
from kibitz.wire.refusal import Refused
from kibitz.wire.values import utf16_units, well_formed

_SCHEMES: Final = "https?|lightning|bitcoin|litecoin|monero|ethereum|upi|paypal|cashapp|venmo|web\\+[a-z]+"
_PRINTED: Final = "[^\\x00-\\x20\\x7f-\\xa0\\u2028\\u2029]"
_LINK: Final = re.compile(f"(?:{_SCHEMES}):{_PRINTED}+", re.IGNORECASE | re.ASCII)
_LIGHTNING: Final = re.compile("(?:lnbc|lntb|lnurl)[0-9a-z]+", re.IGNORECASE | re.ASCII)


def pay_href(typed: str) -> str | Refused:
    """The address behind a payment link: trimmed, a bare Lightning text with its scheme.

    Refuses `too-long`, or `pay-link` for any other scheme and for blanks or control characters inside.
    """
    link = trim(well_formed(typed))
    if utf16_units(link) > LIMITS["pay_url_chars"]:
        return Refused("too-long")
    if _LIGHTNING.fullmatch(link):
        return f"lightning:{link}"
    return link if _LINK.fullmatch(link) else Refused("pay-link")
