import json

import pytest

from rooms.broker.session import OWN_WORDS, Broker, Close, Effect, Hello, Send


def hello(peer_id: str, token: str = "t", key: str = "peerjs") -> Hello:
    return Hello(key, peer_id, token)


def told(effects: list[Effect]) -> list[tuple[int, str]]:
    return [(effect.socket, json.loads(effect.text)["type"]) for effect in effects if isinstance(effect, Send)]


def broker_with(*peers: str) -> Broker:
    broker = Broker()
    for socket, peer_id in enumerate(peers):
        broker.opened(socket, hello(peer_id, token=peer_id))
    return broker


def test_a_free_id_is_claimed() -> None:
    assert told(Broker().opened(1, hello("ann"))) == [(1, "OPEN")]


def test_a_taken_id_has_one_holder() -> None:
    broker = broker_with("room")
    effects = broker.opened(7, hello("room", token="other"))
    assert told(effects) == [(7, "ID-TAKEN")]
    assert Close(7) in effects
    assert broker.peers["room"].socket == 0


def test_the_same_token_takes_its_id_over_and_the_old_socket_goes() -> None:
    broker = broker_with("ann")
    effects = broker.opened(5, hello("ann", token="ann"))
    assert told(effects) == [(5, "OPEN")]
    assert Close(0) in effects
    broker.closed(0)
    assert broker.peers["ann"].socket == 5


def test_an_id_is_free_the_moment_its_socket_closes() -> None:
    broker = broker_with("room")
    broker.closed(0)
    assert told(broker.opened(1, hello("room", token="other"))) == [(1, "OPEN")]


def test_a_wrong_key_and_a_bad_id_are_refused() -> None:
    assert told(Broker().opened(1, hello("ann", key="else"))) == [(1, "INVALID-KEY")]
    for bad in ("", "-ann", "ann-", "a/b", "x" * 65, "ä"):
        assert told(Broker().opened(1, hello(bad))) == [(1, "ERROR")]
    assert told(Broker().opened(1, hello("ann", token=""))) == [(1, "ERROR")]


def test_a_frame_reaches_its_destination_untouched_with_its_source_behind_it() -> None:
    broker = broker_with("ann", "ben")
    frame = '{ "type":"OFFER","payload":{"sdp": "v=0 ü","n":1.0},"dst":"ben"}'
    assert broker.receive(0, frame + " \n") == [Send(1, frame[:-1] + ',"src":"ann"}')]


def test_a_source_cannot_be_forged() -> None:
    broker = broker_with("ann", "ben")
    for forged in (
        '{"type":"OFFER","dst":"ben","src":"eve"}',
        '{"src":"eve","type":"OFFER","dst":"ben"}',
        '{"type":"OFFER","dst":"ben","src":"eve","src":"mallory"}',
        '{"type":"OFFER","dst":"ben","\\u0073rc":"eve"}',
        '{"type":"OFFER","dst":"ben","src":null}',
        '{"type":"OFFER","dst":"ben","src":{"src":"eve"},"payload":' + "1" * 5000 + "}",
    ):
        (effect,) = broker.receive(0, forged)
        assert isinstance(effect, Send)
        assert json.loads(effect.text, parse_int=str)["src"] == "ann"


@pytest.mark.parametrize("word", sorted(OWN_WORDS))
def test_nobody_speaks_with_the_brokers_own_words(word: str) -> None:
    broker = broker_with("ann", "ben")
    assert broker.receive(0, json.dumps({"type": word, "dst": "ben", "payload": {"msg": "x"}})) == []


def test_nobody_there_is_said_at_once() -> None:
    broker = broker_with("ann")
    (effect,) = broker.receive(0, '{"type":"OFFER","dst":"ben"}')
    assert isinstance(effect, Send)
    assert json.loads(effect.text) == {"type": "EXPIRE", "src": "ben", "dst": "ann"}


def test_what_cannot_be_read_changes_nothing() -> None:
    broker = broker_with("ann", "ben")
    for frame in ("", "null", "[]", "{", '{"type":1,"dst":"ben"}', '{"dst":"ben"}', '{"type":"HEARTBEAT"}', "[" * 100_000):
        assert broker.receive(0, frame) == []
    assert broker.receive(99, '{"type":"OFFER","dst":"ben"}') == []
