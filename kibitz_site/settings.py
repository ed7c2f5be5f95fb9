"""Django's settings. All choices of an operator come from the environment (env.py); nothing set means one local process."""

import logging
import os
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from kibitz_site.env import read_env
from kibitz_site.secret import kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("KIBITZ_VAR", BASE_DIR / "var"))
KIBITZ = read_env(os.environ)

DEBUG = KIBITZ["DEBUG"]
SECRET_KEY = KIBITZ["SECRET_KEY"] or kept_secret(VAR_DIR / "secret-key")
ALLOWED_HOSTS = KIBITZ.allowed_hosts
CSRF_TRUSTED_ORIGINS = [KIBITZ.site_url]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "kibitz_site",
]

MIDDLEWARE = [
    "kibitz_site.middleware.baseline_headers",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "kibitz_site.urls"
ASGI_APPLICATION = "kibitz_site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES: dict[str, Any] = {
    "default": environ.Env.db_url_config(KIBITZ["DATABASE_URL"] or f"sqlite:///{VAR_DIR / 'kibitz.sqlite3'}")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": KIBITZ["REDIS_URL"],
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},  # seconds: a page never hangs on a Redis that is away
    }
    if KIBITZ["REDIS_URL"]
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False  # CORS is open only where DESIGN says: widget files, broker, public API

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"

# Security baseline (DESIGN.md). The rest of the headers is in middleware.py.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:", "mediastream:"],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; health checks come by plain http
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if KIBITZ.is_secure else None
SECURE_HSTS_SECONDS = 31_536_000 if KIBITZ.is_secure else 0  # a year, the least that preload lists accept
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = KIBITZ.is_secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-kibitz-session" if KIBITZ.is_secure else "kibitz-session"
CSRF_COOKIE_NAME = "__Host-kibitz-csrf" if KIBITZ.is_secure else "kibitz-csrf"
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]


def _without_path(record: logging.LogRecord) -> bool:
    """Django ends its lines about a request with the path, and a path may hold a room's name."""
    if hasattr(record, "request") and isinstance(record.args, tuple) and record.args:
        record.args = (*record.args[:-1], "(path not written down)")
    return True


# Nothing about who called whom: no access log, no request lines, no addresses.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_path": {"()": "django.utils.log.CallbackFilter", "callback": _without_path}},
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["without_path"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR", "propagate": True},
        "django.security.DisallowedHost": {"level": "CRITICAL", "propagate": True},
        "kibitz": {"level": "INFO", "propagate": True},
    },
}
