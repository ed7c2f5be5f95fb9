from prometheus_client import CollectorRegistry

from rooms.broker.session import Broker
from rooms.hub import Hub
from rooms.metrics import BrokerCollector
from rooms.registry.memory import MemoryRegistry


class LostRegistry(MemoryRegistry):
    """As when Redis is gone."""

    is_reachable = False


def test_metrics_tell_whether_the_registry_can_be_reached() -> None:
    for registry, wanted in ((MemoryRegistry(), 1), (LostRegistry(), 0)):
        collectors = CollectorRegistry()
        collectors.register(BrokerCollector(Hub(Broker(), registry, lambda: 0.0), "7"))
        assert collectors.get_sample_value("kibitz_broker_registry_reachable", {"worker": "7"}) == wanted
