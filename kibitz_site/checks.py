"""System checks of the settings: each missing or dangerous one is named, with what to do (`manage.py check --deploy`).

Errors stop the start, since going on would be unsafe or cannot work; warnings are for a site that others reach.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage

from kibitz_site.env import Env
from rooms.websockets.choice import PICOWS, has_picows

Finding = tuple[str, str]
"""What is wrong, and what to do about it."""


def _debug_in_public(env: Env) -> Finding | None:
    if env["DEBUG"] and not env.is_local:
        return "DEBUG is on for a site that others reach.", "Remove DEBUG: error pages would show settings and data."
    return None


def _plain_http(env: Env) -> Finding | None:
    if not env.is_secure and not env.is_local:
        return f"SITE_URL is {env.site_url}, without https.", "Browsers give no camera or microphone to such a page. Use https."
    return None


def _weak_secret(env: Env) -> Finding | None:
    if env["SECRET_KEY"] and (len(env["SECRET_KEY"]) < 32 or len(set(env["SECRET_KEY"])) < 8):
        return "SECRET_KEY is easy to guess.", "Use 50 random characters, or remove it: one is made and kept in var/."
    return None


def _any_host(env: Env) -> Finding | None:
    if "*" in env["ALLOWED_HOSTS"]:
        return "ALLOWED_HOSTS answers to any name.", "List the site's own names: links in mail are made from them."
    return None


def _workers_alone(env: Env) -> Finding | None:
    if env["WORKERS"] > 1 and not env["REDIS_URL"]:
        why = "WORKERS is above 1 without REDIS_URL: the processes would not know each other's peers."
        return why, "Set REDIS_URL, for instance redis://127.0.0.1:6379, or WORKERS=1."
    return None


def _turn_without_secret(env: Env) -> Finding | None:
    if env["TURN_URLS"] and not env["TURN_SECRET"]:
        return "TURN_URLS is set without TURN_SECRET.", "Set TURN_SECRET to coturn's static-auth-secret, or remove TURN_URLS."
    return None


def _secret_without_turn(env: Env) -> Finding | None:
    if env["TURN_SECRET"] and not env["TURN_URLS"]:
        return "TURN_SECRET is set without TURN_URLS.", "Set TURN_URLS to the relay's address, or remove TURN_SECRET."
    return None


def _weak_metrics_token(env: Env) -> Finding | None:
    if env["METRICS_TOKEN"] and len(env["METRICS_TOKEN"]) < 16:
        return "METRICS_TOKEN is easy to guess.", "Use 16 or more random characters, or remove it: this machine needs none."
    return None


def _half_sign_in(*names: str) -> Callable[[Env], Finding | None]:
    def find(env: Env) -> Finding | None:
        missing = [name for name in names if not env[name]]
        if missing and len(missing) < len(names):
            return f"Sign-in is half configured: {', '.join(missing)} missing.", f"Set all of {', '.join(names)}, or none."
        return None

    return find


def _plain_issuer(env: Env) -> Finding | None:
    if env["OIDC_ISSUER"].startswith("http:") and not env.is_local:
        return "OIDC_ISSUER is not https.", "Anyone on the way could sign in as anyone. Use https."
    return None


def _no_database(env: Env) -> Finding | None:
    return (
        None
        if env["DATABASE_URL"]
        else ("No DATABASE_URL: data is in a SQLite file in var/.", "Fine for one machine; back the file up.")
    )


def _no_redis(env: Env) -> Finding | None:
    return None if env["REDIS_URL"] else ("No REDIS_URL: the broker runs in one process.", "Fine for one machine.")


def _no_secret(env: Env) -> Finding | None:
    return (
        None
        if env["SECRET_KEY"]
        else ("No SECRET_KEY: one is kept in var/.", "Set it where more than one machine serves the site.")
    )


def _no_mail(env: Env) -> Finding | None:
    return (
        None
        if env["EMAIL_URL"]
        else ("No EMAIL_URL: mail cannot be sent.", "Set EMAIL_URL, for instance smtp+tls://user:password@mail.example:587.")
    )


def _no_relay(env: Env) -> Finding | None:
    hint = "About one pair in ten has no direct path and needs a relay: set TURN_URLS and TURN_SECRET."
    return None if env["TURN_URLS"] else ("No TURN_URLS: some people will not reach each other.", hint)


def _no_stun(env: Env) -> Finding | None:
    hint = "Set STUN_URLS to your TURN host, for instance stun:turn.example:3478."
    return None if env["STUN_URLS"] or env["TURN_URLS"] else ("No STUN_URLS: calls work only inside one network.", hint)


def _limit_off(name: str, what: str) -> Callable[[Env], Finding | None]:
    def find(env: Env) -> Finding | None:
        return None if env[name] else (f"{name} is 0: {what} without a limit.", f"Remove {name} for the standard limit.")

    return find


def _no_mailboxes(env: Env) -> Finding | None:
    hint = "Remove BROKER_MAILBOX_S: a client that reconnects would miss what was sent meanwhile."
    return None if env["BROKER_MAILBOX_S"] else ("BROKER_MAILBOX_S is 0: nothing waits for who lost the connection.", hint)


def slow_frames(env: Env, is_installed: Callable[[], bool] = has_picows) -> Finding | None:
    """picows is wanted and missing."""
    if env["BROKER_WS"] != PICOWS or is_installed():
        return None
    hint = "Install it (it is not made for Windows), or set BROKER_WS=websockets."
    return "picows is not installed: the broker uses websockets, at twice the cost of a frame.", hint


ERRORS: Final[dict[str, Callable[[Env], Finding | None]]] = {
    "kibitz.E002": _debug_in_public,
    "kibitz.E003": _plain_http,
    "kibitz.E004": _weak_secret,
    "kibitz.E005": _any_host,
    "kibitz.E006": _workers_alone,
    "kibitz.E007": _turn_without_secret,
    "kibitz.E008": _secret_without_turn,
    "kibitz.E009": _half_sign_in("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
    "kibitz.E010": _half_sign_in("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
    "kibitz.E011": _plain_issuer,
    "kibitz.E012": _weak_metrics_token,
}
PUBLIC_WARNINGS: Final[dict[str, Callable[[Env], Finding | None]]] = {
    "kibitz.W001": _no_database,
    "kibitz.W002": _no_redis,
    "kibitz.W003": _no_secret,
    "kibitz.W004": _no_mail,
    "kibitz.W005": _no_relay,
    "kibitz.W006": _no_stun,
    "kibitz.W007": _limit_off("BROKER_RATE", "one socket may send frames"),
    "kibitz.W008": _limit_off("BROKER_SOCKETS_PER_NETWORK", "one network may open sockets"),
    "kibitz.W009": _no_mailboxes,
    "kibitz.W010": slow_frames,
}


def findings(env: Env) -> Iterator[CheckMessage]:
    """Every finding about an environment, errors first."""
    for problem in env.problems:
        yield checks.Error(f"{problem.name} cannot be read: {problem.why}.", id="kibitz.E001")
    for identifier, find in ERRORS.items():
        if found := find(env):
            yield checks.Error(found[0], hint=found[1], id=identifier)
    if not env.is_local:
        for identifier, find in PUBLIC_WARNINGS.items():
            if found := find(env):
                yield checks.Warning(found[0], hint=found[1], id=identifier)


def check_environment(**_: Any) -> list[CheckMessage]:
    """Django's entry point."""
    return list(findings(settings.KIBITZ))
