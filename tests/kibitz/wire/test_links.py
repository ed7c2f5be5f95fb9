import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.base64url import write_base64url
from kibitz.wire.codec import trim
from kibitz.wire.keys import PublicKey, write_key_text
from kibitz.wire.limits import LIMITS
from kibitz.wire.link_params import AUDIO, AUDIO_AND_VIDEO, NO_WARNING, OPEN, LinkParams, decode_params, encode_params, read_form
from kibitz.wire.links import Opened, append_params, read_link, write_link, write_raw_link
from kibitz.wire.refusal import Refused
from kibitz.wire.rooms import room_id

ORIGIN = "https://kibitz.example"
VECTORS = Path(__file__).parents[2] / "vectors"
OURS = json.loads((VECTORS / "links.json").read_text("utf-8"))
DOOR = json.loads((VECTORS / "kibitz-door.json").read_text("utf-8"))
Row = dict[str, Any]

KEYS = [PublicKey(DOOR[name]["x"], DOOR[name]["y"]) for name in ("host_key", "creator_key")]

rooms = st.from_regex(r"[a-z0-9]{1,3}(-[a-z0-9]{1,8}){0,3}", fullmatch=True).filter(lambda room: room_id(room) == room)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
tokens = st.text(st.sampled_from("abcXYZ019-_."), min_size=1, max_size=200)
name_lists = st.lists(words.filter(lambda name: trim(name) == name != "" and "," not in name), max_size=5).map(tuple)
issuers = st.tuples(
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["id.example", "[::1]:9000"]),
    st.sampled_from(["", "/", "/a//b;c=~!'()"]),
).map(lambda parts: f"{parts[0]}://{parts[1]}{parts[2]}")
scalars = st.binary(min_size=32, max_size=32).map(write_base64url)
code_checks = st.binary(min_size=48, max_size=48).map(write_base64url)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def parameter_sets(draw: st.DrawFn) -> LinkParams:
    """Every set that a link can say: what an open room does not read is not in one."""
    params = LinkParams(
        everyone_checks=draw(st.booleans()),
        client_id=draw(maybe(words)),
        host_key=draw(maybe(st.sampled_from(KEYS))),
        sealed_host_key=draw(maybe(tokens)),
        host_name=draw(maybe(words)),
        host_email=draw(maybe(words)),
        lobby_at_start=draw(st.booleans()),
        declared_names=draw(name_lists),
        description=draw(maybe(words)),
        notice=draw(maybe(words)),
        agent_warning=draw(st.sampled_from([NO_WARNING, AUDIO, AUDIO_AND_VIDEO])),
        issuer=draw(maybe(issuers)),
        email_issuer=draw(maybe(issuers)),
    )
    mode = draw(st.sampled_from([OPEN, "names", "code", "email", "google", "invite"]))
    if mode == OPEN:
        return params
    manifest = draw(maybe(tokens))
    return replace(
        params,
        mode=mode,
        allowed_names=draw(name_lists),
        creator_key=draw(st.sampled_from(KEYS) if mode == "invite" else maybe(st.sampled_from(KEYS))),
        manifest=manifest,
        sealed_manifest=None if manifest else draw(maybe(tokens)),
        code_check=draw(code_checks if mode == "code" else maybe(code_checks)),
        email_issuer=draw(issuers) if mode == "email" else params.email_issuer,
        creator_secret=draw(maybe(scalars)),
        invite=draw(maybe(tokens)),
        invite_key=draw(maybe(scalars)),
    )


links = st.tuples(rooms, parameter_sets())

PIECES = [
    *("https:", "HTTP://", "//", "/", "#", "?", "&", "=", ":", "@", "%", "+", ",", "~", "-", ".", "\\", " ", "ftp:", "a:"),
    *(
        "kibitz.example",
        "KIBITZ.example:443",
        "kibitz.example:80",
        "other.example",
        "\u212aibitz.example",
        "/j/",
        "room=",
        "grant=",
    ),
    *(
        "g=",
        "gx=1",
        "gx=",
        "names",
        "code",
        "email",
        "invite",
        "google",
        "gn=",
        "gk=",
        "gh=",
        "gch=",
        "gei=",
        "gi=",
        "gt=",
        "gtk=",
    ),
    *(
        "d=",
        "n=",
        "ag=",
        "gl=1",
        "gl=1.",
        "gl=0",
        "?gl=1",
        "&g=code",
        "%3Fgl%3D1",
        "%253F",
        "%26",
        "%3D",
        "zz=",
        "__proto__=",
        "https://id.example",
        "%20",
        "%4",
        "%C3",
        "%C3%A9",
        "%F0%9F%98%80",
        "%ed%a0%80",
    ),
    *(
        "\t",
        "\n",
        "\x00",
        "\x1f",
        "\x7f",
        "\x85",
        "\xa0",
        "\u2028",
        "\ufeff",
        "\u200b",
        "\ud83d",
        "\ude00",
        "😀",
        "\u0130",
        "\u212a",
    ),
    *(
        "standup",
        "new",
        "My Room",
        "a" * 41,
        "☕",
        write_key_text(KEYS[0]),
        write_base64url(bytes(48)),
        write_base64url(bytes(32)),
    ),
]


WHOLE: list[str] = [row["typed"] for row in OURS["read"]] + [row["link"] for row in OURS["write"] if "link" in row]


@st.composite
def damaged_links(draw: st.DrawFn) -> str:
    """A link that was cut, or had something put into it."""
    text: str = draw(st.sampled_from(WHOLE))
    at = draw(st.integers(0, len(text)))
    middle: str = draw(st.sampled_from(["", *PIECES]))
    return text[:at] + middle + (text[at:] if draw(st.booleans()) else "")


hostile_links = (
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
    | damaged_links()
    | st.text(st.characters(exclude_categories=[]), max_size=30)
)


def told(params: Row) -> LinkParams:
    """A row's params as clear values."""
    values: Row = dict(params)
    for name, value in params.items():
        if isinstance(value, dict):
            values[name] = PublicKey(**value)
        elif isinstance(value, list):
            values[name] = tuple(value)
    return LinkParams(**values)


def by_reason(row: Row) -> str:
    return str(row["why"])


@pytest.mark.parametrize("row", OURS["read"], ids=by_reason)
def test_links_are_read_as_the_vectors_say(row: Row) -> None:
    answer = read_link(row["typed"], OURS["own_origin"])
    if "refused" in row:
        assert answer == Refused(row["refused"], row["where"])
    else:
        raw = tuple((key, value) for key, value in row["raw"])
        assert answer == Opened(row["room"], told(row["params"]), raw, row.get("notice"))


@pytest.mark.parametrize("row", OURS["write"], ids=by_reason)
def test_links_are_written_as_the_vectors_say(row: Row) -> None:
    answer = write_link(row["origin"], row["room"], told(row["params"]))
    assert answer == (Refused(row["refused"], row["where"]) if "refused" in row else row["link"])


@pytest.mark.parametrize(("base", "raw", "link"), OURS["append"])
def test_parameters_are_appended_as_plain_text(base: str, raw: list[list[str]], link: str) -> None:
    assert append_params(base, tuple((key, value) for key, value in raw)) == link


@given(links)
def test_what_was_written_is_read(link: tuple[str, LinkParams]) -> None:
    room, params = link
    text = write_link(ORIGIN, room, params)
    assert isinstance(text, str)
    answer = read_link(text, ORIGIN)
    assert isinstance(answer, Opened)
    assert (answer.room, answer.params, answer.notice) == (room, params, None)


@given(links)
def test_a_link_passed_on_is_the_same_link(link: tuple[str, LinkParams]) -> None:
    text = write_link(ORIGIN, *link)
    assert isinstance(text, str)
    opened = read_link(text.replace(ORIGIN, "https://other.example"), ORIGIN)
    assert isinstance(opened, Opened)
    assert opened.notice == "link-foreign"
    assert write_raw_link(ORIGIN, opened.room, opened.raw) == text


@given(hostile_links)
def test_every_text_gets_an_answer(text: str) -> None:
    answer = read_link(text, ORIGIN)
    if isinstance(answer, Opened):
        assert read_link(f"#{answer.room}", ORIGIN) == Opened(answer.room, LinkParams())
        assert decode_params(answer.raw) == answer.params
        again = encode_params(answer.params)
        assert isinstance(again, tuple)
        assert decode_params(again) == answer.params


@given(rooms, st.integers(min_value=0))
def test_a_link_cut_anywhere_never_throws(room: str, at: int) -> None:
    link = f"{ORIGIN}/#{room}?gx=1&g=names&gn=%F0%9F%98%80,Ada&d=caf%C3%A9😀"
    assert isinstance(read_link(link[: at % len(link)], ORIGIN), Opened | Refused)
    units = link.encode("utf-16-le")
    half = units[: 2 * (at % (len(units) // 2))].decode("utf-16-le", "surrogatepass")
    assert isinstance(read_link(half, ORIGIN), Opened | Refused)


RULES = ("g=code", "gx=1", "gl=1", "gh=abc", "ghk=abc", "gho=a%40b")


@given(rooms, st.lists(st.sampled_from([*RULES, "d=x", "zz=1", "gl=0", "g=open"]), max_size=4))
def test_no_foreign_link_opens_without_the_rules_it_had(room: str, pairs: list[str]) -> None:
    query = "&".join(pairs)
    here = read_link(f"https://other.example/?{query}#{room}", ORIGIN)
    if isinstance(here, Opened):
        there = decode_params(read_form(query))
        assert isinstance(there, LinkParams)
        assert replace(there, description=None) == here.params == LinkParams()
    else:
        assert here.code == "link-elsewhere"
        assert any(pair in RULES for pair in pairs)


@given(rooms, st.sampled_from(["?", "&", "%3F", "%3f", "%26", "%253F", "%2526"]), st.sampled_from(RULES), st.booleans())
def test_no_damage_before_a_rule_makes_it_part_of_the_name(room: str, mark: str, rule: str, is_shared: bool) -> None:
    text = f"/j/{room}{mark}{rule}" if is_shared else f"#{room}{mark}{rule}"
    answer = read_link(text, ORIGIN)
    has_rules = mark == "?" and isinstance(answer, Opened) and answer.raw != ()
    assert isinstance(answer, Refused) or has_rules
    assert isinstance(read_link(text[text.index(room) :], ORIGIN), Refused)


def test_a_link_has_its_limit() -> None:
    longest = "#standup?zz=" + "x" * (LIMITS["link_chars"] - len("#standup?zz="))
    assert isinstance(read_link(longest, ORIGIN), Opened)
    assert read_link(f"{longest}x", ORIGIN) == Refused("link-unreadable")
    assert read_link(" " * (LIMITS["link_chars"] + 1), ORIGIN) == Refused("link-unreadable")


@pytest.mark.parametrize("own", ["", "kibitz.example", "https://", "ftp://other.example"])
def test_without_an_origin_of_our_own_every_other_is_foreign(own: str) -> None:
    answer = read_link("https://other.example/?d=x#standup", own)
    assert answer == Opened("standup", LinkParams(), (), "link-foreign")
    assert read_link("#standup", own) == Opened("standup", LinkParams())
