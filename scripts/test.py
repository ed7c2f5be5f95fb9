"""`make test` and `make test-fast`: both languages, and one closing line over all of them.

The fast set needs no browser and no server. The full set adds the real ones: Chromium, Firefox, Redis, PostgreSQL and
coturn come from the system's packages when we may install them, else this says exactly what to install.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kibitz_tools import NPX, ROOT, say

POSTGRES_BIN: Final = "/usr/lib/postgresql/*/bin"


@dataclass(frozen=True, slots=True)
class Need:
    """A program the full set starts: its names, and Debian's package."""

    programs: Sequence[str]
    package: str

    def is_met(self) -> bool:
        return any(shutil.which(name) or list(Path("/").glob(f"{POSTGRES_BIN}/{name}".lstrip("/"))) for name in self.programs)


NEEDS: Final = (
    Need(("chromium", "chromium-browser", "google-chrome"), "chromium"),
    Need(("firefox-esr", "firefox"), "firefox-esr"),
    Need(("redis-server",), "redis-server"),
    Need(("turnserver",), "coturn"),
    Need(("initdb",), "postgresql"),
)


@dataclass(frozen=True, slots=True)
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def main(arguments: Sequence[str]) -> int:
    is_fast = "--fast" in arguments
    if not is_fast and not install_needs():
        return 1
    with tempfile.TemporaryDirectory() as place:
        runs = fast_runs(Path(place)) if is_fast else fast_runs(Path(place)) + slow_runs(Path(place))
        results = [run(command) for command, _ in runs]
        total = sum((count(report) for _, report in runs), Count())
    broken = [result for result in results if result != 0]
    if broken and not total.failed:  # a runner that broke before its tests counts as a failure
        total += Count(failed=len(broken))
    say(str(total))
    return 1 if total.failed or not total.passed else 0


def fast_runs(place: Path) -> list[tuple[list[str], Path]]:
    """Commands and the reports they write."""
    python, typescript = place / "python.xml", place / "typescript.xml"
    return [
        (pytest(python, "-n", "2", "-m", "not (slow or server or browser)"), python),
        ([NPX, "vitest", "run", "--reporter=default", "--reporter=junit", f"--outputFile.junit={typescript}"], typescript),
    ]


def slow_runs(place: Path) -> list[tuple[list[str], Path]]:
    """Browsers run on their own: one browser suite at a time, and their driver keeps an event loop of its own."""
    servers, browsers = place / "servers.xml", place / "browsers.xml"
    return [
        (pytest(servers, "-n", "2", "-m", "(slow or server) and not browser"), servers),
        (pytest(browsers, "-m", "browser"), browsers),
    ]


def pytest(report: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]


def run(command: Sequence[str]) -> int:
    return subprocess.call(command, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"})


def count(report: Path) -> Count:
    """The tests of a JUnit report; none if the runner wrote none."""
    if not report.exists():
        return Count()
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314  # written by our own runner just now
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return Count(len(cases) - failed - skipped, failed, skipped)


def install_needs() -> bool:
    """Whether every program is there, after installing what we may."""
    missing = [need.package for need in NEEDS if not need.is_met()]
    if missing and os.geteuid() == 0 and Path("/usr/bin/apt-get").exists():
        say(f"Installing {', '.join(missing)}")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            subprocess.run(["/usr/bin/apt-get", *step], env=env, check=False, stdout=subprocess.DEVNULL)
        missing = [need.package for need in NEEDS if not need.is_met()]
    if missing:
        say(f"The tests need {', '.join(missing)}. On Debian or Ubuntu: sudo apt-get install {' '.join(missing)}")
    return not missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
