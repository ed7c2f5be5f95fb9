"""The broker's plain addresses, as a page of another origin gets them from a running server."""

import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import pytest

from rooms.turn import ASKS_PER_MINUTE, RATE_LIMITED, TTL_S
from rooms.views import signal_host
from tests.conftest import served

pytestmark = pytest.mark.server

ADDRESSES = ["/api/signal", "/api/turn", "/min-version.json", "/id", "/peerjs/id", "/another/id"]
RELAY = {
    "SITE_URL": "https://call.example",
    "STUN_URLS": "stun:s.example:3478",
    "TURN_URLS": "turn:t.example:3478,turns:t.example:5349",
    "TURN_SECRET": "north",
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: str

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.body)
        return data


class Visitor:
    """A browser's script on another site. One connection, so that asking often is quick."""

    def __init__(self, origin: str, address: str = "") -> None:
        self.connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=30)
        self.headers = {"Origin": "https://other.example"} | ({"X-Forwarded-For": address} if address else {})

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        self.connection.request(method, path, headers={**self.headers, **headers})
        answer = self.connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())


Visit = Callable[..., Visitor]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Makes visitors, and hangs up for them at the end."""
    with ExitStack() as ends:

        def made(origin: str, address: str = "") -> Visitor:
            visitor = Visitor(origin, address)
            ends.enter_context(closing(visitor.connection))
            return visitor

        yield made


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A public site with a relay."""
    with served(tmp_path_factory.mktemp("relayed"), RELAY) as origin:
        yield origin


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_is_open_and_sets_no_cookie(visit: Visit, site: str, address: str) -> None:
    answer = visit(site).ask(address, Cookie="kibitz-session=x")
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Credentials"] is None
    assert answer.headers["Set-Cookie"] is None
    assert answer.headers["Vary"] is None or "Cookie" not in answer.headers["Vary"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_answers_a_preflight(visit: Visit, site: str, address: str) -> None:
    wanted = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,x-kibitz-grant"}
    answer = visit(site).ask(address, "OPTIONS", **wanted)
    assert (answer.status, answer.body) == (204, "")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, X-Kibitz-Grant"


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_can_be_written_there(visit: Visit, site: str, address: str) -> None:
    assert visit(site).ask(address, "POST").status in (403, 405)
    assert visit(site).ask(address, "DELETE").status in (403, 405)


@pytest.mark.parametrize("address", ["/id", "/peerjs/id", "/peerjs/id?ts=1&version=1.5.5", "/another/id"])
def test_an_id_is_fresh_text_whatever_the_key(visit: Visit, site: str, address: str) -> None:
    first, second = visit(site).ask(address), visit(site).ask(address)
    assert str(uuid.UUID(first.body)) == first.body != second.body
    assert first.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert first.headers["Cache-Control"] == "no-store"


def test_a_local_site_names_no_other_host_and_tells_the_time(visit: Visit, site: str) -> None:
    before_ms = time.time() * 1000
    answer = visit(site).ask("/api/signal")
    assert answer.data["host"] is None
    assert before_ms - 1 <= answer.data["now"] <= time.time() * 1000
    assert answer.headers["Cache-Control"] == "public, max-age=5"


def test_a_public_site_is_its_own_host(visit: Visit, relayed: str) -> None:
    assert visit(relayed).ask("/api/signal").data["host"] == "call.example"


@pytest.mark.parametrize(
    ("site_url", "host"),
    [
        ("https://call.example", "call.example"),
        ("https://call.example:443", "call.example"),
        ("https://call.example:8443", "call.example:8443"),
        ("http://localhost:8000", None),
    ],
)
def test_older_clients_get_a_host_only_where_https_is(site_url: str, host: str | None) -> None:
    assert signal_host(site_url) == host


def test_no_build_is_too_old(visit: Visit, site: str) -> None:
    answer = visit(site).ask("/min-version.json")
    assert answer.data == {"min": "0.0.0"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_site_without_a_relay_says_so(visit: Visit, site: str) -> None:
    answer = visit(site).ask("/api/turn")
    assert answer.data == {"iceServers": None, "configured": False}
    assert answer.headers["Cache-Control"] == "public, max-age=30"


def test_a_relay_is_told_with_a_credential_of_ones_own(visit: Visit, relayed: str) -> None:
    answers = [visit(relayed).ask("/api/turn", Authorization="Bearer x", **{"X-Kibitz-Grant": "y.z"}) for _ in range(2)]
    stun, turn = answers[0].data["iceServers"]
    assert stun == {"urls": ["stun:s.example:3478"]}
    assert turn["urls"] == ["turn:t.example:3478", "turns:t.example:5349"]
    assert abs(int(turn["username"].partition(":")[0]) - time.time() - TTL_S) < 300
    assert turn["username"] != answers[1].data["iceServers"][1]["username"]
    assert (answers[0].data["configured"], answers[0].data["tier"]) == (True, "open")
    assert answers[0].headers["Cache-Control"] == "private, max-age=3600"


def test_a_network_that_asks_too_often_is_told_and_no_other(visit: Visit, relayed: str) -> None:
    eager = visit(relayed, "203.0.113.7")
    answers = (eager.ask("/api/turn") for _ in range(20 * ASKS_PER_MINUTE))
    refused = next((answer for answer in answers if "error" in answer.data), None)
    assert refused
    assert (refused.status, refused.headers["Cache-Control"]) == (200, "no-store")
    assert refused.data == {"iceServers": None, "configured": True, **RATE_LIMITED}
    assert visit(relayed, "203.0.113.8").ask("/api/turn").data["iceServers"]
