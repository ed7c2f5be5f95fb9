"""`make bench`: every benchmark in turn. Each ends with a table of its own ratios, and with 1 where one is below its bar.

Absolute times of a busy machine say little. The broker's takes about five minutes.
"""

import subprocess
import sys
from pathlib import Path

BENCHES = ("wire.py", "broker.py")


def main() -> int:
    here = Path(__file__).resolve().parent
    statuses = [subprocess.call([sys.executable, str(here / bench)], cwd=here.parent) for bench in BENCHES]
    return 1 if any(statuses) else 0


if __name__ == "__main__":
    sys.exit(main())
