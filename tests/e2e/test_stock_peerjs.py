"""Stock `peerjs` 1.5.5 in Chromium and in Firefox meets through our broker, from a page of another origin."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.conftest import ROOT, served
from tests.rooms.conformance.servers import WEBSOCKET_CLASSES, chosen

HERE: Final = Path(__file__).parent
FILES: Final = {
    "/": (HERE / "stock-peerjs.html", "text/html; charset=utf-8"),
    "/stock-peerjs.js": (HERE / "stock-peerjs.js", "text/javascript; charset=utf-8"),
    "/peerjs.min.js": (ROOT / "node_modules/peerjs/dist/peerjs.min.js", "text/javascript; charset=utf-8"),
}
FIREFOX_S: Final = 600
"""When a Firefox that hangs is given up; all trials take about ten seconds."""

MESSAGE: Final[dict[str, Any]] = {
    "text": "Grüße 👋🏽",
    "numbers": [0, -1, 1.5, 2**31],
    "nothing": None,
    "deep": {"list": [[], {}]},
}
BOTH: Final = ["audio", "video"]
NOTICED: Final[dict[str, Any]] = {
    "binary": {"serialization": "binary", "there": MESSAGE, "back": "an answer"},
    "binary-utf8": {"serialization": "binary", "there": MESSAGE, "back": "an answer"},
    "json": {"serialization": "json", "there": MESSAGE, "back": "an answer"},
    "raw": ["Grüße 👋🏽", "an answer"],
    "bytes as binary": [[0, 127, 255], [1]],
    "bytes as raw": [[0, 127, 255], [1]],
    "pieces both ways": [True, True],
    "media": {"tracks": [BOTH, BOTH], "metadata": {"from": "ann"}},
    "taken id": {"kind": "unavailable-id", "destroyed": True, "holderIsOpen": True},
    "missing peer": {"kinds": ["peer-unavailable"], "others": True},
    "peer that cannot be": {"kinds": ["peer-unavailable"], "others": True},
    "reconnect": {"isSameId": True, "meanwhile": ["still", "here"], "after": ["dialled", "again"], "beforeIsOpen": True},
    "freed id": True,
    "early dial": [True, True],
    "anonymous": True,
    "foreign key": "invalid-key",
    "anonymous with a foreign key": "invalid-key",
    "heartbeats": {"first": [1, 2], "open": [True, True]},
}
"""What an app notices in each trial of stock-peerjs.js, in any browser and with any form of our server. PeerJS 1.5 writes
`binary` for both of its binary kinds."""


class Pages(BaseHTTPRequestHandler):
    """Three files, and nothing else."""

    def do_GET(self) -> None:
        file, kind = FILES.get(self.path, (None, ""))
        body = file.read_bytes() if file else b""
        self.send_response(200 if file else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Says nothing."""


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """The address of an app's page, on an origin of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=WEBSOCKET_CLASSES)
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of our server, in each of its forms."""
    with served(tmp_path_factory.mktemp("stock"), chosen(request.param)) as origin:
        yield origin


@pytest.fixture(scope="module")
def in_firefox(app: str, broker: str) -> dict[str, Any]:
    """What apps in Firefox noticed, trial by trial."""
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    assert firefox, "Firefox is missing; on Debian: apt-get install firefox-esr"
    command = ["node", str(HERE / "stock-peerjs-firefox.mjs"), firefox, app, broker, *NOTICED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FIREFOX_S, check=False)
    assert done.returncode == 0, done.stderr
    noticed: dict[str, Any] = json.loads(done.stdout)
    return noticed


@pytest.mark.parametrize("trial", NOTICED)
def test_in_chromium(trial: str, app: str, broker: str, page: Page) -> None:
    page.goto(app)
    assert page.evaluate("([trial, broker]) => window.runTrial(trial, broker)", [trial, broker]) == NOTICED[trial]


@pytest.mark.parametrize("trial", NOTICED)
def test_in_firefox(trial: str, in_firefox: dict[str, Any]) -> None:
    assert in_firefox[trial] == NOTICED[trial]
