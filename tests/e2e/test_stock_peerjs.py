"""Stock `peerjs` 1.5.5 in Chromium and in Firefox meets through our broker, from a page of another origin.

Once with a single server process, and once with two that share their ids through Redis, one peer at each.
"""

import json
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import ROOT, served
from tests.rooms.conformance.servers import WEBSOCKET_CLASSES, chosen
from tests.rooms.registry.real_redis import real_redis

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


@pytest.fixture(scope="module", params=["one process", "two processes"])
def processes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, str]]]:
    """The settings of each server process."""
    if request.param == "one process":
        yield [{}]
        return
    with real_redis(tmp_path_factory.mktemp("redis")) as redis:
        yield [{"REDIS_URL": redis.url}] * 2


@pytest.fixture(scope="module", params=WEBSOCKET_CLASSES)
def brokers(
    request: pytest.FixtureRequest, processes: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """The origins of our server's processes, in each of its forms. At the end several must have had to do with each other."""
    with ExitStack() as running:
        origins = [
            running.enter_context(served(tmp_path_factory.mktemp("stock"), settings | chosen(request.param)))
            for settings in processes
        ]
        yield origins
        assert all((forwarded(origin) > 0) == (len(origins) > 1) for origin in origins)


def forwarded(origin: str) -> float:
    """How many frames a process handed on to another."""
    with urllib.request.urlopen(f"{origin}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return sum(sample.value for family in families for sample in family.samples if sample.name.endswith("forwarded_total"))


@pytest.fixture(scope="module")
def in_firefox(app: str, brokers: list[str]) -> dict[str, Any]:
    """What apps in Firefox noticed, trial by trial."""
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    assert firefox, "Firefox is missing; on Debian: apt-get install firefox-esr"
    command = ["node", str(HERE / "stock-peerjs-firefox.mjs"), firefox, app, ",".join(brokers), *NOTICED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FIREFOX_S, check=False)
    assert done.returncode == 0, done.stderr
    noticed: dict[str, Any] = json.loads(done.stdout)
    return noticed


@pytest.mark.parametrize("trial", NOTICED)
def test_in_chromium(trial: str, app: str, brokers: list[str], page: Page) -> None:
    page.goto(app)
    assert page.evaluate("([trial, brokers]) => window.runTrial(trial, brokers)", [trial, brokers]) == NOTICED[trial]


@pytest.mark.parametrize("trial", NOTICED)
def test_in_firefox(trial: str, in_firefox: dict[str, Any]) -> None:
    assert in_firefox[trial] == NOTICED[trial]
