from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.keys import PublicKey, write_key_text
from kibitz.wire.limits import LIMITS
from kibitz.wire.link_params import (
    AUDIO,
    GATE_KEYS,
    LinkParams,
    Raw,
    decode_params,
    encode_params,
    first,
    read_form,
    write_form,
)
from kibitz.wire.refusal import Refused

KEY = PublicKey("i_ZXS_BXkWINaFloDkQnn2UgdKRgjRSj3-7iMNbroys", "XmT9oGx0odGownMfVfJtOLQKvloRZ05C7BVZTH3odnM")

some_text = st.text(st.characters(exclude_categories=[]))


def test_the_gate_list_is_the_protocol_s() -> None:
    theirs = {"g", "gn", "gk", "gm", "ge", "gc", "gt", "gh", "ghk", "ghn", "gho", "gl", "d", "ag", "n", "gd"}
    ours = {"gx", "gch", "gei", "gi", "gtk", "gkd"}
    assert theirs | ours == GATE_KEYS


@pytest.mark.parametrize(
    ("key", "limit"),
    [
        ("gm", "link_manifest_chars"),
        ("ge", "link_sealed_chars"),
        ("ghk", "link_sealed_key_chars"),
        ("gt", "credential_chars"),
        ("gc", "link_word_chars"),
        ("ghn", "link_word_chars"),
        ("gho", "link_word_chars"),
    ],
)
def test_each_value_has_its_limit(key: str, limit: str) -> None:
    assert isinstance(decode_params((("g", "google"), (key, "x" * LIMITS[limit]))), LinkParams)
    assert decode_params((("g", "google"), (key, "x" * (LIMITS[limit] + 1)))) == Refused("link-unreadable", key)


@pytest.mark.parametrize("key", ["gn", "gd"])
def test_lists_have_their_limits(key: str) -> None:
    few, many = ",".join("x" * LIMITS["link_names"]), ",".join("x" * (LIMITS["link_names"] + 1))
    assert isinstance(decode_params((("g", "names"), (key, few))), LinkParams)
    assert decode_params((("g", "names"), (key, many))) == Refused("link-unreadable", key)
    assert decode_params((("g", "names"), (key, "x" * (LIMITS["link_names_chars"] + 1)))) == Refused("link-unreadable", key)


@pytest.mark.parametrize("key", ["gi", "gei"])
def test_an_issuer_has_its_limit(key: str) -> None:
    address = "https://id.example/"
    longest = address + "x" * (LIMITS["link_word_chars"] - len(address))
    assert isinstance(decode_params(((key, longest),)), LinkParams)
    assert decode_params(((key, longest + "x"),)) == Refused("link-unreadable", key)


def test_limits_count_as_browsers_do() -> None:
    half = LIMITS["link_word_chars"] // 2
    assert decode_params((("ghn", "😀" * half),)) == LinkParams(host_name="😀" * half)
    assert decode_params((("ghn", "😀" * half + "x"),)) == Refused("link-unreadable", "ghn")


def test_a_key_longer_than_any_key_is_no_key() -> None:
    assert decode_params((("gh", write_key_text(KEY) + "A" * LIMITS["link_key_chars"]),)) == LinkParams()


def test_a_private_part_is_never_written() -> None:
    raw = encode_params(LinkParams(mode="invite", creator_key=KEY, host_key=KEY))
    assert raw == (("g", "invite"), ("gk", write_key_text(KEY)), ("gh", write_key_text(KEY)))


def test_a_guest_s_link_begins_as_the_room_s() -> None:
    room = LinkParams(everyone_checks=True, mode="invite", creator_key=KEY, lobby_at_start=True, description="Plan", notice="Hi")
    guest = replace(room, invite="a.b", invite_key="SXroqU2XafYflEsU5WUOd5eLKnhnyYuvRdPfMOO5YeY")
    raw, more = encode_params(replace(room, agent_warning=AUDIO)), encode_params(replace(guest, agent_warning=AUDIO))
    assert isinstance(raw, tuple)
    assert isinstance(more, tuple)
    assert more[: len(raw)] == raw
    assert [key for key, _ in more[len(raw) :]] == ["gt", "gtk"]


@given(st.lists(st.tuples(some_text, some_text)).map(tuple))
def test_a_form_comes_back(raw: Raw) -> None:
    written = write_form(raw)
    assert written.isascii()
    assert write_form(read_form(written)) == written
    assert len(read_form(written)) == len(raw)


@given(some_text)
def test_any_text_is_a_form(text: str) -> None:
    assert isinstance(read_form(text), tuple)


@given(st.text(st.sampled_from("ab=&+%20;é")))
def test_forms_are_read_as_the_standard_library_reads_them(text: str) -> None:
    assert list(read_form(text)) == parse_qsl(text, keep_blank_values=True)


@given(st.lists(st.tuples(st.sampled_from([*sorted(GATE_KEYS), "zz"]), some_text)).map(tuple))
def test_any_parameters_get_an_answer(raw: Raw) -> None:
    answer = decode_params(raw)
    assert isinstance(answer, LinkParams | Refused)
    if isinstance(answer, Refused):
        assert answer.code.startswith("link-")
        assert answer.where in GATE_KEYS


@given(st.lists(st.tuples(st.sampled_from(sorted(GATE_KEYS)), some_text)).map(tuple), some_text)
def test_later_occurrences_and_unknown_keys_change_nothing(raw: Raw, value: str) -> None:
    again = tuple((key, value) for key, _ in raw)
    assert decode_params(raw + again + (("zz", value),)) == decode_params(raw)


def test_the_first_occurrence_counts() -> None:
    assert first((("a", ""), ("a", "1")), "a") == ""
    assert first((), "a") is None
