"""`make dev`: the server restarts and the scripts rebuild when a file changes; one Ctrl+C ends both."""

import subprocess
import sys

from kibitz_tools import NPX, ROOT


def main() -> int:
    with subprocess.Popen([NPX, "vite", "build", "--watch", "--logLevel", "warn"], cwd=ROOT) as build:
        try:
            return subprocess.call([sys.executable, "manage.py", "serve", "--reload"], cwd=ROOT)
        except KeyboardInterrupt:
            return 0
        finally:
            build.terminate()


if __name__ == "__main__":
    sys.exit(main())
