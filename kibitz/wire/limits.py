"""Every size limit of the wire, stated once in limits.json with its reason, read by both twins.

Twin: widget/src/wire/limits.ts. Text lengths count UTF-16 code units, as browsers do.
"""

import json
from importlib.resources import files
from typing import Final

LIMITS: Final[dict[str, int]] = {
    name: entry["value"] for name, entry in json.loads(files(__package__).joinpath("limits.json").read_text("utf-8")).items()
}
