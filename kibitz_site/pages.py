"""The pages everybody sees. They know nothing about rooms: the room's name is in the fragment, which never comes here."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from kibitz.wire.rooms import normalise
from kibitz_site.middleware import room_page


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
    fragment = normalise(room) or quote(room)  # what names no room goes on as it is, so that the page can say so
    return HttpResponseRedirect(f"/{'?' + query if query else ''}#{fragment}")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon on pages that name none, such as the admin's."""
    return HttpResponseRedirect(static("site/icon.svg"))
