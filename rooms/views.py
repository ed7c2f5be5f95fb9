"""The broker's plain addresses. Open to every origin, no cookie is read, nothing is written (PROTOCOL.md 12).

Every client of a call must get the same answers, so they follow from the settings and not from who asks.
"""

import secrets
import time
import uuid
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from rooms.networks import NetworkNames
from rooms.turn import ASKS_PER_MINUTE, RATE_LIMITED, Askers, IceServers, ice_servers

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]

NO_STORE: Final = "no-store"
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, X-Kibitz-Grant",
    "Access-Control-Max-Age": "86400",  # seconds: browsers keep a day at most
}
_OPAQUE_BYTES: Final = 12
"""Random, and new each time, so that the relay's quota for one user counts one browser."""

_names = NetworkNames()
_askers = Askers(ASKS_PER_MINUTE)


def open_to_every_origin(view: View[P]) -> View[P]:
    """Answers preflights, and lets any page read any answer of the view, refusals included. Cookies are put away unread."""

    @wraps(view)
    async def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request.COOKIES.clear()
        is_preflight = request.method == "OPTIONS"
        response = HttpResponse(status=204, headers=_PREFLIGHT) if is_preflight else await view(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return opened


def _json(data: dict[str, Any], cache_control: str) -> JsonResponse:
    return JsonResponse(data, headers={"Cache-Control": cache_control})


@open_to_every_origin
@require_safe
async def signal(request: HttpRequest) -> HttpResponse:
    """Where the broker is, and what time it is here (12.1; 0.29, 0.32)."""
    now_ms = time.time_ns() // 1_000_000
    return _json({"host": signal_host(settings.KIBITZ.site_url), "now": now_ms}, "public, max-age=5")


def signal_host(site_url: str) -> str | None:
    """The broker's host for older clients, which add https and port 443; None: the origin the script came from.

    A site on another port keeps it in the answer: older clients then fail instead of going to somebody else's broker.
    """
    parts = urlsplit(site_url)
    return parts.netloc.removesuffix(":443") if parts.scheme == "https" else None


@open_to_every_origin
@require_safe
async def turn(request: HttpRequest) -> HttpResponse:
    """STUN servers and a relay with a credential of its own (12.2). Always 200; `error` says why there are none."""
    env = settings.KIBITZ
    known = IceServers(env["STUN_URLS"], env["TURN_URLS"], env["TURN_SECRET"], derives_stun=not settings.DEBUG)
    servers = ice_servers(known, int(time.time()), secrets.token_hex(_OPAQUE_BYTES))
    if not servers:
        return _json({"iceServers": None, "configured": False}, "public, max-age=30")
    network = _names.name(request.META.get("REMOTE_ADDR", ""), time.time(), secrets.token_bytes(16))
    if not _askers.may_ask(network, time.monotonic()):
        return _json({"iceServers": None, "configured": True, **RATE_LIMITED}, NO_STORE)
    return _json({"iceServers": servers, "configured": True, "tier": "open"}, "private, max-age=3600")


@open_to_every_origin
@require_safe
async def min_version(request: HttpRequest) -> HttpResponse:
    """The oldest build that may join (11.5); none is too old yet."""
    return _json({"min": "0.0.0"}, NO_STORE)


@open_to_every_origin
@require_safe
async def new_peer_id(request: HttpRequest, key: str = "") -> HttpResponse:
    """A fresh peer id as text, whatever the key, as with the PeerJS server (12.5); `/id` is older clients' health check."""
    return HttpResponse(str(uuid.uuid4()), content_type="text/plain; charset=utf-8", headers={"Cache-Control": NO_STORE})


@open_to_every_origin
@require_safe
async def peers(request: HttpRequest, key: str) -> HttpResponse:
    """Who is here is nobody's business: 401, for which PeerJS has a sentence of its own (12.5)."""
    return HttpResponse("", status=401, content_type="text/plain; charset=utf-8", headers={"Cache-Control": NO_STORE})
