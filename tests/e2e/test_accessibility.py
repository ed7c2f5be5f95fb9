"""WCAG 2.2 AA as far as a program can tell, on every state there is, light and dark, wide and narrow."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.test_first_call import Person

AXE = Path("node_modules/axe-core/axe.min.js")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    found = page.evaluate(f"async () => (await axe.run(document, {json.dumps(RULES)})).violations")
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}" for one in found]


def landing(page: Page, site: str) -> None:
    page.goto(site)


def landing_with_a_problem(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Have a link or code? Paste it").fill("☕")
    page.get_by_role("button", name="Join").click()


def refused(page: Page, site: str) -> None:
    page.goto(f"{site}/#standup?g=passkey")
    page.get_by_text("Details").click()


def before_joining(page: Page, site: str) -> None:
    page.goto(f"{site}/#standup")
    page.get_by_role("button", name="Join").click()


def alone(page: Page, site: str) -> None:
    page.goto(f"{site}/#alone-{id(page)}")
    Person("Ann", page.context, page).join()


def talking(page: Page, site: str) -> None:
    room = f"talking-{id(page)}"
    other = page.context.new_page()
    for name, where in (("Ann", page), ("Ben", other)):
        where.goto(f"{site}/#{room}")
        Person(name, page.context, where).join()
    ann = Person("Ann", page.context, page)
    ann.sees(Person("Ben", page.context, other))
    ann.say("Hello")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("state", [landing, landing_with_a_problem, refused, before_joining, alone, talking])
def test_no_violation(site: str, browser: Browser, state: Callable[[Page, str], None], width: int, scheme: str) -> None:
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 720}, color_scheme="dark" if dark else "light", bypass_csp=True
    )
    page = context.new_page()
    state(page, site)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    context.close()


def test_alone_in_landscape_the_invitation_can_be_reached(site: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 844, "height": 390})
    page = context.new_page()
    alone(page, site)
    button = page.locator("#alone").get_by_role("button", name="Copy link")
    button.scroll_into_view_if_needed()
    button.click(trial=True)
    context.close()
