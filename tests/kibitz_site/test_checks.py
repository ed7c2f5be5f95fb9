from collections.abc import Mapping

import pytest

from kibitz_site.checks import findings
from kibitz_site.env import SETTINGS, read_env

PUBLIC = {"SITE_URL": "https://call.example"}
STRONG = "correct-horse-battery-staple-0123456789"
COMPLETE = PUBLIC | {
    "SECRET_KEY": STRONG,
    "DATABASE_URL": "postgres://db/kibitz",
    "REDIS_URL": "redis://cache",
    "EMAIL_URL": "smtp+tls://mail.example:587",
    "TURN_URLS": "turn:turn.example:3478",
    "TURN_SECRET": "secret",
    "STUN_URLS": "stun:turn.example:3478",
}


def found(environ: Mapping[str, str]) -> set[str]:
    return {str(message.id) for message in findings(read_env(environ))}


def test_nothing_set_needs_no_warning() -> None:
    assert found({}) == set()


def test_a_complete_public_site_needs_no_warning() -> None:
    assert found(COMPLETE) == set()


def test_several_workers_are_fine_with_redis() -> None:
    assert found(COMPLETE | {"WORKERS": "4"}) == set()


def test_a_bare_public_site_is_told_all_that_is_missing() -> None:
    assert found(PUBLIC) == {f"kibitz.W00{number}" for number in range(1, 7)}


@pytest.mark.parametrize(
    ("environ", "identifier"),
    [
        ({"PORT": "x"}, "kibitz.E001"),
        (COMPLETE | {"DEBUG": "1"}, "kibitz.E002"),
        (COMPLETE | {"SITE_URL": "http://call.example"}, "kibitz.E003"),
        ({"SECRET_KEY": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, "kibitz.E004"),
        ({"SECRET_KEY": "short"}, "kibitz.E004"),
        ({"ALLOWED_HOSTS": "*"}, "kibitz.E005"),
        ({"WORKERS": "2"}, "kibitz.E006"),
        ({"TURN_URLS": "turn:a:1"}, "kibitz.E007"),
        ({"TURN_SECRET": "s"}, "kibitz.E008"),
        ({"GOOGLE_CLIENT_ID": "g"}, "kibitz.E009"),
        ({"OIDC_ISSUER": "https://id.example"}, "kibitz.E010"),
        (
            COMPLETE | {"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "i", "OIDC_CLIENT_SECRET": "s"},
            "kibitz.E011",
        ),
        ({"METRICS_TOKEN": "short"}, "kibitz.E012"),
        (COMPLETE | {"BROKER_RATE": "0"}, "kibitz.W007"),
        (COMPLETE | {"BROKER_SOCKETS_PER_NETWORK": "0"}, "kibitz.W008"),
        (COMPLETE | {"BROKER_MAILBOX_S": "0"}, "kibitz.W009"),
    ],
)
def test_each_dangerous_setting_is_named(environ: Mapping[str, str], identifier: str) -> None:
    assert found(environ) == {identifier}


def test_a_bad_or_missing_value_of_every_setting_is_named() -> None:
    """A setting added without a thought about what may be wrong with it fails here."""
    unreadable = dict.fromkeys(SETTINGS, "\x00")
    half = {"GOOGLE_CLIENT_ID": "g", "OIDC_CLIENT_ID": "i", "TURN_SECRET": "s", "ALLOWED_HOSTS": "*", "SECRET_KEY": "short"}
    told = " ".join(
        f"{message.msg} {message.hint}"
        for environ in (unreadable, PUBLIC, PUBLIC | half)
        for message in findings(read_env(environ))
    )
    assert [name for name in SETTINGS if name not in told] == []
