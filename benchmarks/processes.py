"""What a process on this machine uses, as the kernel counts it (proc(5)). Linux only, as the servers we measure are."""

import os
import resource
from contextlib import suppress
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_LISTENS: Final = "0A"
"""TCP's state in /proc/net/tcp."""


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far, its own and the kernel's on its behalf."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def memory_bytes(pid: int) -> int:
    """What a process holds in memory that is nobody else's: pages of no file. What it shares with others of its kind would count
    for more or less as they come and go."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Anonymous:")) * 1024


def listener(port: int) -> int:
    """The process that listens on a port: the socket's inode, then who has it open."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    inode = next(line[9] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == _LISTENS)
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # a process of somebody else, or gone meanwhile
            if os.readlink(entry) == f"socket:[{inode}]":
                return int(entry.parts[2])
    raise RuntimeError("no process has this socket")


def allow_files(count: int) -> None:
    """Lets this process and those it starts have so many files open; says so where the machine does not allow it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise SystemExit(f"This needs {count} open files and the machine allows {hard} (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


def load() -> str:
    """How busy the machine was over the last 1, 5 and 15 minutes, for people to judge figures by."""
    return "machine's load {:.2f} {:.2f} {:.2f}".format(*os.getloadavg()) + f", {os.cpu_count()} cores"
