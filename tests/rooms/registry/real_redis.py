"""A real Redis server that a test may stop, freeze and start again, always at the same port and empty after a stop."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import free_port


class RealRedis:
    """inside: how to run a program at the host; nothing for this machine itself."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", inside: tuple[str, ...] = ()) -> None:
        self.host = host
        self.port = free_port()
        self.url = f"redis://{host}:{self.port}/0"
        self._folder = folder
        self._inside = inside
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        where = ["--port", str(self.port), "--bind", self.host, "--protected-mode", "no", "--dir", str(self._folder)]
        command = [*self._inside, "redis-server", *where, "--save", ""]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert any("Ready to accept connections" in line for line in self._process.stdout)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections, takes new ones and answers nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def real_redis(folder: Path, host: str = "127.0.0.1", inside: tuple[str, ...] = ()) -> Iterator[RealRedis]:
    redis = RealRedis(folder, host, inside)
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()
