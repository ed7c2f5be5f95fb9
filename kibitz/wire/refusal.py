"""A refusal is a value: a stable code and the place it was found. Sentences live in codes.json, shared with the browser.

Twin: widget/src/wire/refusal.ts.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

SENTENCES: Final[dict[str, str]] = json.loads(files(__package__).joinpath("codes.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a value was not accepted.

    code: a key of codes.json, stable for ever.
    where: path of the offending part with dots (`members.3.name`), empty for the whole.
    """

    code: str
    where: str = ""

    def __post_init__(self) -> None:
        if self.code not in SENTENCES:
            raise LookupError(f"no sentence in codes.json for {self.code!r}")

    @property
    def sentence(self) -> str:
        """What a person is told."""
        return SENTENCES[self.code]
