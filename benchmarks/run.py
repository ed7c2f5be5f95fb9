"""`make bench`: every benchmark in turn. Each prints its own ratios; absolute times of a busy machine say little."""

import subprocess
import sys
from pathlib import Path

BENCHES = ("wire.py", "broker.py")


def main() -> int:
    here = Path(__file__).resolve().parent
    return max(subprocess.call([sys.executable, str(here / bench)], cwd=here.parent) for bench in BENCHES)


if __name__ == "__main__":
    sys.exit(main())
