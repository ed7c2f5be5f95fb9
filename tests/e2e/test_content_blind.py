"""A whole call in real browsers, and then the server's log, metrics, database and Redis are searched for any trace of it.

Names, room and chat line occur nowhere else; the browsers come from an address of their own; what their descriptions and
candidates held is read from the browsers and searched for too.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.test_first_call import WATCH_CONNECTIONS, Person
from tests.test_content_blind import SDP_WORDS, Watched, assert_forgotten, traces, watched

pytestmark = pytest.mark.server

NAMES = ("Zephyrine Quagga", "Bartholomew Ibex")
ROOM = "okapi-of-the-tall-grass"
CHAT = ("meet me by the blue heron 4711", "I bring the brass lantern 1897")
ADDRESS = "203.0.113.77"
DESCRIPTIONS = """
() => window.connections.flatMap((connection) => [connection.localDescription, connection.remoteDescription])
  .map((description) => description?.sdp ?? '').join('\\n')
"""
SECRETS_OF_SDP = re.compile(r"a=(?:ice-ufrag|ice-pwd|fingerprint:sha-256|candidate):?\s*(\S+)|^o=\S+ (\d{10,})", re.MULTILINE)
CANDIDATE_ADDRESSES = re.compile(r"a=candidate:\S+ \d \S+ \d+ (\S+) \d+ typ")


@pytest.fixture(params=[False, True], ids=["alone", "with Redis"])
def quiet_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path, has_redis=request.param) as site:
        yield site


@pytest.fixture
def people(browser: Browser) -> Iterator[list[Person]]:
    """Two people whose requests come from an address that is not this machine's."""
    contexts = [browser.new_context(extra_http_headers={"X-Forwarded-For": ADDRESS}) for _ in NAMES]
    for context in contexts:
        context.add_init_script(WATCH_CONNECTIONS)
    yield [Person(name, context, context.new_page()) for name, context in zip(NAMES, contexts, strict=True)]
    for context in contexts:
        context.close()


def call(site: Watched, people: list[Person]) -> set[str]:
    """Both meet, write to each other and turn their cameras on; answers what only they should know."""
    for person in people:
        person.page.goto(f"{site.origin}/j/{ROOM}")
        person.join()
    zephyrine, bartholomew = people
    zephyrine.sees(bartholomew)
    bartholomew.sees(zephyrine)
    for person, other, line in zip(people, reversed(people), CHAT, strict=True):
        person.page.get_by_role("button", name="Camera off").click()
        person.say(line)
        other.reads(line)
    descriptions = "\n".join(person.page.evaluate(DESCRIPTIONS) for person in people)
    secrets = {word for found in SECRETS_OF_SDP.findall(descriptions) for word in found if len(word) > 3}
    assert len(secrets) > 8
    return secrets | set(CANDIDATE_ADDRESSES.findall(descriptions))


def test_a_call_leaves_no_trace_on_the_server(quiet_site: Watched, people: list[Person]) -> None:
    secrets = call(quiet_site, people) - {"127.0.0.1"}
    words = {*SDP_WORDS, *secrets, *CHAT, ADDRESS, *(part for name in NAMES for part in (name, *name.split()))}
    assert traces(quiet_site.written(), words) == []
    in_call = {place for place, _ in traces(quiet_site.written() | quiet_site.metrics(), [ROOM])}
    assert in_call == ({"redis"} if quiet_site.redis_url else set())
    zephyrine, bartholomew = people
    bartholomew.page.get_by_role("button", name="Leave").click()
    expect(zephyrine.page.get_by_text("You’re the first one here.")).to_be_visible()
    zephyrine.page.close()
    bartholomew.page.close()
    assert_forgotten(quiet_site, {*words, ROOM, "okapi"})
