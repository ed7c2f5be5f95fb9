"""What the environment says, read once and typed. Every setting is optional; nothing here raises.

A value that cannot be read becomes a `Problem` and the default stands in, so that `manage.py check` can name every
mistake at once instead of failing at the first. Source: DESIGN.md, "Commands and addresses that stay put".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from rooms.websockets.choice import CHOICES, PICOWS

T = TypeVar("T")

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Problem:
    """A setting whose value cannot be used, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings' table: how it is read, what stands in for it, and what it is for (shown by `make help`)."""

    parse: Callable[[str], Any]
    standard: Any
    purpose: str


def _text(value: str) -> str:
    return value


def _switch(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return words[value.lower()]
    except KeyError:
        raise ValueError("use 1 or 0") from None


def _words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"use a whole number from {least} to {most}")
        return int(value)

    return parse


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            raise ValueError(f"use an address that begins with {' or '.join(f'{scheme}:' for scheme in schemes)}")
        return value

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in words:
            raise ValueError(f"use {' or '.join(words)}")
        return value

    return parse


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
    ):
        raise ValueError("use an address like https://call.example, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _servers(*schemes: str) -> Callable[[str], tuple[str, ...]]:
    def parse(value: str) -> tuple[str, ...]:
        servers = _words(value)
        if not all(server.partition(":")[0] in schemes and server.partition(":")[2] for server in servers):
            raise ValueError(f"use addresses like {schemes[0]}:turn.example:3478, separated by commas")
        return servers

    return parse


SETTINGS: Final[dict[str, Setting]] = {
    "PORT": Setting(_whole(1, 65535), 8000, "port `make run` listens on"),
    "SITE_URL": Setting(_origin, "", "address people use; default http://localhost:PORT"),
    "DEBUG": Setting(_switch, False, "error pages with details; never on a server others reach"),
    "SECRET_KEY": Setting(_text, "", "signs sessions; made and kept in var/ when absent"),
    "ALLOWED_HOSTS": Setting(_words, (), "host names answered; default the one of SITE_URL"),
    "DATABASE_URL": Setting(
        _url("postgres", "postgresql", "sqlite", "sqlite3"), "", "PostgreSQL instead of the SQLite file in var/"
    ),
    "REDIS_URL": Setting(_url("redis", "rediss", "unix"), "", "Redis, for more than one process or machine"),
    "WORKERS": Setting(_whole(1, 256), 1, "server processes"),
    "STUN_URLS": Setting(_servers("stun", "stuns"), (), "STUN servers told to browsers"),
    "TURN_URLS": Setting(_servers("turn", "turns"), (), "TURN relays told to browsers"),
    "TURN_SECRET": Setting(_text, "", "coturn's static-auth-secret"),
    "EMAIL_URL": Setting(_url("smtp", "smtps", "smtp+tls", "smtp+ssl", "file", "memorymail", "consolemail"), "", "outgoing mail"),
    "GOOGLE_CLIENT_ID": Setting(_text, "", "sign-in with Google"),
    "GOOGLE_CLIENT_SECRET": Setting(_text, "", "sign-in with Google"),
    "OIDC_ISSUER": Setting(_url("https", "http"), "", "sign-in with an OpenID provider"),
    "OIDC_CLIENT_ID": Setting(_text, "", "sign-in with an OpenID provider"),
    "OIDC_CLIENT_SECRET": Setting(_text, "", "sign-in with an OpenID provider"),
    "METRICS_TOKEN": Setting(_text, "", "bearer token that opens /metrics to other machines"),
    "BROKER_WS": Setting(_one_of(*CHOICES), PICOWS, "the broker's WebSocket class, picows or websockets"),
    "BROKER_RATE": Setting(_whole(0, 100_000), 100, "frames a second from one socket, 0 for no limit"),
    "BROKER_SOCKETS_PER_NETWORK": Setting(_whole(0, 1_000_000), 600, "broker sockets from one network, 0 for no limit"),
    "BROKER_DRAIN_S": Setting(_whole(0, 300), 5, "seconds over which a process that ends sends its clients elsewhere"),
    "BROKER_MAILBOX_S": Setting(_whole(0, 60), 5, "seconds frames wait for who lost the connection, 0 for none"),
}


@dataclass(frozen=True, slots=True)
class Env:
    """The environment, read. `values` holds every name of SETTINGS; `problems` what could not be read."""

    values: Mapping[str, Any]
    given: frozenset[str] = field(default_factory=frozenset)
    problems: tuple[Problem, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def site_url(self) -> str:
        """Origin people use, without a slash at the end."""
        return self["SITE_URL"] or f"http://localhost:{self['PORT']}"

    @property
    def is_secure(self) -> bool:
        """Whether people come by https."""
        return self.site_url.startswith("https:")

    @property
    def is_local(self) -> bool:
        """Whether only this machine is meant to reach the site."""
        return urlsplit(self.site_url).hostname in LOOPBACK_HOSTS

    @property
    def allowed_hosts(self) -> list[str]:
        """Host names Django answers to; the machine's own are among them, for whoever checks its health from inside."""
        host = urlsplit(self.site_url).hostname or ""
        return [*(self["ALLOWED_HOSTS"] or [host]), *LOOPBACK_HOSTS]


def read_env(environ: Mapping[str, str]) -> Env:
    """Every setting from the environment; a blank value counts as absent."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    given = frozenset(name for name in SETTINGS if environ.get(name, "").strip())
    for name, setting in SETTINGS.items():
        values[name] = setting.standard
        if name in given:
            try:
                values[name] = setting.parse(environ[name].strip())
            except ValueError as error:
                problems.append(Problem(name, str(error)))
    return Env(values, given, tuple(problems))
