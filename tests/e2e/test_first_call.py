"""The reason for everything else: two people with a link see, hear and write to each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

WATCH_CONNECTIONS = """
window.connections = []
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...options) { super(...options); window.connections.push(this) }
}
"""
HEARD = """
async () => {
  let energy = 0
  for (const connection of window.connections)
    for (const report of (await connection.getStats()).values())
      if (report.type === 'inbound-rtp' && report.kind === 'audio') energy += report.totalAudioEnergy ?? 0
  return energy
}
"""
SEEN_WIDER_THAN_PLACEHOLDER = """
() => [...document.querySelectorAll('.tile:not(.self) video')].some((video) => video.videoWidth > 16 && video.currentTime > 0.2)
"""


@dataclass
class Person:
    """Somebody in front of a browser of their own."""

    name: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location})")

    def join(self) -> None:
        self.page.get_by_label("Your name").fill(self.name)
        self.page.get_by_role("button", name="Join").click()
        expect(self.page.get_by_role("toolbar", name="Call controls")).to_be_visible()

    def sees(self, other: "Person") -> None:
        expect(self.page.locator(".tile:not(.self) .name", has_text=other.name)).to_be_visible(timeout=20_000)

    def say(self, text: str) -> None:
        if not self.page.get_by_role("textbox", name="Message").is_visible():
            self.page.get_by_role("button", name="Chat").first.click()
        self.page.get_by_role("textbox", name="Message").fill(text)
        self.page.get_by_role("textbox", name="Message").press("Enter")

    def reads(self, text: str) -> None:
        if not self.page.get_by_role("textbox", name="Message").is_visible():
            self.page.get_by_role("button", name="Chat").first.click()
        expect(self.page.get_by_role("log").get_by_text(text, exact=True)).to_be_visible()


@pytest.fixture
def people(browser: Browser) -> Iterator[tuple[Person, Person]]:
    """Ann and Ben, each with a browser profile of their own."""
    both = []
    for name in ("Ann", "Ben"):
        context = browser.new_context()
        context.add_init_script(WATCH_CONNECTIONS)
        person = Person(name, context, context.new_page())
        person.listen()
        both.append(person)
    yield both[0], both[1]
    for person in both:
        person.context.close()


def test_two_people_see_hear_and_write_to_each_other(site: str, people: tuple[Person, Person]) -> None:
    ann, ben = people
    ann.page.goto(site)
    ann.page.get_by_role("button", name="Start a room").click()
    ann.join()
    expect(ann.page.get_by_text("You’re the first one here.")).to_be_visible()

    ben.page.goto(ann.page.url)
    ben.join()
    ann.sees(ben)
    ben.sees(ann)
    for person in people:
        expect(person.page.get_by_role("button", name="Muted")).to_be_visible()
        expect(person.page.get_by_role("button", name="Camera off")).to_be_visible()

    for person in people:
        person.page.get_by_role("button", name="Camera off").click()
    for person in people:
        person.page.wait_for_function(SEEN_WIDER_THAN_PLACEHOLDER, timeout=20_000)

    silent = [person.page.evaluate(HEARD) for person in people]
    for person in people:
        person.page.get_by_role("button", name="Muted").click()
    for person, before in zip(people, silent, strict=True):
        person.page.wait_for_function(f"async () => (await ({HEARD})()) > {before} + 0.001", timeout=20_000)

    ann.say("Hello Ben, did you get here well?")
    ben.reads("Hello Ben, did you get here well?")
    ben.say("<b>Yes</b> & you? 😀")
    ann.reads("<b>Yes</b> & you? 😀")

    ben.page.get_by_role("button", name="Leave").click()
    expect(ann.page.get_by_text("You’re the first one here.")).to_be_visible()
    assert ann.complaints == []
    assert ben.complaints == []
