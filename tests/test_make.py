"""`make run` on a fresh clone, and again: the second start builds nothing and asks no registry."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT, free_port, wait_until_up


def test_once_everything_is_there_make_run_installs_nothing() -> None:
    planned = subprocess.run(["make", "-n", "run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "manage.py serve" in planned
    assert "pip" not in planned
    assert "npm" not in planned


@pytest.mark.slow
@pytest.mark.server
def test_a_fresh_clone_starts_and_starts_again_without_a_network(tmp_path: Path) -> None:
    clone = tmp_path / "kibitz"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    start(clone)
    if not can_unplug():
        pytest.skip("only root with network namespaces can take the network away; the first start was tested")
    again = f"from pathlib import Path; from tests.test_make import start; start(Path({str(clone)!r}))"
    alone = 'ip link set lo up && exec "$0" -c "$1"'  # a network with nothing but this machine itself
    subprocess.run(["unshare", "--net", "sh", "-c", alone, sys.executable, again], cwd=ROOT, check=True)


def can_unplug() -> bool:
    """Whether this machine lets us run something in a network of its own."""
    tried = ["unshare", "--net", "ip", "link", "set", "lo", "up"]
    return (
        bool(shutil.which("unshare") and shutil.which("ip"))
        and subprocess.run(tried, check=False, capture_output=True).returncode == 0
    )


def start(clone: Path) -> None:
    """`make run` there, until its page is served."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "VIRTUAL_ENV", "MAKE"))}
    environ["PATH"] = os.pathsep.join(part for part in environ["PATH"].split(os.pathsep) if not part.startswith(str(ROOT)))
    log = clone.parent / f"start-{port}.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environ | {"PORT": str(port)}, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until_up(process, f"http://localhost:{port}", log)
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=30) as page:
            assert b"Start a room" in page.read()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
