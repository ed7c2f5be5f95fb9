"""For whoever keeps the service up: `/healthz` says the process answers, `/readyz` that it can serve, and if not why.

An answer names parts and states, never addresses or settings. Each worker process answers for itself.
"""

from functools import cache as remembered
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

GOOD: Final = frozenset({"ok", "not used"})
"""States a site can serve with."""


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is in a good state, else 503; either way each part with its state, in a word or three."""
    parts = {"database": _database(), "redis": _redis(), "key": _key()}
    is_ready = GOOD.issuperset(parts.values())
    return JsonResponse({"ok": is_ready, **parts}, status=200 if is_ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return "unreachable"
    return "ok" if _latest_migrations().issubset(applied) else "migrations pending"


@remembered
def _latest_migrations() -> frozenset[tuple[str, str]]:
    """The last migration of each app, as the code of this process knows them."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _redis() -> str:
    if not settings.KIBITZ["REDIS_URL"]:
        return "not used"
    try:
        cache.get("readyz")
    except RedisError:
        return "unreachable"
    return "ok"


def _key() -> str:
    """Whether the key this process signs with is the one a process that starts now would find."""
    if settings.KIBITZ["SECRET_KEY"]:
        return "ok"
    try:
        kept = (settings.VAR_DIR / "secret-key").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return "kept key is gone"
    return "ok" if kept == settings.SECRET_KEY else "kept key was changed"
