"""The headers every answer carries, page or file (DESIGN.md, "Security baseline"). The content policy is django-csp's.

A view that needs more says so with `@room_page`; nothing else may switch camera or microphone on.
"""

from collections.abc import Awaitable, Callable
from functools import update_wrapper
from inspect import iscoroutinefunction
from typing import Concatenate, Final, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

P = ParamSpec("P")
Answer = Callable[[HttpRequest], HttpResponse]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponse]]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_CALL: Final = ("camera", "microphone", "display-capture", "fullscreen", "picture-in-picture", "screen-wake-lock", "autoplay")
_NEVER: Final = ("geolocation", "payment", "usb", "serial", "midi", "accelerometer", "gyroscope", "magnetometer")
NO_FEATURES: Final = ", ".join(f"{feature}=()" for feature in (*_CALL, *_NEVER))
ROOM_FEATURES: Final = ", ".join([*(f"{feature}=(self)" for feature in _CALL), *(f"{feature}=()" for feature in _NEVER)])


@sync_and_async_middleware
def baseline_headers(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """Adds what is missing; a view's own choice stands."""
    if iscoroutinefunction(get_response):
        answer_later = cast(AsyncAnswer, get_response)

        async def complete_later(request: HttpRequest) -> HttpResponse:
            return _completed(await answer_later(request))

        return complete_later
    answer = cast(Answer, get_response)

    def complete(request: HttpRequest) -> HttpResponse:
        return _completed(answer(request))

    return complete


def _completed(response: HttpResponse) -> HttpResponse:
    response.setdefault("Permissions-Policy", NO_FEATURES)
    return response


def room_page(view: View[P]) -> View[P]:
    """Marks a page that holds a call: it may use the camera and tells nobody its address."""

    def marked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Permissions-Policy"] = ROOM_FEATURES
        response["Referrer-Policy"] = "no-referrer"
        return response

    return update_wrapper(marked, view)
