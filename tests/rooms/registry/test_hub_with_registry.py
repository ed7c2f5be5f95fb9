"""What the hub does with the registry's late answers, and when its process is about to end."""

import json
from collections.abc import Callable

from rooms.broker.effects import RESTARTING
from rooms.broker.limits import Limits
from rooms.broker.session import Broker, Hello
from rooms.hub import Hub
from rooms.registry.memory import MemoryRegistry
from rooms.registry.port import Outcome


class LateRegistry(MemoryRegistry):
    """Answers claims when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[tuple[str, str, Callable[[Outcome], None]]] = []

    def claim(self, peer_id: str, token: str, done: Callable[[Outcome], None]) -> None:
        self.questions.append((peer_id, token, done))

    def answer(self) -> None:
        for question in self.questions:
            super().claim(*question)
        self.questions.clear()


class FakeLine:
    queued_bytes = 0
    is_overrun = False

    def __init__(self) -> None:
        self.said: list[str] = []
        self.code: int | None = None

    def write(self, text: str) -> None:
        self.said.append(text)

    def close(self, code: int) -> None:
        self.code = code


def late_hub() -> tuple[Hub, LateRegistry]:
    registry = LateRegistry()
    return Hub(Broker(Limits()), registry, lambda: 0.0), registry


def test_an_id_that_comes_after_its_socket_went_is_given_back() -> None:
    hub, registry = late_hub()
    hub.left(hub.enter(FakeLine(), Hello("peerjs", "ann", "a")), 1006)
    registry.answer()
    assert registry.tokens == {}


def test_an_id_is_given_back_too_if_its_client_is_only_about_to_go() -> None:
    hub, registry = late_hub()
    line = FakeLine()
    number = hub.enter(line, Hello("peerjs", "ann", "a"))
    hub.carry_out(hub.broker.restarting(number, 0.0))
    registry.answer()
    assert (registry.tokens, line.code) == ({}, RESTARTING)


def test_an_answer_that_comes_too_late_takes_nothing_from_the_same_clients_other_socket() -> None:
    hub, registry = late_hub()
    hub.enter(FakeLine(), Hello("peerjs", "ann", "a"))
    registry.answer()
    hub.left(hub.enter(FakeLine(), Hello("peerjs", "ann", "a")), 1006)
    registry.answer()
    assert registry.tokens == {"ann": "a"}
    assert list(hub.broker.peers) == ["ann"]


def test_what_a_client_writes_before_its_claim_is_answered_is_not_lost() -> None:
    hub, registry = late_hub()
    ann, ben = FakeLine(), FakeLine()
    hub.enter(ben, Hello("peerjs", "ben", "b"))
    registry.answer()
    number = hub.enter(ann, Hello("peerjs", "ann", "a"))
    for payload in (1, 2):
        hub.hear(number, json.dumps({"type": "OFFER", "dst": "ben", "payload": payload}))
    assert len(ben.said) == 1
    registry.answer()
    assert [json.loads(text).get("payload") for text in ben.said] == [None, 1, 2]


async def test_who_is_sent_elsewhere_is_told_so_and_its_frames_wait() -> None:
    hub, registry = late_hub()
    ann, ben = FakeLine(), FakeLine()
    for line, peer_id in ((ann, "ann"), (ben, "ben")):
        hub.enter(line, Hello("peerjs", peer_id, "t"))
    registry.answer()
    await hub.drain(5.0)
    assert (ann.code, ben.code) == (RESTARTING, RESTARTING)
    assert registry.tokens == {}
    assert set(hub.broker.lost) == {"ann", "ben"}
