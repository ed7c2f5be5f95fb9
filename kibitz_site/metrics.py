"""`/metrics` for Prometheus: to this machine, or to whoever brings METRICS_TOKEN. What is counted is in rooms/metrics.py.

A proxy on this machine must not open it to the world, so a request that came through one counts as from outside.
"""

import hmac
import os
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from kibitz_site.env import LOOPBACK_HOSTS
from rooms.metrics import BrokerCollector
from rooms.running import running_hub

_PROXY_HEADERS: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")

REFUSED: Final = "Metrics are for this machine. From elsewhere, set METRICS_TOKEN and send it as a bearer token.\n"


@require_safe
@never_cache
async def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; 403 with a sentence for others."""
    if not (is_from_here(request) or has_token(request, settings.KIBITZ["METRICS_TOKEN"])):
        return HttpResponse(REFUSED, status=403, content_type="text/plain; charset=utf-8")
    registry = CollectorRegistry()
    registry.register(BrokerCollector((await running_hub()).hub, str(os.getpid())))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def is_from_here(request: HttpRequest) -> bool:
    """Whether a program of this machine asks this process directly."""
    if any(header in request.META for header in _PROXY_HEADERS):
        return False
    addressed = urlsplit(f"//{request.get_host()}").hostname
    return request.META.get("REMOTE_ADDR", "") in LOOPBACK_HOSTS and addressed in LOOPBACK_HOSTS


def has_token(request: HttpRequest, token: str) -> bool:
    """Whether the request brings this token; never where none is set."""
    brought = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(brought.encode(), f"Bearer {token}".encode())
