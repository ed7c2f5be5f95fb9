"""The network between one worker and Redis: a TCP proxy whose answers can be held up, so that nobody knows what was done, and
which can swallow everything, as a network does that is cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cable:
    """Carries bytes both ways. While `is_whole` is clear, what Redis says does not come through. While `is_hole` is true,
    nothing comes through and nothing is closed; what is lost that way stays lost, so `mend` ends those connections."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self.is_whole = asyncio.Event()
        self.is_whole.set()
        self.is_there = True
        self.is_hole = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._ended: list[asyncio.Event] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_there:
            writer.close()
            return
        self._ended.append(ended := asyncio.Event())
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection(*self._address)
        except OSError:
            writer.close()
        else:
            self._writers.add(back)
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer, self.is_whole))
        ended.set()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, gate: asyncio.Event | None = None) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                if gate is not None:
                    await gate.wait()
                if not self.is_hole:
                    sink.write(data)
        if not self.is_hole:
            sink.close()

    def cut(self) -> None:
        """Ends what is connected; what connects anew is carried if `is_there`."""
        self.is_whole.set()
        for writer in self._writers:
            writer.close()

    def mend(self) -> None:
        """No hole any more."""
        self.is_hole = False
        self.cut()

    async def close(self) -> None:
        self.mend()
        for ended in self._ended:
            await ended.wait()


@asynccontextmanager
async def cable_to(port: int, host: str = "127.0.0.1") -> AsyncIterator[tuple[Cable, str]]:
    """The cable, and the address of Redis through it."""
    cable = Cable(host, port)
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    try:
        yield cable, f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()
        await cable.close()
