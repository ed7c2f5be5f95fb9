import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.broker_frames import ClientFrame, read_client_frame, valid_peer_id, valid_token
from kibitz.wire.refusal import Refused
from kibitz.wire.server_frames import Expired, Offer, Opened, Problem, ProblemPayload, read_server_frame


@pytest.mark.parametrize("peer_id", ["a", "kbz-v1-standup", "0b9c1d1e-5a3f-4c60-9d6e-1f2a3b4c5d6e", "a b_c-d", "m" * 64])
def test_a_peer_id(peer_id: str) -> None:
    assert valid_peer_id(peer_id)


@pytest.mark.parametrize("peer_id", ["", "-a", "a-", "kbz-v1-", "a--b", "a- b", "a\n", " a", "é", "\u0661", "a.b", "m" * 65])
def test_no_peer_id(peer_id: str) -> None:
    assert not valid_peer_id(peer_id)


def test_tokens() -> None:
    assert valid_token("k3j4h5k2j3h")
    assert valid_token("~" * 128)
    assert not any(map(valid_token, ["", " ", "a b", "a\n", "é", "t" * 129]))


@given(st.text(), st.booleans())
def test_the_payload_of_a_frame_does_not_matter(payload: str, is_last: bool) -> None:
    fields = {"type": "OFFER", "dst": "kbz-v1-standup"}
    frame = json.dumps({**fields, "payload": payload} if is_last else {"payload": payload, **fields})
    assert read_client_frame(frame) == ClientFrame("OFFER", "kbz-v1-standup", False)


@given(st.text())
def test_any_text_gets_an_answer(frame: str) -> None:
    assert isinstance(read_client_frame(frame), ClientFrame | Refused)
    assert read_server_frame(frame) is not None


def test_a_frame_with_half_characters_counts_as_a_browser_counts() -> None:
    head, tail = '{"type":"A","payload":"', '"}'
    room = 65_536 - len(head) - len(tail)
    assert read_client_frame(head + "\ud83d" * (room // 3) + tail) == ClientFrame("A", None, False)
    assert read_client_frame(head + "\ud83d" * (room // 3) + "xx" + tail) == Refused("too-large")
    assert read_client_frame(head + "\ud83d\ude00" * (room // 4) + tail) == ClientFrame("A", None, False)


def test_the_broker_speaks() -> None:
    assert read_server_frame('{"type":"OPEN"}') == Opened()
    assert read_server_frame('{"type":"EXPIRE","src":"a","dst":"b"}') == Expired("a")
    assert read_server_frame('{"type":"ERROR","payload":{"msg":"no"}}') == Problem(ProblemPayload("no"))


def test_the_largest_offer_of_a_client_reaches_the_other() -> None:
    payload = {"sdp": {"type": "offer", "sdp": ""}, "type": "data", "connectionId": "dc_1"}
    frame = {"type": "OFFER", "dst": "d" * 64, "payload": payload}
    payload["sdp"] = {"type": "offer", "sdp": "s" * (65_536 - len(json.dumps(frame)))}
    sent = json.dumps(frame)
    assert read_client_frame(sent) == ClientFrame("OFFER", "d" * 64, False)
    received = read_server_frame(f'{{"src":"{"s" * 64}",{sent[1:]}')
    assert isinstance(received, Offer)
    assert received.payload.connection_id == "dc_1"
