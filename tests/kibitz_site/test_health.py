"""`/readyz` against the real database and the real Redis, and what it says when one is gone."""

import getpass
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import ROOT, free_port, served

pytestmark = pytest.mark.server


def ready(origin: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"{origin}/readyz", timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read())


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if "Ready to accept connections" in line:
                break
        try:
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def postgres_server() -> Iterator[str]:
    """A cluster of its own. PostgreSQL refuses to run as root, so root hands it to the user `postgres`.

    Its folder is outside of pytest's, which other runs close to other users while this one goes on.
    """
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path(shutil.which("initdb") or "/usr/bin/initdb").parent)
    port = free_port()
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    user = "postgres" if as_user else getpass.getuser()
    with TemporaryDirectory(prefix="kibitz-postgres-") as made:
        folder = Path(made)
        if as_user:
            shutil.chown(folder, "postgres")
        data = folder / "data"
        control = [*as_user, str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
        subprocess.run(
            [*as_user, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", user],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        subprocess.run(
            [*control, "-o", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1", "start"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        try:
            yield f"postgres://{user}@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)


def test_nothing_set_is_ready(site: str) -> None:
    assert ready(site) == (200, {"ok": True, "database": "ok", "redis": "not used", "key": "ok"})


def test_the_process_answers_whatever_it_lacks(site: str) -> None:
    with urllib.request.urlopen(f"{site}/healthz", timeout=30) as answer:
        assert json.loads(answer.read()) == {"ok": True}


def test_a_database_behind_the_code_is_not_ready(tmp_path: Path) -> None:
    with served(tmp_path) as origin, closing(sqlite3.connect(tmp_path / "kibitz.sqlite3")) as database:
        database.execute("DELETE FROM django_migrations WHERE app = 'auth' AND name LIKE '0012%'")
        database.commit()
        assert ready(origin) == (503, {"ok": False, "database": "migrations pending", "redis": "not used", "key": "ok"})


def test_a_key_that_the_next_start_would_not_find_is_not_ready(tmp_path: Path) -> None:
    with served(tmp_path) as origin:
        (tmp_path / "secret-key").write_text("another")
        assert ready(origin) == (503, {"ok": False, "database": "ok", "redis": "not used", "key": "kept key was changed"})
        (tmp_path / "secret-key").unlink()
        assert ready(origin) == (503, {"ok": False, "database": "ok", "redis": "not used", "key": "kept key is gone"})


def test_postgresql_and_redis_are_used_and_missed(tmp_path_factory: pytest.TempPathFactory) -> None:
    folders = [tmp_path_factory.mktemp(name) for name in ("site", "redis")]
    with postgres_server() as database:
        with redis_server(folders[1]) as cache:
            settings = {"DATABASE_URL": database, "REDIS_URL": cache}
            with served(folders[0], settings) as origin:
                assert ready(origin) == (200, {"ok": True, "database": "ok", "redis": "ok", "key": "ok"})
        with served(folders[0], settings) as origin:
            assert ready(origin) == (503, {"ok": False, "database": "ok", "redis": "unreachable", "key": "ok"})


def test_a_start_with_a_dangerous_setting_says_why(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "KIBITZ_VAR": str(tmp_path), "SITE_URL": "http://call.example"}
    done = subprocess.run(
        [sys.executable, "manage.py", "serve"], env=environ, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "kibitz.E003" in done.stderr
    assert "Use https." in done.stderr
