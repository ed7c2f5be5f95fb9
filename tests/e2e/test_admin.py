"""Django's admin runs under the strict content policy: sign in, look around, change something, no complaint."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT, served

PASSWORD = "a-throw-away-password-1"


@pytest.fixture(scope="module")
def site_with_operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    var = tmp_path_factory.mktemp("operator")
    with served(var) as origin:
        environ = {"PATH": os.environ["PATH"], "KIBITZ_VAR": str(var), "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        command = [sys.executable, "manage.py", "createsuperuser", "--noinput", "--username", "ops", "--email", "ops@example.org"]
        subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
        yield origin


def test_an_operator_signs_in_and_works_without_a_policy_violation(site_with_operator: str, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site_with_operator}/admin/")
    page.get_by_label("Username").fill("ops")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Users").click()
    page.get_by_role("link", name="ops", exact=True).click()
    page.get_by_label("First name").fill("Olive")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert complaints == []
