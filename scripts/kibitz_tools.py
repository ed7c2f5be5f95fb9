"""What the scripts behind `make` share: where things are, and running one step after another with a plain report."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = ROOT / ".venv" / "bin"
NPX: Final = str(BIN / "npx")


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a list of checks. Names are what people see."""

    name: str
    command: Sequence[str]


def run_all(steps: Sequence[Step]) -> bool:
    """Runs every step, even after one fails, and shows the output of those that fail. True if all passed."""
    all_passed = True
    for step in steps:
        started = time.monotonic()
        done = subprocess.run(step.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        passed = done.returncode == 0
        all_passed = all_passed and passed
        say(f"{'ok  ' if passed else 'FAIL'} {step.name} ({time.monotonic() - started:.1f} s)")
        if not passed:
            say(done.stdout)
    return all_passed


def say(text: str) -> None:
    """To whoever started the command."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
