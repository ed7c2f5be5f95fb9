"""The layers of docs/architecture.md are enforced: each contract is broken once in a copy of the sources, and fails."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources that the contracts speak of."""
    for folder in ("kibitz", "kibitz_site", "rooms", "widget"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tsconfig.base.json", "tsconfig.pure.json", "package.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def contracts_of(copy: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "lint-imports"), "--no-cache"]
    return subprocess.run(
        command, cwd=copy, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(copy), "PATH": "/usr/bin:/bin"}
    )


def prepend(path: Path, line: str) -> None:
    path.write_text(f"{line}\n{path.read_text()}")


def test_the_contracts_hold_as_we_are(copy: Path) -> None:
    done = contracts_of(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("broken", "line", "contract"),
    [
        ("kibitz/wire/rooms.py", "import rooms", "The library knows nothing of the site"),
        ("kibitz/wire/tokens.py", "import django.conf", "The library knows nothing of the site"),
        ("kibitz/wire/values.py", "import time", "The wire does no I/O"),
        ("rooms/broker/session.py", "import rooms.consumers", "The broker's session is pure"),
        ("rooms/broker/session.py", "import random", "The broker's session is pure"),
        ("rooms/views.py", "import kibitz_site.pages", "Shells over core over wire"),
        ("rooms/broker/__init__.py", "import rooms.views", "Inside rooms"),
        ("rooms/websockets/port.py", "import rooms.hub", "Inside rooms"),
        ("rooms/websockets/frame_writer.py", "import rooms.registry.port", "Inside rooms"),
        ("rooms/registry/session.py", "import rooms.websockets.port", "Inside rooms"),
    ],
)
def test_breaking_a_layer_fails(copy: Path, broken: str, line: str, contract: str) -> None:
    prepend(copy / broken, line)
    done = contracts_of(copy)
    assert done.returncode == 1
    assert any(contract in told and "BROKEN" in told for told in done.stdout.splitlines()), done.stdout


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("widget/src/wire/rooms.ts", "export const here = document.title"),
        ("widget/src/core/seats.ts", "export const soon = setTimeout(() => {}, 1)"),
        ("widget/src/core/seats.ts", "export { browserClock } from '../adapters/clock.ts'"),
    ],
)
def test_the_pure_typescript_knows_no_page(copy: Path, broken: str, line: str) -> None:
    prepend(copy / broken, line)
    command = [str(BIN / "npx"), "tsc", "-p", "tsconfig.pure.json"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, env={"PATH": f"{BIN}:/usr/bin:/bin"})
    assert done.returncode != 0
    assert Path(broken).name in done.stdout or "clock.ts" in done.stdout
