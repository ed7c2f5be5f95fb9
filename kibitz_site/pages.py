"""The pages everybody sees. They know nothing about rooms: the room's name is in the fragment, which never comes here."""

import re
from typing import Final
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from kibitz.wire.rooms import normalise
from kibitz_site.middleware import room_page

PLAIN: Final = re.compile(r"[\w -]*[A-Za-z0-9][\w -]*", re.ASCII)


@require_safe
@room_page
def home(request: HttpRequest) -> HttpResponse:
    """`/`, and with a fragment the room itself: one document, the script decides which of the two it shows."""
    return render(request, "pages/home.html")


@require_safe
@room_page
def share(request: HttpRequest, room: str) -> HttpResponse:
    """`/j/<room>`: the form of a link that survives where fragments are cut off (PROTOCOL.md 2.4, form 4)."""
    query = urlencode(list(request.GET.lists()), doseq=True)
    # What is not plainly a name goes on as it is: the page, which knows what a link may hold, opens it or says why not.
    fragment = normalise(room) if PLAIN.fullmatch(room) else quote(room, safe="")
    return HttpResponseRedirect(f"/{'?' + query if query else ''}#{fragment}")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon on pages that name none, such as the admin's."""
    return HttpResponseRedirect(static("site/icon.svg"))
