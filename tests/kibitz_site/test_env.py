import pytest

from kibitz_site.env import LOOPBACK_HOSTS, SETTINGS, read_env


def test_nothing_set_is_one_local_process() -> None:
    env = read_env({})
    assert env.site_url == "http://localhost:8000"
    assert env.is_local
    assert not env.is_secure
    assert "localhost" in env.allowed_hosts
    assert env.problems == ()


def test_blank_counts_as_absent() -> None:
    assert read_env({"PORT": "  ", "SITE_URL": ""}) == read_env({})


def test_a_public_site_answers_to_its_own_name_only() -> None:
    env = read_env({"SITE_URL": "https://call.example/"})
    assert env.site_url == "https://call.example"
    assert set(env.allowed_hosts) == {"call.example", *LOOPBACK_HOSTS}
    assert env.is_secure


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "٣"),
        ("SITE_URL", "call.example"),
        ("SITE_URL", "https://call.example/path"),
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "mysql://x/y"),
        ("REDIS_URL", "http://redis"),
        ("WORKERS", "-1"),
        ("STUN_URLS", "turn:x"),
        ("TURN_URLS", "turn:"),
        ("EMAIL_URL", "mail.example"),
        ("BROKER_RATE", "fast"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_default_stands(name: str, value: str) -> None:
    env = read_env({name: value})
    assert [problem.name for problem in env.problems] == [name]
    assert env[name] == SETTINGS[name].standard


def test_lists_are_trimmed() -> None:
    assert read_env({"TURN_URLS": " turn:a:1 , turns:b:2,"})["TURN_URLS"] == ("turn:a:1", "turns:b:2")
