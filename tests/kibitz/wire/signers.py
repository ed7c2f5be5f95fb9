"""Fresh keys and values that the tests of signed things share."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from kibitz.wire.base64url import write_base64url
from kibitz.wire.keys import PublicKey

NOW: Final = 1_750_000_000
ROOM: Final = "standup"
OURS: Final = ":".join(["ab", "cd", "ef", "01", "23", "45", "67", "89"] * 4)
THEIRS: Final = ":".join(["11"] * 32)


class Signer:
    """A key pair that lives as long as a test."""

    def __init__(self) -> None:
        self.secret = ec.generate_private_key(ec.SECP256R1())
        numbers = self.secret.public_key().public_numbers()
        self.public = PublicKey(*(write_base64url(part.to_bytes(32, "big")) for part in (numbers.x, numbers.y)))
