"""The server processes: a uvicorn server that sends its clients elsewhere before it ends, and a supervisor of several.

All workers accept from one listening socket, so whoever is free takes the next connection, and one that ends or hangs keeps
none waiting. A worker that is told to stop (SIGTERM) stops accepting, closes its broker sockets with 1012 a few at a time,
and ends; the clients come back to the others with id and token. The supervisor replaces a worker that ended or hangs, so
`kill -TERM` of one worker after the other renews them all without a call noticing.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from multiprocessing import connection, get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import Synchronized
from types import FrameType
from typing import Any, Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from rooms.running import close_running, drain_running, running_hub

HANGING_S: Final = 30.0
"""A worker that did not turn its loop for so long is replaced. Its ids were free long before; its sockets are free then."""

_LOOK_S: Final = 0.2
_log: Final = logging.getLogger("kibitz.serving")
_spawn: Final = get_context("spawn")  # a fresh interpreter: a forked one would share the parent's connections and threads


@dataclass(frozen=True, slots=True)
class Pulse:
    """When a worker last turned its loop (seconds of time.monotonic, shared by all processes), and whose child it is."""

    at: "Synchronized[float]"
    parent: int

    def beat(self) -> None:
        self.at.value = time.monotonic()

    def is_orphan(self) -> bool:
        return os.getppid() != self.parent


class DrainingServer(uvicorn.Server):
    """One server process. drain_s: over how many seconds its broker sockets are closed."""

    def __init__(self, config: uvicorn.Config, drain_s: float, pulse: Pulse | None = None) -> None:
        super().__init__(config)
        self._drain_s = drain_s
        self._pulse = pulse

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await running_hub()
        await super().startup(sockets)

    async def on_tick(self, counter: int) -> bool:
        if self._pulse:
            self._pulse.beat()
            self.should_exit = self.should_exit or self._pulse.is_orphan()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accepts nobody any more, empties the broker, then ends as uvicorn does. A second Ctrl+C ends at once."""
        for server in self.servers:
            server.close()
        draining = asyncio.create_task(drain_running(self._drain_s))
        while not draining.done() and not self.force_exit:
            await asyncio.wait({draining}, timeout=_LOOK_S)
            if self._pulse:
                self._pulse.beat()
        draining.cancel()
        await super().shutdown(sockets)
        await close_running()


def serve(config: uvicorn.Config, workers: int, drain_s: float) -> int:
    """Serves until told to stop; answers the exit status."""
    if workers > 1:
        return Supervisor(config, workers, drain_s).run()
    server = DrainingServer(config, drain_s)
    try:
        server.run()
    except KeyboardInterrupt:  # uvicorn raises the signal again after it ended cleanly
        return 0
    return 0 if server.started else STARTUP_FAILURE


def _work(config: uvicorn.Config, sockets: list[socket.socket], drain_s: float, pulse: Pulse) -> None:
    """A worker process, from its beginning to its end."""
    server = DrainingServer(config, drain_s, pulse)
    try:
        server.run(sockets)
    except KeyboardInterrupt:
        return
    if not server.started:
        sys.exit(STARTUP_FAILURE)


@dataclass(slots=True)
class Worker:
    """A worker process as its supervisor sees it."""

    process: SpawnProcess
    pulse: Pulse

    def hangs(self, now: float) -> bool:
        return now - self.pulse.at.value > HANGING_S


class Supervisor:
    """Keeps a number of workers alive on one listening socket."""

    def __init__(self, config: uvicorn.Config, workers: int, drain_s: float) -> None:
        self._config = config
        self._drain_s = drain_s
        self._count = workers
        self._workers: list[Worker] = []
        self._is_stopping = False
        self._status = 0

    def run(self) -> int:
        """Until SIGTERM or SIGINT, or until a worker cannot start; answers the exit status."""
        listening = [self._config.bind_socket()]
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._is_stopping:
            while len(self._workers) < self._count:
                self._workers.append(self._start(listening))
            connection.wait([worker.process.sentinel for worker in self._workers], timeout=_LOOK_S)
            self._look_after()
        for open_socket in listening:  # or connections would wait in it for nobody
            open_socket.close()
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
        return self._status

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _start(self, listening: list[socket.socket]) -> Worker:
        pulse = Pulse(_spawn.Value("d", time.monotonic(), lock=False), os.getpid())
        arguments: tuple[Any, ...] = (self._config, listening, self._drain_s, pulse)
        process = _spawn.Process(target=_work, args=arguments)
        process.start()
        return Worker(process, pulse)

    def _look_after(self) -> None:
        """Lets go of the workers that ended, and ends those that hang."""
        for worker in list(self._workers):
            if worker.process.is_alive() and worker.hangs(time.monotonic()):
                _log.error("A server process hangs and is ended.")
                worker.process.kill()
                worker.process.join()
            if worker.process.is_alive():
                continue
            self._workers.remove(worker)
            if worker.process.exitcode == STARTUP_FAILURE:
                _log.error("A server process cannot start, so none will.")
                self._is_stopping, self._status = True, STARTUP_FAILURE
            elif not self._is_stopping:
                _log.warning("A server process ended; another takes its place.")
