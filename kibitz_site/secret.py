"""The site's secret key where the environment gives none: made once, kept beside the database, readable by us alone."""

import os
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key


def kept_secret(path: Path) -> str:
    """The key in the file, made on the first call. Two processes starting at once end with the same, whole key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _place(path, get_random_secret_key())
    key = path.read_text("ascii").strip()
    if not key:
        raise ImproperlyConfigured(f"{path} is empty. Delete it: a new key is made at the next start.")
    return key


def _place(path: Path, key: str) -> None:
    """Puts a finished file at the path, unless another process was faster."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:  # mode 0600
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return  # theirs is as good as ours
