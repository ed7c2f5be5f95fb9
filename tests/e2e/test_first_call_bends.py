"""What happens around a call: people leave, networks fail, browsers forbid, and the call bends without breaking."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.e2e.test_first_call import Person


@pytest.fixture
def arrive(site: str, browser: Browser) -> Iterator[Callable[[str, str], Person]]:
    """Somebody opens a room with a browser of their own and joins."""
    contexts = []

    def arrive(name: str, room: str) -> Person:
        context = browser.new_context()
        contexts.append(context)
        person = Person(name, context, context.new_page())
        person.listen()
        person.page.goto(f"{site}/#{room}")
        person.join()
        return person

    yield arrive
    for context in contexts:
        context.close()


def test_when_the_coordinator_leaves_the_others_stay_together(arrive: Callable[[str, str], Person]) -> None:
    ann, ben, chidi = (arrive(name, "leaving") for name in ("Ann", "Ben", "Chidi"))
    for person in (ann, ben, chidi):
        for other in (ann, ben, chidi):
            if person is not other:
                person.sees(other)
    for person in (ben, chidi):
        person.page.evaluate("document.querySelectorAll('.tile').forEach((tile) => { tile.dataset.kept = 'yes' })")
    ann.page.get_by_role("button", name="Leave").click()
    expect(ben.page.locator(".tile")).to_have_count(2)
    dana = arrive("Dana", "leaving")  # meets whoever was elected
    for person in (ben, chidi):
        person.sees(dana)
        expect(person.page.locator(".tile[data-kept]")).to_have_count(2)
        assert person.complaints == []
    ben.say("still here")
    chidi.reads("still here")


def test_a_reload_takes_its_own_seat_back(arrive: Callable[[str, str], Person]) -> None:
    ann, ben = arrive("Ann", "reloading"), arrive("Ben", "reloading")
    ann.sees(ben)
    ben.page.reload()
    ben.join()
    ben.sees(ann)
    expect(ann.page.locator(".tile")).to_have_count(2)


def test_a_duplicated_tab_is_a_person_of_its_own(arrive: Callable[[str, str], Person]) -> None:
    ann, ben = arrive("Ann", "twice"), arrive("Ben", "twice")
    ann.sees(ben)
    with ben.context.expect_page() as opened:
        ben.page.evaluate("void window.open(location.href)")  # copies the tab's memory, as Duplicate Tab does
    twin = Person("Ben", ben.context, opened.value)
    twin.join()
    twin.sees(ann)
    for person in (ann, ben, twin):
        expect(person.page.locator(".tile")).to_have_count(3)


def test_the_first_lines_of_a_long_chat_can_be_reached(arrive: Callable[[str, str], Person]) -> None:
    ann = arrive("Ann", "talkative")
    for number in range(45):
        ann.say(f"line {number}")
    log = ann.page.get_by_role("log")
    expect(log.get_by_text("line 44", exact=True)).to_be_in_viewport()
    log.evaluate("(place) => place.scrollTo(0, 0)")
    expect(log.get_by_text("line 0", exact=True)).to_be_in_viewport()


def test_the_focus_is_in_the_call_after_joining(arrive: Callable[[str, str], Person]) -> None:
    ann = arrive("Ann", "focused")
    expect(ann.page.get_by_role("heading", name="focused")).to_be_focused()


def test_a_pasted_link_never_goes_to_the_server_not_even_without_a_script(site: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/kibitz/home*.js", lambda route: route.abort())
    page.goto(site)
    page.get_by_label("Have a link or code? Paste it").fill("https://call.example/#standup?gt=SECRET")
    page.get_by_label("Have a link or code? Paste it").press("Enter")
    expect(page.get_by_role("button", name="Join")).to_be_disabled()
    expect(page.get_by_label("Have a link or code? Paste it")).to_have_value("https://call.example/#standup?gt=SECRET")
    assert not any("SECRET" in url for url in asked)


def test_a_browser_that_remembers_nothing_can_still_call(site: str, page: Page) -> None:
    for name in ("localStorage", "sessionStorage"):
        refuse = "{ get() { throw new DOMException('no', 'SecurityError') } }"
        page.add_init_script(f"Object.defineProperty(window, '{name}', {refuse})")
    page.goto(f"{site}/#forgetful")
    Person("Ann", page.context, page).join()


def test_joining_says_that_it_is_under_way(site: str, page: Page) -> None:
    page.route("**/peerjs/id*", lambda route: None)  # never answered
    page.goto(f"{site}/#waiting")
    page.get_by_label("Your name").fill("Ann")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Connecting…")).to_be_disabled()


def test_a_room_that_split_while_its_coordinator_was_cut_off_comes_together_again(
    site: str, browser: Browser, arrive: Callable[[str, str], Person]
) -> None:
    cut = Cut()
    context = browser.new_context()
    ann = Person("Ann", context, context.new_page())
    ann.page.route_web_socket("**/peerjs*", cut.route)
    ann.page.goto(f"{site}/#split")
    ann.join()
    ben = arrive("Ben", "split")
    ann.sees(ben)

    cut.make()
    chidi = arrive("Chidi", "split")  # finds the room's id free
    expect(chidi.page.get_by_text("You’re the first one here.")).to_be_visible()
    ann.sees(ben)
    cut.mend()
    for person in (ann, ben, chidi):
        expect(person.page.locator(".tile")).to_have_count(3, timeout=30_000)
    context.close()


class Cut:
    """The wire between one page and the broker, which can be cut and mended; what was said directly goes on."""

    def __init__(self) -> None:
        self.is_made = False
        self.sockets: list[WebSocketRoute] = []

    def route(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        if not self.is_made:
            socket.connect_to_server()

    def make(self) -> None:
        self.is_made = True
        self._close_all()

    def mend(self) -> None:
        self.is_made = False
        self._close_all()

    def _close_all(self) -> None:
        sockets, self.sockets = self.sockets, []
        for socket in sockets:
            socket.close()
