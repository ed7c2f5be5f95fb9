"""The site's secret key where the environment gives none: made once, kept beside the database, readable by us alone."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def kept_secret(path: Path) -> str:
    """The key in the file, made on the first call. Two processes starting at once end with the same key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    key = get_random_secret_key()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key)
    return key
