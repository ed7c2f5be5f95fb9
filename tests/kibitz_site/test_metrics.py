"""`/metrics`: who may read it, and that it counts what the broker did, without a word about whom."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.test import RequestFactory
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from kibitz_site.metrics import has_token, is_from_here
from rooms.broker.limits import Limits
from rooms.broker.session import Broker, Hello
from rooms.hub import Hub
from rooms.metrics import BrokerCollector
from rooms.registry.memory import MemoryRegistry
from tests.conftest import served

TOKEN = "a-token-for-the-collector"


class Line:
    """A socket whose reader takes nothing."""

    def __init__(self) -> None:
        self.queued_bytes = 0
        self.is_overrun = False

    def write(self, text: str) -> None:
        self.queued_bytes += len(text)

    def close(self, code: int) -> None:
        self.is_overrun = True


@pytest.fixture
def hub() -> Hub:
    limits = Limits(frames_per_s=1, burst_frames=8)
    return Hub(Broker(limits), MemoryRegistry(), clock=lambda: 0.0)


def value(hub: Hub, name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(BrokerCollector(hub, "7"))
    return registry.get_sample_value(f"kibitz_broker_{name}", {"worker": "7", **labels})


def enter(hub: Hub, peer_id: str, token: str = "token", key: str = "peerjs") -> tuple[int, Line]:
    line = Line()
    return hub.enter(line, Hello(key, peer_id, token)), line


def offer(to: str) -> str:
    return json.dumps({"type": "OFFER", "dst": to, "payload": 1})


# what is counted -----------------------------------------------------------------------------------------------------
def test_sockets_and_peers_are_counted_as_they_come_and_go(hub: Hub) -> None:
    ann, _ = enter(hub, "ann")
    enter(hub, "ben")
    assert (value(hub, "sockets"), value(hub, "peers")) == (2, 2)
    hub.left(ann, 1001)
    assert (value(hub, "sockets"), value(hub, "peers")) == (1, 1)


def test_claims_are_counted_by_what_came_of_them(hub: Hub) -> None:
    enter(hub, "ann")
    enter(hub, "ann", token="another")
    enter(hub, "ben", key="wrong")
    enter(hub, "-")
    outcomes = ("held", "taken", "unsure", "refused")
    assert [value(hub, "claims_total", outcome=outcome) for outcome in outcomes] == [1, 1, 0, 2]


def test_frames_are_counted_and_what_slow_readers_leave_is_measured(hub: Hub) -> None:
    ann, _ = enter(hub, "ann")
    _, line = enter(hub, "ben")
    opened_bytes = line.queued_bytes
    hub.hear(ann, offer("ben"))
    hub.hear(ann, '{"type":"HEARTBEAT"}')
    assert (value(hub, "received_total"), value(hub, "relayed_total")) == (2, 1)
    assert value(hub, "queue_bytes") == line.queued_bytes + opened_bytes > 2 * opened_bytes


def test_frames_that_wait_are_measured_and_told_of_once_they_expire(hub: Hub) -> None:
    ann, _ = enter(hub, "ann")
    hub.hear(ann, offer("nobody"))
    assert (value(hub, "parked_total"), value(hub, "mailbox_frames")) == (1, 1)
    assert (value(hub, "mailbox_bytes") or 0) > len(offer("nobody"))
    hub.carry_out(hub.broker.tick(60))
    assert (value(hub, "expired_total"), value(hub, "mailbox_frames"), value(hub, "mailbox_bytes")) == (1, 0, 0)


def test_frames_that_go_nowhere_are_counted_by_reason(hub: Hub) -> None:
    ann, _ = enter(hub, "ann")
    for frame in ("{", '{"type":"OPEN","dst":"ann"}', '{"type":"LEAVE","dst":"nobody"}'):
        hub.hear(ann, frame)
    for _ in range(6):
        hub.hear(ann, '{"type":"HEARTBEAT"}')
    counted = {reason: value(hub, "drops_total", reason=reason) for reason in hub.broker.counts.drops}
    assert counted == {"flood": 1, "unreadable": 1, "early": 0, "own-word": 1, "nobody": 1, "full": 0}


def test_readers_that_were_too_slow_are_counted_when_they_are_gone(hub: Hub) -> None:
    (ann, line), (ben, _) = enter(hub, "ann"), enter(hub, "ben")
    line.close(1008)
    hub.left(ann, 1006)
    hub.left(ben, 1006)
    assert value(hub, "slow_readers_total") == 1


def test_frames_of_other_processes_are_counted_apart() -> None:
    broker = Broker(is_alone=False)
    broker.opened(0, Hello("peerjs", "ann", "token"), 0)
    broker.claimed(0, 0)
    broker.receive(0, offer("far"), 0)
    broker.delivered("ann", offer("ann"))
    broker.delivered("gone", offer("gone"))
    assert (broker.counts.forwarded, broker.counts.delivered, broker.counts.relayed) == (1, 1, 0)


# who may read it -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("host", ["localhost:8000", "localhost", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_this_machine_may_read(host: str) -> None:
    assert is_from_here(RequestFactory(headers={"Host": host}).get("/metrics", REMOTE_ADDR="127.0.0.1"))
    assert is_from_here(RequestFactory(headers={"Host": host}).get("/metrics", REMOTE_ADDR="::1"))


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", "", "unknown"])
def test_another_machine_may_not(address: str) -> None:
    assert not is_from_here(RequestFactory(headers={"Host": "localhost"}).get("/metrics", REMOTE_ADDR=address))


@pytest.mark.parametrize(
    "told",
    [
        {"Host": "testserver"},
        {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"},
        {"Host": "localhost", "X-Forwarded-Host": "localhost"},
        {"Host": "localhost", "X-Real-IP": "127.0.0.1"},
        {"Host": "localhost", "Forwarded": "for=127.0.0.1"},
        {"Host": "localhost", "Via": "1.1 proxy"},
    ],
)
def test_a_proxy_on_this_machine_does_not_open_it_to_the_world(told: dict[str, str]) -> None:
    assert not is_from_here(RequestFactory(headers=told).get("/metrics", REMOTE_ADDR="127.0.0.1"))


@pytest.mark.parametrize(
    ("brought", "is_right"),
    [
        (f"Bearer {TOKEN}", True),
        (f"Bearer {TOKEN}x", False),
        (TOKEN, False),
        ("Bearer ", False),
        ("", False),
        ("Bearer é", False),
    ],
)
def test_the_token_opens_it(brought: str, is_right: bool) -> None:
    assert has_token(RequestFactory(headers={"Authorization": brought}).get("/metrics"), TOKEN) is is_right


def test_without_a_token_set_none_opens_it() -> None:
    assert not has_token(RequestFactory(headers={"Authorization": "Bearer "}).get("/metrics"), "")


# as a collector gets it ----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("watched"), {"METRICS_TOKEN": TOKEN}) as origin:
        yield origin


def scrape(origin: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(f"{origin}/metrics", headers=headers), timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        assert "no-store" in answer.headers["Cache-Control"]
        return str(answer.read(), "utf-8")


@pytest.mark.server
async def test_a_collector_reads_what_the_sockets_did(watched: str) -> None:
    address = watched.replace("http", "ws", 1) + "/peerjs?key=peerjs&token=t&version=1.5.5&id="
    async with connect(address + "ann-of-metrics") as ann, connect(address + "ben-of-metrics") as ben:
        assert await asyncio.wait_for(ann.recv(), 20) == await asyncio.wait_for(ben.recv(), 20) == '{"type":"OPEN"}'
        await ann.send(offer("ben-of-metrics"))
        await asyncio.wait_for(ben.recv(), 20)
        text = await asyncio.to_thread(scrape, watched)
    samples = {sample.name: sample for family in text_string_to_metric_families(text) for sample in family.samples}
    assert samples["kibitz_broker_sockets"].value == samples["kibitz_broker_peers"].value == 2
    assert samples["kibitz_broker_received_total"].value == samples["kibitz_broker_relayed_total"].value == 1
    assert {label for sample in samples.values() for label in sample.labels} == {"worker", "outcome", "reason"}
    assert "of-metrics" not in text


@pytest.mark.server
def test_from_elsewhere_it_takes_the_token(watched: str) -> None:
    outside = {"X-Forwarded-For": "203.0.113.7"}
    assert "kibitz_broker_sockets" in scrape(watched, Authorization=f"Bearer {TOKEN}", **outside)
    with pytest.raises(urllib.error.HTTPError) as refused:
        scrape(watched, Authorization="Bearer another", **outside)
    with refused.value as answer:
        assert answer.code == 403
        assert b"METRICS_TOKEN" in answer.read()


@pytest.mark.server
def test_a_site_without_the_token_refuses_the_world(site: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        scrape(site, **{"X-Forwarded-For": "203.0.113.7"})
    with refused.value as answer:
        assert answer.code == 403
