"""A network namespace of the test's own, joined to the machine by a pair of virtual cards, so that its network can be cut for
real: nobody is told, packets only do not arrive any more. Needs root and iproute2."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


class Namespace:
    """host: the address of what runs inside. inside: how to run a program there."""

    def __init__(self) -> None:
        self.name = f"kbz{os.getpid()}"
        network = f"198.18.{os.getpid() % 256}"  # for tests of networks (RFC 2544, C.2.2): nothing real has it
        self.host = f"{network}.2"
        self.inside = ("ip", "netns", "exec", self.name)
        self._inner_card, outer_card = f"{self.name}i", f"{self.name}o"
        _ip("netns", "add", self.name)
        _ip("link", "add", outer_card, "type", "veth", "peer", "name", self._inner_card, "netns", self.name)
        _ip("address", "add", f"{network}.1/30", "dev", outer_card)
        _ip("link", "set", outer_card, "up")
        _ip("-n", self.name, "address", "add", f"{self.host}/30", "dev", self._inner_card)
        self.mend()

    def cut(self) -> None:
        _ip("-n", self.name, "link", "set", self._inner_card, "down")

    def mend(self) -> None:
        _ip("-n", self.name, "link", "set", self._inner_card, "up")

    def close(self) -> None:
        _ip("netns", "delete", self.name)


@contextmanager
def namespace() -> Iterator[Namespace | None]:
    """None where this user may not make any."""
    if os.geteuid() or not shutil.which("ip") or not _may_make_some():
        yield None
        return
    made = Namespace()
    try:
        yield made
    finally:
        made.close()


def _may_make_some() -> bool:
    """Root of a container may not be allowed to."""
    name = f"kbz{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True)
    if tried.returncode == 0:
        _ip("netns", "delete", name)
    return tried.returncode == 0


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
