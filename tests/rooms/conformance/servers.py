"""The two servers that are compared: npm `peer` 1.0.2 with its standard settings, and ours in each of its forms."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kibitz_site.env import SETTINGS

_HERE: Final = Path(__file__).parent

WEBSOCKET_CLASSES: Final = ("picows", "websockets") if "BROKER_WS" in SETTINGS else ("",)
"""The forms our server comes in; an empty word is the only one there is."""


def chosen(websocket_class: str) -> dict[str, str]:
    """The settings that start our server with this class."""
    return {"BROKER_WS": websocket_class} if websocket_class else {}


END_S: Final = 60
"""How long npm `peer` may take to end; it takes milliseconds."""


@contextmanager
def npm_peer(*, is_listening: bool = True) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """npm `peer`: its origin and its process. is_listening: somebody hears its errors, so that they do not end it."""
    command = ["node", str(_HERE / "peer-server.mjs"), *(["--listening"] if is_listening else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdin
    assert process.stdout
    try:
        port = process.stdout.readline().strip()
        assert port, "npm peer did not start; run `npm ci`"
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.stdin.close()
        process.wait(timeout=END_S)
        process.stdout.close()
