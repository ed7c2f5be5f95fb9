"""DESIGN's security baseline on every page and file, as a browser gets them from a running server."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.conftest import served

pytestmark = pytest.mark.server

OPEN_PAGES = ["/id", "/peerjs/id", "/peerjs/peers", "/another/id", "/api/signal", "/api/turn", "/min-version.json"]
PAGES = [
    "/",
    "/j/standup",
    "/admin/",
    "/admin/login/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
    *OPEN_PAGES,
    "/nowhere",
]
ROOM_PAGES = ["/", "/j/standup"]


def test_every_address_of_the_site_is_among_the_pages() -> None:
    tried = {resolve(page).route for page in PAGES if page != "/nowhere"}
    known = set(routes(get_resolver().url_patterns))
    assert [route for route in known if not any(found == route or (route and found.startswith(route)) for found in tried)] == []


def routes(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """Every route of ours; Django's admin and whatever else has a folder of its own count as one."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and not str(pattern.pattern):
            yield from routes(pattern.url_patterns)
        else:
            yield str(pattern.pattern)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def fetch(url: str, **headers: str) -> tuple[int, Message, str]:
    opener = urllib.request.build_opener(NoRedirect)
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read().decode("utf-8", "replace")


@pytest.fixture(scope="module")
def secure_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same site as it is behind a proxy that speaks https."""
    with served(tmp_path_factory.mktemp("secure"), {"SITE_URL": "https://localhost"}) as origin:
        yield origin


@pytest.mark.parametrize("address", PAGES)
def test_content_policy(site: str, address: str) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in fetch(site + address)[1]["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy)


@pytest.mark.parametrize("address", PAGES)
def test_headers(site: str, address: str) -> None:
    headers = fetch(site + address)[1]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == ("no-referrer" if address in ROOM_PAGES else "same-origin")
    camera = "camera=(self)" if address in ROOM_PAGES else "camera=()"
    assert camera in headers["Permissions-Policy"]
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Server"] is None


@pytest.mark.parametrize("address", PAGES)
def test_only_the_broker_is_open_to_other_origins(site: str, address: str) -> None:
    allowed = fetch(site + address, Origin="https://other.example")[1]["Access-Control-Allow-Origin"]
    assert allowed == ("*" if address in OPEN_PAGES else None)


def test_no_cookie_without_a_reason(site: str) -> None:
    assert [page for page in PAGES if fetch(site + page)[1]["Set-Cookie"] and not page.startswith("/admin")] == []


def test_static_files_carry_the_baseline_too(site: str) -> None:
    path = re.search(r'src="(/static/site/which-view[^"]+)"', fetch(site)[2])
    assert path
    status, headers, _ = fetch(site + path.group(1))
    assert status == 200
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] is None
    assert "immutable" in headers["Cache-Control"]


def test_nothing_inline_on_our_pages(site: str) -> None:
    for page in ("/", "/admin/login/"):
        html = fetch(site + page)[2]
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html), page


def test_secure_cookies_and_hsts(secure_site: str) -> None:
    headers = fetch(secure_site + "/admin/login/", **{"X-Forwarded-Proto": "https"})[1]
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-kibitz-csrf=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie


def test_local_cookies_are_still_closed_to_scripts(site: str) -> None:
    cookie = fetch(site + "/admin/login/")[1]["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_share_link_goes_to_the_room_and_keeps_its_query(site: str) -> None:
    status, headers, _ = fetch(site + "/j/My%20Room?g=names&gn=Ann%2CBen")
    assert (status, headers["Location"]) == (302, "/?g=names&gn=Ann%2CBen#my-room")


@pytest.mark.parametrize(("path", "fragment"), [("standup%3Fgl=1", "standup%3Fgl%3D1"), ("%E2%98%95", "%E2%98%95")])
def test_a_share_link_that_is_no_plain_name_is_for_the_page_to_judge(site: str, path: str, fragment: str) -> None:
    assert fetch(f"{site}/j/{path}")[1]["Location"] == f"/#{fragment}"


def test_a_foreign_host_name_is_refused(site: str) -> None:
    assert fetch(site, Host="evil.example")[0] == 400
