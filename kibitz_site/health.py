"""For whoever keeps the service up: `/healthz` says the process answers, `/readyz` that it can serve, and if not why."""

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database and Redis (where one is set) answer, else 503 with the parts that do not."""
    parts = {"database": _database_answers(), "redis": _redis_answers()}
    is_ready = all(answers is not False for answers in parts.values())
    words = {True: "ok", False: "unreachable", None: "not used"}
    return JsonResponse(
        {"ok": is_ready, **{name: words[answers] for name, answers in parts.items()}}, status=200 if is_ready else 503
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool | None:
    if not settings.KIBITZ["REDIS_URL"]:
        return None
    try:
        cache.get("readyz")
    except RedisError:
        return False
    return True
