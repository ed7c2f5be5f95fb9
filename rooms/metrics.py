"""The broker's numbers for Prometheus, read from the hub when somebody asks: counting costs the frame path next to nothing.

Content-blind: the only labels are the worker, and outcomes and reasons from fixed lists. No id, address or room is in them.
Limit: each worker process answers for itself, so with several a scrape shows one of them; `worker` keeps them apart.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rooms.hub import Hub

_PREFIX: Final = "kibitz_broker_"
_OWN: Final = "This worker process only; another answers for itself under its own `worker`."

FRAME_COUNTERS: Final = {
    "received": "Frames that came from clients.",
    "relayed": "Frames written to a client of this process.",
    "forwarded": "Frames handed on to other processes.",
    "delivered": "Frames from other processes, written to a client here.",
    "parked": "Frames that waited for who was not there.",
    "expired": "EXPIRE answers: nobody came for the frames that waited, or there was no room to wait.",
    "slow_readers": "Sockets closed because they read too slowly.",
}
"""Name in `Counts`, and what it tells."""


class BrokerCollector(Collector):
    """Turns the state of one hub into metrics. worker: what tells this process from its siblings."""

    def __init__(self, hub: Hub, worker: str) -> None:
        self.hub = hub
        self.worker = worker

    def collect(self) -> Iterator[Metric]:
        counts = self.hub.broker.counts
        yield from self._gauges()
        for name, meaning in FRAME_COUNTERS.items():
            yield self._counter(name, meaning, getattr(counts, name))
        yield self._split("claims", "Wishes for an id, by what came of them.", "outcome", counts.claims.items())
        yield self._split("drops", "Frames that went nowhere, by reason.", "reason", counts.drops.items())

    def _gauges(self) -> Iterator[Metric]:
        broker = self.hub.broker
        boxes = broker.mailboxes
        queued_bytes = sum(line.queued_bytes for line in self.hub.lines.values())
        gauges = {
            "sockets": ("Open sockets.", len(self.hub.lines)),
            "peers": ("Peer ids held by open sockets.", len(broker.peers)),
            "mailbox_frames": ("Frames that wait now.", sum(len(box.frames) for box in boxes.boxes.values())),
            "mailbox_bytes": ("Size of the frames that wait now.", boxes.size_bytes),
            "registry_reachable": (
                "1 if ids can be given out and other processes be reached, 0 while Redis is gone.",
                int(self.hub.registry.is_reachable),
            ),
            "queue_bytes": ("Written for slow readers and not taken yet.", queued_bytes),
        }
        for name, (meaning, value) in gauges.items():
            gauge = GaugeMetricFamily(_PREFIX + name, f"{meaning} {_OWN}", labels=["worker"])
            gauge.add_metric([self.worker], value)
            yield gauge

    def _counter(self, name: str, meaning: str, value: int) -> Metric:
        counter = CounterMetricFamily(_PREFIX + name, f"{meaning} {_OWN}", labels=["worker"])
        counter.add_metric([self.worker], value)
        return counter

    def _split(self, name: str, meaning: str, label: str, values: Iterable[tuple[str, int]]) -> Metric:
        counter = CounterMetricFamily(_PREFIX + name, f"{meaning} {_OWN}", labels=["worker", label])
        for value, count in values:
            counter.add_metric([self.worker, value], count)
        return counter
