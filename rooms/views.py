"""The broker's plain addresses. Open to every origin, and no cookie is read."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def new_peer_id(request: HttpRequest) -> HttpResponse:
    """A fresh peer id as text (PROTOCOL.md 12.5); `/id` is the health address of older clients (12.1)."""
    response = HttpResponse(str(uuid.uuid4()), content_type="text/plain; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    return response
