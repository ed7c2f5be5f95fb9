import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.content import content
from kibitz.wire.grants import ACT, FULL_GRANT, NO_GRANT, PERCEIVE, Grant, agent_grant, allows, grant, in_force, intersect
from kibitz.wire.refusal import Refused

NOW = 1_750_000_000.0

grants = st.builds(
    Grant,
    perceive=st.sets(st.sampled_from(PERCEIVE)).map(lambda words: tuple(word for word in PERCEIVE if word in words)),
    act=st.sets(st.sampled_from(ACT)).map(lambda words: tuple(word for word in ACT if word in words)),
    backend=st.none() | st.just("somewhere"),
    has_egress=st.booleans(),
    expires_at=st.none() | st.integers(1, 2_000_000_000),
)


def test_a_person_may_do_everything() -> None:
    assert all(allows(FULL_GRANT, capability, NOW) for capability in PERCEIVE + ACT)


def test_an_agent_reads_along_and_does_nothing() -> None:
    assert agent_grant().perceive == ("read-chat", "read-roster", "receive-directed")
    assert not any(allows(agent_grant(), capability, NOW) for capability in ACT)


def test_a_backend_is_outside() -> None:
    assert agent_grant("b" * 81) == Grant(agent_grant().perceive, (), "b" * 80, True)
    assert not agent_grant("").has_egress


def test_an_expired_grant_is_none() -> None:
    ends = Grant(("read-chat",), ("act",), expires_at=NOW)
    assert allows(ends, "act", NOW - 0.001)
    assert not allows(ends, "act", NOW)
    assert in_force(ends, NOW) == NO_GRANT


@pytest.mark.parametrize("name", ["read-chat", "act"])
def test_a_right_in_the_wrong_list_is_no_right(name: str) -> None:
    other = {"read-chat": "act", "act": "perceive"}[name]
    assert grant.decode({other: [name]}, "") == NO_GRANT


def test_grants_that_cannot_be_read_change_nothing() -> None:
    assert content.decode({"k": "caps", "grants": {"a": {}, "b": "all"}}, "") == Refused("not-a-record", "grants.b")


@given(grants, grants)
def test_an_intersection_allows_what_both_do(request: Grant, allowed: Grant) -> None:
    both = intersect(request, allowed)
    for capability in PERCEIVE + ACT:
        assert allows(both, capability, NOW) == (allows(request, capability, NOW) and allows(allowed, capability, NOW))
    assert (both.backend, both.has_egress) == (request.backend, request.has_egress)


@given(grants)
def test_a_grant_survives_the_wire(given_one: Grant) -> None:
    assert grant.decode(grant.encode(given_one), "") == given_one


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_nothing_unreadable_grants_anything(nonsense: object) -> None:
    found = grant.decode({"perceive": nonsense, "act": nonsense, "egress": nonsense, "expiresAt": "x"}, "")
    assert found == Grant(has_egress=nonsense is True, expires_at=1)


@pytest.mark.parametrize("end", [None, 0, 0.0, -0.0])
def test_no_end_is_said_in_three_ways(end: object) -> None:
    assert grant.decode({"expiresAt": end}, "") == grant.decode({}, "") == NO_GRANT


@pytest.mark.parametrize("end", [-1, -0.5, True, False, "", "1750000000", [], {}, b"", float("nan"), float("inf")])
def test_an_end_that_cannot_be_read_is_past(end: object) -> None:
    found = grant.decode({"act": ["act"], "expiresAt": end}, "")
    assert isinstance(found, Grant)
    assert not allows(found, "act", NOW)
    assert intersect(FULL_GRANT, found).expires_at == 1
