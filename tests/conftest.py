"""What several tests need: our own server as people start it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ["PATH"]])  # our Node, never the system's

# How fast a machine draws its first examples says nothing about our code; what each property finds does.
settings.register_profile("kibitz", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kibitz")

START_S = 120
"""How long a server may take to answer on a busy machine; a limit for broken starts, not a measurement."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(var: Path, extra: Mapping[str, str] | None = None) -> Iterator[str]:
    """`manage.py serve` with its own var/ folder; yields its origin."""
    with served_process(var, extra) as (_, origin):
        yield origin


@contextmanager
def served_process(var: Path, extra: Mapping[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """As served, with the process."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    environ |= {"PORT": str(port), "KIBITZ_VAR": str(var)} | dict(extra or {})
    with open(var / "server.log", "wb") as log:
        process = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        origin = f"http://localhost:{port}"
        wait_until_up(process, origin, var / "server.log")
        yield process, origin
    finally:
        process.terminate()
        process.wait()


def wait_until_up(process: subprocess.Popen[bytes], origin: str, log: Path) -> None:
    assert answers(origin, lambda: process.poll() is None), f"the server does not answer:\n{log.read_text()}"


def answers(origin: str, is_alive: Callable[[], bool] = lambda: True) -> bool:
    """Whether a server that is starting comes to answer. It is outside of our hands, so this looks again until it does."""
    ends_at = time.monotonic() + START_S
    while time.monotonic() < ends_at and is_alive():
        try:
            with urllib.request.urlopen(f"{origin}/healthz", timeout=1):
                return True
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)  # between two looks; the look decides
    return False


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of a running site with nothing set."""
    with served(tmp_path_factory.mktemp("site")) as origin:
        yield origin
