"""What people type or paste that opens no room: a sentence with a stable code, and nothing typed is lost."""

import pytest
from playwright.sync_api import Page, expect

LINK = "Have a link or code? Paste it"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "room-empty"),
        ("   ", "room-empty"),
        ("☕ ☕", "room-empty"),
        ("docs", "room-reserved"),
        ("a very long name for a room that nobody can say aloud", "room-too-long"),
        ("https://other.example/", "link-unreadable"),
        ("ftp://call.example/#standup", "link-unreadable"),
        ("javascript:alert(1)//#standup", "link-unreadable"),
        ("#standup?g=passkey", "link-too-new"),
        ("#standup?gx=2", "link-too-new"),
        ("#standup?g=code", "link-incomplete"),
    ],
)
def test_the_landing_page_says_what_is_wrong_and_keeps_what_was_typed(site: str, page: Page, typed: str, code: str) -> None:
    page.goto(site)
    field = page.get_by_label(LINK)
    field.fill(typed)
    page.get_by_role("button", name="Join").click()
    problem = page.locator("#link-problem")
    expect(problem).to_have_attribute("data-code", code)
    assert len(problem.inner_text()) > 20
    expect(field).to_have_value(typed)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press_sequentially("x")
    expect(problem).to_be_hidden()


def test_a_foreign_link_opens_the_room_here_without_its_query_and_says_so(site: str, page: Page) -> None:
    page.goto(site)
    page.get_by_label(LINK).fill("https://other.example/?idclient=evil#standup?d=Spring")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="standup")).to_be_visible()
    expect(page.get_by_text("This link was made for another site.")).to_be_visible()
    assert page.url == f"{site}/#standup?d=Spring"


@pytest.mark.parametrize(
    ("fragment", "sentence", "code"),
    [
        ("standup?g=passkey", "This link needs a newer Kibitz.", "link-too-new: g"),
        ("standup?gx=7", "This link needs a newer Kibitz.", "link-too-new: gx"),
        ("%E2%98%95", "This name has no letter from a to z and no digit", "room-empty"),
        ("standup?gl=1", "This room has a rule about who comes in", "door-not-here"),
    ],
)
def test_a_link_that_cannot_be_opened_is_explained_on_its_page(
    site: str, page: Page, fragment: str, sentence: str, code: str
) -> None:
    page.goto(f"{site}/#{fragment}")
    expect(page.get_by_role("alert").get_by_text(sentence)).to_be_visible()
    page.get_by_text("Details").click()
    expect(page.get_by_text(code, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Join")).to_be_hidden()
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("button", name="Start a room")).to_be_visible()


def test_nobody_joins_without_a_name(site: str, page: Page) -> None:
    page.goto(f"{site}/#standup")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("Tell the others your name")).to_be_visible()
    expect(page.get_by_label("Your name")).to_be_focused()


def test_a_broker_that_cannot_be_reached_is_said_and_joining_works_later(site: str, page: Page) -> None:
    page.route("**/peerjs/id*", lambda route: route.abort())
    page.goto(f"{site}/#standup")
    page.get_by_label("Your name").fill("Ann")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("Can’t reach the server that introduces people.")).to_be_visible(timeout=20_000)
    expect(page.get_by_label("Your name")).to_have_value("Ann")
    page.unroute("**/peerjs/id*")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("toolbar", name="Call controls")).to_be_visible()


def test_a_blocked_microphone_is_said_and_the_call_goes_on(site: str, page: Page) -> None:
    refuse = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError') }"
    page.add_init_script(refuse)
    page.goto(f"{site}/#standup")
    page.get_by_label("Your name").fill("Ann")
    page.get_by_role("button", name="Join").click()
    page.get_by_role("button", name="Muted").click()
    expect(page.get_by_text("Your browser blocks the microphone for this page.")).to_be_visible()
    expect(page.get_by_role("button", name="Muted")).to_be_visible()
