import json

import pytest

from rooms.broker.effects import POLICY, RESTARTING, TRY_LATER, Claim, Close, Effect, Forward, Locate, Release, Send
from rooms.broker.frames import OWN_WORDS
from rooms.broker.limits import Limits
from rooms.broker.session import MISSING, UNUSABLE_ID, UNUSABLE_TOKEN, Broker, Hello


def hello(peer_id: str, token: str = "", key: str = "peerjs", network: str = "home") -> Hello:
    return Hello(key, peer_id, token or peer_id, network)


def told(effects: list[Effect]) -> list[tuple[int, str]]:
    return [(effect.socket, json.loads(effect.text)["type"]) for effect in effects if isinstance(effect, Send)]


def enter(broker: Broker, socket: int, peer_id: str, now: float = 0.0, token: str = "") -> list[Effect]:
    """A socket comes and the registry gives it its id."""
    assert broker.opened(socket, hello(peer_id, token), now) == [Claim(socket, peer_id, token or peer_id)]
    return broker.claimed(socket, now)


def broker_with(*peers: str, limits: Limits | None = None) -> Broker:
    """A broker that is alone; the sockets are 0, 1, 2 …"""
    broker = Broker(limits or Limits())
    for socket, peer_id in enumerate(peers):
        enter(broker, socket, peer_id)
    return broker


def refusal(greeting: Hello) -> object:
    """What the broker says to a socket that it does not let in."""
    first, last = Broker().opened(1, greeting, 0)
    assert isinstance(first, Send)
    assert last == Close(1)
    return json.loads(first.text)["payload"]["msg"]


def offer(to: str, payload: object = 1) -> str:
    return json.dumps({"type": "OFFER", "dst": to, "payload": payload})


# claims --------------------------------------------------------------------------------------------------------------
def test_an_id_is_held_once_the_registry_says_so() -> None:
    broker = Broker()
    assert broker.opened(1, hello("ann"), 0) == [Claim(1, "ann", "ann")]
    assert told(broker.claimed(1, 0)) == [(1, "OPEN")]


def test_a_taken_id_is_refused() -> None:
    broker = Broker()
    broker.opened(7, hello("room"), 0)
    effects = broker.taken(7)
    assert told(effects) == [(7, "ID-TAKEN")]
    assert Close(7) in effects
    assert broker.sockets == {}


def test_a_registry_that_does_not_answer_gives_nobody_an_id() -> None:
    broker = Broker()
    broker.opened(7, hello("room"), 0)
    effects = broker.unsure(7)
    assert told(effects) == [(7, "ERROR")]
    assert Close(7, TRY_LATER) in effects


def test_the_same_client_takes_its_id_over_and_the_old_socket_goes() -> None:
    broker = broker_with("ann")
    effects = enter(broker, 5, "ann")
    assert told(effects) == [(5, "OPEN")]
    assert Close(0) in effects
    assert broker.closed(0, 1, is_goodbye=False) == []
    assert broker.peers == {"ann": 5}


def test_an_id_is_given_back_the_moment_its_socket_closes() -> None:
    broker = broker_with("room")
    assert broker.closed(0, 1, is_goodbye=True) == [Release("room", "room", is_lost=False)]
    assert broker.peers == {}
    assert broker.closed(0, 1, is_goodbye=True) == []


def test_who_was_evicted_goes_and_gives_nothing_back() -> None:
    broker = broker_with("ann")
    assert broker.evicted("ann") == [Close(0)]
    assert broker.closed(0, 1, is_goodbye=True) == []


def test_a_wrong_key_and_a_bad_id_are_refused() -> None:
    assert told(Broker().opened(1, hello("ann", key="else"), 0)) == [(1, "INVALID-KEY")]
    for bad in ("-ann", "ann-", "a/b", "x" * 65, "ä"):
        assert refusal(hello(bad, token="t")) == UNUSABLE_ID
    for bad in ("a b", "x" * 129, "ä"):
        assert refusal(hello("ann", token=bad)) == UNUSABLE_TOKEN


@pytest.mark.parametrize("key", ["", "peerjs", "else"])
@pytest.mark.parametrize(("peer_id", "token"), [("", ""), ("", "t"), ("ann", ""), ("ann", "t")])
def test_what_is_missing_is_named_before_what_is_wrong(key: str, peer_id: str, token: str) -> None:
    if not (key and peer_id and token):
        assert refusal(Hello(key, peer_id, token)) == MISSING


# frames --------------------------------------------------------------------------------------------------------------
def test_a_frame_reaches_its_destination_untouched_with_its_source_behind_it() -> None:
    broker = broker_with("ann", "ben")
    frame = '{ "type":"OFFER","payload":{"sdp": "v=0 ü","n":1.0},"dst":"ben"}'
    assert broker.receive(0, frame + " \n", 0) == [Send(1, frame[:-1] + ',"src":"ann"}')]


@pytest.mark.parametrize(
    "forged",
    [
        '{"type":"OFFER","dst":"ben","src":"eve"}',
        '{"src":"eve","type":"OFFER","dst":"ben"}',
        '{"type":"OFFER","dst":"ben","src":"eve","src":"mallory"}',
        '{"type":"OFFER","dst":"ben","\\u0073rc":"eve"}',
        '{"type":"OFFER","dst":"ben","src":null}',
        '{"type":"OFFER","dst":"ben","src":{"src":"eve"},"payload":' + "1" * 5000 + "}",
        '{"type":"OFFER","dst":"eve","dst":"ben","payload":{"src":"eve","dst":"eve"}}',
    ],
)
def test_a_source_cannot_be_forged(forged: str) -> None:
    (effect,) = broker_with("ann", "ben").receive(0, forged, 0)
    assert isinstance(effect, Send)
    assert effect.socket == 1
    assert json.loads(effect.text, parse_int=str)["src"] == "ann"


@pytest.mark.parametrize("word", sorted(OWN_WORDS))
def test_nobody_speaks_with_the_brokers_own_words(word: str) -> None:
    broker = broker_with("ann", "ben")
    assert broker.receive(0, json.dumps({"type": word, "dst": "ben", "payload": {"msg": "x"}}), 0) == []


def test_a_heartbeat_is_for_the_broker_whoever_it_is_addressed_to() -> None:
    broker = broker_with("ann", "ben")
    for frame in ('{"type":"HEARTBEAT"}', '{"type":"HEARTBEAT","dst":"ben"}', '{"type":"HEARTBEAT","dst":"nobody"}'):
        assert broker.receive(0, frame, 0) == []
    assert broker.tick(5) == []


def test_any_other_addressed_type_passes() -> None:
    assert told(broker_with("ann", "ben").receive(0, '{"type":"WAVE","dst":"ben"}', 0)) == [(1, "WAVE")]


def test_what_cannot_be_read_changes_nothing() -> None:
    broker = broker_with("ann", "ben")
    for frame in (
        "",
        "null",
        "[]",
        "{",
        '{"type":1,"dst":"ben"}',
        '{"dst":"ben"}',
        '{"type":"","dst":"ben"}',
        "[" * 50_000,
        "\ud800",
    ):
        assert broker.receive(0, frame, 0) == []
    assert broker.receive(0, '{"type":"HEARTBEAT"}', 0) == []
    assert broker.receive(0, '{"type":"' + "X" * 33 + '","dst":"ben"}', 0) == []
    assert broker.receive(99, offer("ben"), 0) == []


def test_a_leave_without_destination_is_a_goodbye() -> None:
    broker = broker_with("ann")
    assert broker.receive(0, '{"type":"LEAVE"}', 0) == [Release("ann", "ann", is_lost=False), Close(0)]


# frames before the registry answered ---------------------------------------------------------------------------------
def payloads(effects: list[Effect]) -> list[object]:
    return [json.loads(effect.text).get("payload") for effect in effects if isinstance(effect, Send | Forward)]


def waiting_for_its_id(*early: str, limits: Limits | None = None) -> Broker:
    """A broker with ben at socket 0, and ann at socket 1 whose claim is not answered yet."""
    broker = broker_with("ben", limits=limits)
    broker.opened(1, hello("ann"), 0)
    for text in early:
        assert broker.receive(1, text, 0) == []
    return broker


def test_what_is_written_before_the_claim_is_answered_is_handled_after_open_in_order() -> None:
    broker = waiting_for_its_id(offer("ben", 1), "{", offer("ben", 2), '{"type":"HEARTBEAT"}', offer("ann", 3))
    effects = broker.claimed(1, 1)
    assert told(effects) == [(1, "OPEN"), (0, "OFFER"), (0, "OFFER"), (1, "OFFER")]
    assert payloads(effects) == [None, 1, 2, 3]
    assert (broker.counts.received, broker.counts.relayed, broker.counts.drops["unreadable"]) == (5, 3, 1)


def test_early_frames_go_to_other_processes_and_wait_for_strangers_as_later_ones_do() -> None:
    broker = waiting_for_its_id(offer("chidi", 1))
    broker.is_alone = False
    *_, forwarded = broker.claimed(1, 0)
    assert isinstance(forwarded, Forward)
    alone = waiting_for_its_id(offer("chidi", 1))
    alone.claimed(1, 5)
    assert alone.tick(5.9) == []
    assert told(alone.tick(6.0)) == [(1, "EXPIRE")]


def test_an_early_goodbye_ends_the_socket_and_nothing_behind_it_counts() -> None:
    broker = waiting_for_its_id('{"type":"LEAVE"}', offer("ben"))
    assert broker.claimed(1, 0)[1:] == [Release("ann", "ann", is_lost=False), Close(1)]


@pytest.mark.parametrize("early", [[offer("ben")] * 16, [offer("ben", "x" * 65_000)]], ids=["many", "large"])
def test_more_early_frames_than_are_kept_are_a_flood(early: list[str]) -> None:
    broker = waiting_for_its_id(*early)
    effects = broker.receive(1, offer("ben", "x" * 1_000), 0)
    assert told(effects) == [(1, "ERROR")]
    assert Close(1, POLICY) in effects
    assert broker.receive(1, offer("ben"), 0) == broker.claimed(1, 0) == []
    assert (broker.counts.received, broker.counts.drops["early"]) == (len(early) + 1, len(early))


def test_early_frames_count_for_the_flood_limit() -> None:
    broker = waiting_for_its_id(*[offer("ben")] * 3, limits=Limits(frames_per_s=1, burst_frames=2))
    effects = broker.claimed(1, 0)
    assert told(effects) == [(1, "OPEN"), (0, "OFFER"), (0, "OFFER"), (1, "ERROR")]
    assert Close(1, POLICY) in effects


def test_what_somebody_wrote_who_did_not_get_the_id_goes_nowhere() -> None:
    for answer in (Broker.taken, Broker.unsure):
        broker = waiting_for_its_id(offer("ben"))
        assert [socket for socket, _ in told(answer(broker, 1))] == [1]
        assert (broker.counts.received, broker.counts.drops["early"]) == (1, 1)


# mailboxes -----------------------------------------------------------------------------------------------------------
def test_a_frame_for_a_stranger_waits_a_second_then_its_sender_is_told_once() -> None:
    broker = broker_with("ann")
    for number in range(3):
        assert broker.receive(0, offer("ben", number), 0) == []
    assert broker.tick(0.9) == []
    assert told(broker.tick(1.0)) == [(0, "EXPIRE")]
    assert broker.tick(2.0) == []


def test_who_registers_in_time_gets_what_waited_after_open_and_in_order() -> None:
    broker = broker_with("ann")
    for number in range(3):
        broker.receive(0, offer("ben", number), 0)
    effects = enter(broker, 1, "ben", now=0.5)
    texts = [json.loads(effect.text) for effect in effects if isinstance(effect, Send)]
    assert [text.get("payload", text["type"]) for text in texts] == ["OPEN", 0, 1, 2]
    assert broker.tick(9) == []


def test_frames_for_who_was_cut_off_wait_five_seconds() -> None:
    broker = broker_with("ann", "ben")
    broker.closed(1, 10, is_goodbye=False)
    assert broker.receive(0, offer("ben"), 10.5) == []
    assert broker.tick(14.9) == []
    assert told(broker.tick(15.0)) == [(0, "EXPIRE")]


def test_frames_for_who_said_goodbye_wait_as_for_a_stranger() -> None:
    broker = broker_with("ann", "ben")
    broker.closed(1, 10, is_goodbye=True)
    broker.receive(0, offer("ben"), 10.5)
    assert told(broker.tick(11.5)) == [(0, "EXPIRE")]


def test_a_mailbox_is_bounded_in_frames_and_bytes() -> None:
    broker = broker_with("ann", limits=Limits(mailbox_frames=2, mailbox_bytes=200))
    assert broker.receive(0, offer("ben"), 0) == []
    assert broker.receive(0, offer("ben"), 0) == []
    assert told(broker.receive(0, offer("ben"), 0)) == [(0, "EXPIRE")]
    assert told(broker.receive(0, offer("chidi", "x" * 300), 0)) == [(0, "EXPIRE")]


def test_all_mailboxes_together_are_bounded_and_the_room_comes_back() -> None:
    broker = broker_with("ann", limits=Limits(mailboxes_bytes=300))
    assert broker.receive(0, offer("ben", "x" * 100), 0) == []
    assert told(broker.receive(0, offer("chidi", "x" * 200), 0)) == [(0, "EXPIRE")]
    broker.tick(2)
    assert broker.mailboxes.size_bytes == 0
    assert broker.receive(0, offer("chidi", "x" * 200), 2) == []


def test_without_mailboxes_a_missing_peer_is_told_at_once() -> None:
    broker = broker_with("ann", limits=Limits(mailbox_s=0))
    assert told(broker.receive(0, offer("ben"), 0)) == [(0, "EXPIRE")]


def test_nobody_waits_for_a_leave() -> None:
    broker = broker_with("ann")
    assert broker.receive(0, '{"type":"LEAVE","dst":"ben"}', 0) == []
    assert broker.mailboxes.boxes == {}


@pytest.mark.parametrize("is_alone", [True, False])
def test_what_goes_to_an_id_nobody_can_have_expires_once_and_is_asked_of_no_other_process(is_alone: bool) -> None:
    broker = broker_with("ann")
    broker.is_alone = is_alone
    for number in range(3):
        assert broker.receive(0, offer("not an id!", number), 0) == []
    assert broker.tick(0.5) == []
    assert told(broker.tick(1.0)) == [(0, "EXPIRE")]


# limits --------------------------------------------------------------------------------------------------------------
def test_a_flood_ends_its_own_socket_and_no_other() -> None:
    broker = broker_with("ann", "ben", limits=Limits(frames_per_s=10, burst_frames=20))
    for _ in range(20):
        assert broker.receive(0, offer("ben"), 0)
    effects = broker.receive(0, offer("ben"), 0)
    assert told(effects) == [(0, "ERROR")]
    assert Close(0, POLICY) in effects
    assert broker.receive(1, offer("ann"), 0)


def test_a_steady_sender_is_never_stopped() -> None:
    broker = broker_with("ann", "ben", limits=Limits(frames_per_s=100, burst_frames=400))
    for number in range(5_000):
        assert isinstance(broker.receive(0, offer("ben"), number / 100)[0], Send)


def test_one_network_cannot_take_every_socket() -> None:
    broker = Broker(Limits(sockets_per_network=2))
    for socket in range(2):
        broker.opened(socket, hello(f"peer-{socket}"), 0)
    refused = broker.opened(2, hello("peer-2"), 0)
    assert told(refused) == [(2, "ERROR")]
    assert Close(2, TRY_LATER) in refused
    assert broker.opened(3, hello("peer-3", network="elsewhere"), 0) == [Claim(3, "peer-3", "peer-3")]
    broker.closed(0, 1, is_goodbye=True)
    assert broker.opened(4, hello("peer-4"), 1) == [Claim(4, "peer-4", "peer-4")]


def test_one_network_cannot_claim_without_end() -> None:
    broker = Broker(Limits(claims_per_minute=60))
    for socket in range(60):
        assert broker.opened(socket, hello(f"peer-{socket}"), 0) == [Claim(socket, f"peer-{socket}", f"peer-{socket}")]
        broker.closed(socket, 0, is_goodbye=True)
    assert told(broker.opened(60, hello("late"), 0)) == [(60, "ERROR")]
    assert broker.opened(61, hello("later"), 1) == [Claim(61, "later", "later")]


def test_quiet_networks_are_forgotten() -> None:
    broker = Broker(Limits())
    broker.opened(0, hello("ann"), 0)
    broker.closed(0, 1, is_goodbye=True)
    broker.tick(120)
    assert (broker.networks.sockets, broker.networks.claims) == ({}, {})


def test_a_socket_without_any_frame_for_a_minute_is_dead() -> None:
    broker = broker_with("ann", "ben")
    broker.receive(0, '{"type":"HEARTBEAT"}', 50)
    assert broker.tick(61) == [Close(1)]


# other processes -----------------------------------------------------------------------------------------------------
def test_a_frame_for_another_process_is_forwarded_with_its_source() -> None:
    broker = broker_with("ann")
    broker.is_alone = False
    (effect,) = broker.receive(0, offer("ben"), 0)
    assert isinstance(effect, Forward)
    assert (effect.peer_id, effect.sender, json.loads(effect.text)["src"]) == ("ben", "ann", "ann")


def test_what_nobody_has_waits_and_is_looked_for_again() -> None:
    broker = broker_with("ann")
    broker.is_alone = False
    (effect,) = broker.receive(0, offer("ben"), 0)
    assert isinstance(effect, Forward)
    assert broker.missing("ben", effect.text, "ann", 0) == []
    assert broker.tick(0.2) == [Locate(("ben",))]
    assert broker.found("ben") == [effect]
    assert broker.tick(0.4) == []


def test_what_waits_for_who_was_cut_off_elsewhere_waits_longer() -> None:
    broker = broker_with("ann")
    broker.is_alone = False
    broker.missing("ben", "{}", "ann", 0, is_lost=True)
    assert Locate(("ben",)) in broker.tick(4)
    assert told(broker.tick(5)) == [(0, "EXPIRE")]


def test_a_frame_from_another_process_reaches_who_is_here() -> None:
    broker = broker_with("ann")
    assert broker.delivered("ann", "{}") == (0, "{}")
    assert broker.delivered("ben", "{}") is None


def test_a_frame_never_overtakes_those_that_wait_for_the_same_receiver() -> None:
    broker = broker_with("ann")
    broker.is_alone = False
    broker.missing("ben", offer("ben", 1), "ann", 0)
    assert broker.receive(0, offer("ben", 2), 0) == []
    payloads = [json.loads(effect.text)["payload"] for effect in broker.found("ben") if isinstance(effect, Forward)]
    assert payloads == [1, 2]


def test_a_leave_is_forwarded_and_waits_for_nobody() -> None:
    broker = broker_with("ann")
    broker.is_alone = False
    (effect,) = broker.receive(0, '{"type":"LEAVE","dst":"ben"}', 0)
    assert isinstance(effect, Forward)
    assert broker.missing("ben", effect.text, "ann", 0) == []
    assert broker.mailboxes.boxes == {}


def test_who_is_sent_elsewhere_gives_its_id_back_and_frames_for_it_wait() -> None:
    broker = broker_with("ann", "ben")
    assert broker.restarting(1, 10) == [Release("ben", "ben", is_lost=True), Close(1, RESTARTING)]
    assert broker.restarting(1, 10) == []
    assert broker.receive(0, offer("ben"), 10.5) == []
    assert told(broker.tick(15)) == [(0, "EXPIRE")]
