import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.link_params import Raw
from kibitz.wire.refusal import Refused
from kibitz.wire.rooms import (
    NEW_ROOM_BYTES,
    RESERVED,
    WORDS,
    gx_peer_id,
    new_room,
    normalise,
    peer_id,
    room_id,
    typed_room_id,
)

VECTORS = Path(__file__).parents[2] / "vectors"
FROZEN = json.loads((VECTORS / "kibitz-v1.json").read_text("utf-8"))
DOOR = json.loads((VECTORS / "kibitz-door.json").read_text("utf-8"))["room_peer_id"]
OURS = json.loads((VECTORS / "links.json").read_text("utf-8"))


def as_raw(pairs: list[list[str]]) -> Raw:
    return tuple((key, value) for key, value in pairs)


@pytest.mark.parametrize(("typed", "room"), FROZEN["room_id"])
def test_names_are_normalised_as_frozen(typed: str, room: str) -> None:
    assert normalise(typed) == room


@pytest.mark.parametrize(("room", "frozen"), FROZEN["peer_id"])
def test_peer_ids_are_frozen(room: str, frozen: str) -> None:
    assert peer_id(room) == frozen


@given(st.text(st.characters(exclude_categories=[])))
def test_a_name_is_stable_and_a_peer_id_is_one_that_peerjs_takes(text: str) -> None:
    room = normalise(text)
    assert normalise(room) == room
    assert len(room) <= 40
    assert not room.startswith("-")
    assert not room.endswith("-")


def test_only_two_other_letters_lower_case_into_ascii() -> None:
    found = [chr(code) for code in range(0x80, 0x110000) if normalise(chr(code))]
    assert found == ["\u0130", "\u212a"]


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_pages_are_never_rooms(word: str) -> None:
    assert room_id(f"  {word.upper()}!") == Refused("room-reserved")
    assert typed_room_id(word) == Refused("room-reserved")
    assert room_id(f"{word}s") == f"{word}s"


def test_a_link_is_cut_but_a_person_is_told() -> None:
    long = "a" * 39 + " b c"
    assert room_id(long) == "a" * 39
    assert typed_room_id(long) == Refused("room-too-long")
    assert typed_room_id("a" * 40) == "a" * 40


def test_nothing_names_no_room() -> None:
    assert room_id("☕") == typed_room_id("") == Refused("room-empty")


def test_the_door_s_id_is_as_frozen() -> None:
    assert gx_peer_id("standup", tuple(DOOR["link"].items())) == DOOR["id"]


@pytest.mark.parametrize(("room", "raw", "hashed"), OURS["gx_peer_id"])
def test_the_door_s_id_hashes_what_the_link_says(room: str, raw: list[list[str]], hashed: str) -> None:
    assert gx_peer_id(room, as_raw(raw)) == f"kbz-x1-{hashlib.sha256(hashed.encode()).hexdigest()[:40]}"


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=5))).map(tuple))
def test_the_door_s_id_can_always_be_made(raw: Raw) -> None:
    assert len(gx_peer_id("standup", raw)) == len("kbz-x1-") + 40


@pytest.mark.parametrize(("random", "room"), OURS["new_room"])
def test_a_fresh_code_follows_from_its_bytes(random: str, room: str) -> None:
    assert new_room(bytes.fromhex(random)) == room


@pytest.mark.parametrize("random", OURS["new_room_missing"])
def test_too_few_usable_bytes_make_no_code(random: str) -> None:
    assert new_room(bytes.fromhex(random)) == Refused("missing", "random")


@given(st.binary(min_size=NEW_ROOM_BYTES, max_size=NEW_ROOM_BYTES))
def test_a_fresh_code_is_a_room(random: bytes) -> None:
    room = new_room(random)
    if isinstance(room, str):
        assert typed_room_id(room) == room


def test_each_word_and_each_figure_comes_equally_often() -> None:
    rooms = [new_room(bytes([byte]) + bytes([byte]) * 31) for byte in range(256)]
    made = [room for room in rooms if isinstance(room, str)]
    assert len(made) == 252
    assert set(Counter(room[-1] for room in made).values()) == {7}
    words = Counter(new_room(bytes([byte]) + bytes(31)) for byte in range(256))
    assert len(words) == 128
    assert set(words.values()) == {2}


def test_words_are_short_and_none_is_a_page() -> None:
    assert len(set(WORDS)) == len(WORDS) == 128
    assert not RESERVED.intersection(WORDS)
    assert all(3 <= len(word) <= 7 and word.isascii() and word.isalpha() and word.islower() for word in WORDS)
