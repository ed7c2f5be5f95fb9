from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.content import AppData, Chat, PlainOrder, SafetyCommit, SafetyReveal, content
from kibitz.wire.door import Order
from kibitz.wire.envelopes import AgentActs, AgentSays, RawData, read_envelope
from kibitz.wire.fields import SignedOrder
from kibitz.wire.ink import Ink, InkRestored, Point, Stroke
from kibitz.wire.pay_links import pay_href
from kibitz.wire.refusal import Refused

DIGEST = "jr1LLr5BsB5Y2nbZiWzrzU2SCJjNQu4GuhlOyN361zo"


def test_a_line() -> None:
    assert content.decode({"k": "chat", "text": " hello ", "dm": True}, "") == Chat(text="hello", is_direct=True)
    assert content.encode(Chat(text="hello")) == {"k": "chat", "text": "hello"}


def test_bytes_of_an_application_are_kept_and_counted() -> None:
    assert content.decode({"k": "app", "data": {"file": b"\x00\xff"}}, "") == AppData({"file": b"\x00\xff"})
    assert content.decode({"k": "app", "data": b"x" * 262_144}, "") == AppData(b"x" * 262_144)
    assert content.decode({"k": "app", "data": b"x" * 262_145}, "") == Refused("too-large", "data")
    assert content.decode({"k": "app", "data": [b"x" * 262_142]}, "") == AppData([b"x" * 262_142])
    assert content.decode({"k": "app", "data": [b"x" * 262_143]}, "") == Refused("too-large", "data")


def test_a_schema_is_json_and_nothing_else() -> None:
    assert content.decode({"k": "schema", "name": "n", "schema": b"x"}, "") == Refused("wrong-type", "schema")


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text() | st.binary(), lambda inner: st.lists(inner)))
def test_app_data_survives_as_it_is(data: object) -> None:
    message = {"k": "app", "data": data}
    assert content.encode(content.decode(message, "")) == message


def test_two_forms_of_an_order() -> None:
    assert content.decode({"k": "order", "token": "a.b"}, "") == SignedOrder("a.b")
    payload = {"room": "standup", "ban": [], "lock": True, "lobby": False, "seq": 1, "prev": "", "iat": 5}
    plain = {"k": "order", "order": {"k": "kbz-host-order.v1"} | payload}
    order = Order("standup", bans=[], is_locked=True, is_lobby_on=False, seq=1, prev="", issued_at=5)
    assert content.decode(plain, "") == PlainOrder(order)
    assert content.encode(PlainOrder(order)) == plain


def test_commit_and_reveal() -> None:
    commit = {"k": "sas", "n": 2, "e": DIGEST, "c": DIGEST}
    assert content.decode(commit, "") == SafetyCommit(2, DIGEST, DIGEST)
    reveal = {"k": "sas", "n": 2, "r": "A" * 22}
    assert content.decode(reveal, "") == SafetyReveal(2, "A" * 22)
    assert [content.encode(content.decode(message, "")) for message in (commit, reveal)] == [commit, reveal]


def test_restored_ink() -> None:
    sent: dict[str, Any] = {"k": "ink", "e": {"k": "restore", "strokes": [{"color": "red", "pts": [{"x": 2, "y": -0.5}]}]}}
    assert content.decode(sent, "") == Ink(event=InkRestored(strokes=[Stroke(colour="red", points=[Point(1, 0)])]))


def test_what_app_data_is() -> None:
    assert read_envelope({"__kib_agent": "chat", "text": "hi"}) == AgentSays("hi")
    assert read_envelope({"__kib_agent": "act", "action": {"press": 1}}) == AgentActs({"press": 1})
    assert read_envelope({"__kib_agent": ["chat"]}) == RawData({"__kib_agent": ["chat"]})
    assert read_envelope({"__kib_agent": "x"}) == Refused("unknown-kind", "data.__kib_agent")


@pytest.mark.parametrize("link", ["javascript:alert(1)", " JAVASCRIPT:x", "java\tscript:x", "vbscript:x", "file:///etc", "//x"])
def test_what_runs_code_is_no_payment_link(link: str) -> None:
    assert pay_href(link) == Refused("pay-link")


@given(st.text())
def test_an_accepted_link_has_an_accepted_scheme(typed: str) -> None:
    found = pay_href(typed)
    assert isinstance(found, Refused) or found.split(":")[0].lower().rstrip("abcdefghijklmnopqrstuvwxyz") in ("", "web+")
