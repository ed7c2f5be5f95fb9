"""`make lock`: renews the lock files. They carry hashes and no download addresses.

uv resolves for every platform at once; it is fetched into a throw-away environment, nothing else here needs it.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from kibitz_tools import BIN, ROOT

UV = "uv==0.13.9"
SETS = {
    "requirements/run.txt": ["--extra", "site", "--group", "build"],
    "requirements/dev.txt": ["--extra", "site", "--group", "build", "--group", "dev", "-c", "requirements/run.txt"],
}


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        tools = Path(place) / "bin"
        subprocess.run([tools / "pip", "install", "--quiet", UV], check=True)
        for lock, wanted in SETS.items():
            command = [str(tools / "uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
            command += ["--generate-hashes", "--no-emit-index-url", "--no-annotate", "pyproject.toml", *wanted, "-o", lock]
            env = {**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "make lock"}
            subprocess.run(command, cwd=ROOT, env=env, check=True)
    return subprocess.call([BIN / "npm", "install", "--package-lock-only"], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
