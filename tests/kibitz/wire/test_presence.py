from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.coordination import Kick, LobbyAnswer, to_participant
from kibitz.wire.presence import Announce, Command, Ping, PlainCommand, SignedCommand, to_coordinator
from kibitz.wire.refusal import Refused
from kibitz.wire.roster import Engine, Member, Meta, Roster
from kibitz.wire.values import utf16_units


def heard(value: object) -> Any:
    """What the coordinator decodes; the tests say which fields they expect."""
    return to_coordinator.decode(value, "")


VOICE: dict[str, object] = {"t": "voice", "on": True, "cam": False, "name": "Ada"}


def test_an_older_build_announces_itself() -> None:
    assert to_coordinator.decode(VOICE, "") == Announce(is_in_call=True, has_camera=False, name="Ada")


def test_what_an_engine_can_do_is_not_the_applications_meta() -> None:
    found = heard(VOICE | {"meta": {"role": "agent", "~kbz": {"v": "1.0", "f": ["hb.v2", 5], "p": 2}}})
    assert found.meta == Meta(app={"role": "agent"}, engine=Engine(version="1.0", tags=["hb.v2"], generation=2))
    assert cast(Any, to_coordinator.encode(found))["meta"] == {"role": "agent", "~kbz": {"v": "1.0", "f": ["hb.v2"], "p": 2}}


def test_a_meta_that_is_too_large_costs_nobody_their_place() -> None:
    told = {"role": "agent", "notes": "x" * 5000, "~kbz": {"v": "0.1.0"}}
    reduced = Meta(app={"role": "agent"}, engine=Engine(version="0.1.0", tags=[]))
    assert heard(VOICE | {"meta": told, "mic": "?"}) == Announce(is_in_call=True, has_camera=False, name="Ada", meta=reduced)
    members = [{"id": "a", "name": "A", "cam": True, "mic": 1, "meta": told}]
    found = to_participant.decode({"t": "roster", "members": members}, "")
    assert found == Roster(members=[Member(media_id="a", name="A", has_camera=True, meta=reduced)])


def test_what_older_builds_pack_into_a_meta_costs_nobody_their_place() -> None:
    assert heard(VOICE | {"meta": {"role": "agent", "face": b"\x00"}}).meta == Meta(app={"role": "agent"})
    assert heard(VOICE | {"meta": b"\x00"}).meta is None


def test_a_seat_token_may_be_an_identity_of_the_host_application() -> None:
    assert heard(VOICE | {"token": "t" * 2048}).seat_token == "t" * 2048
    assert heard(VOICE | {"token": "t" * 2049}) == Refused("too-long", "token")


def test_two_engines_share_no_list() -> None:
    first, second = (heard(VOICE | {"meta": {"~kbz": {}}}).meta.engine for _ in range(2))
    assert first.tags == second.tags == []
    assert first.tags is not second.tags


def test_a_credential_that_is_too_long_says_where() -> None:
    assert to_coordinator.decode(VOICE | {"jwt": "j" * 8193}, "") == Refused("too-long", "jwt")


def test_two_forms_of_a_host_command() -> None:
    plain = {"t": "mod", "cmd": {"op": "kick", "target": "a", "iat": 5, "jti": "0" * 24}}
    command = Command(operation="kick", target="a", issued_at=5, command_id="0" * 24)
    assert to_coordinator.decode(plain, "") == PlainCommand(command)
    assert to_coordinator.encode(PlainCommand(command)) == plain
    assert to_coordinator.decode({"t": "mod", "token": "a.b"}, "") == SignedCommand(token="a.b")
    assert to_coordinator.encode(SignedCommand(token="a.b", pass_token="c")) == {"t": "mod", "token": "a.b", "pass": "c"}


def test_one_unreadable_member_does_not_hide_the_others() -> None:
    members = [{"id": "a", "name": "A", "cam": True}, {"id": "bad-", "name": "B", "cam": True}]
    found = to_participant.decode({"t": "roster", "members": members, "host": ""}, "")
    assert found == Roster(members=[Member(media_id="a", name="A", has_camera=True)])


def test_a_roster_says_nobody_as_older_builds_do() -> None:
    assert to_participant.encode(Roster(members=[])) == {"t": "roster", "members": [], "host": ""}


def test_short_messages_are_short() -> None:
    written = [to_participant.encode(message) for message in (Ping(), Kick(), LobbyAnswer(status="denied"))]
    assert written == [{"t": "ping"}, {"t": "kick"}, {"t": "lobby", "status": "denied"}]


@given(st.text())
def test_every_name_can_be_shown_and_sent_on(name: str) -> None:
    found = heard(VOICE | {"name": name})
    assert 0 < utf16_units(found.name) <= 64
    assert to_coordinator.decode(to_coordinator.encode(found), "") == found
