"""The network between one worker and Redis: a TCP proxy whose answers can be held up, so that nobody knows what was done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cable:
    """Carries bytes both ways; while `is_whole` is clear, what Redis says does not come through."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.is_whole = asyncio.Event()
        self.is_whole.set()
        self.is_there = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._ended: list[asyncio.Event] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_there:
            writer.close()
            return
        self._ended.append(ended := asyncio.Event())
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
            self._writers |= {writer, back}
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(reader, back))
                tasks.create_task(self._pump_when_whole(there, writer))
        ended.set()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                sink.write(data)
        sink.close()

    async def _pump_when_whole(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                await self.is_whole.wait()
                sink.write(data)
        sink.close()

    def cut(self) -> None:
        """Ends what is connected; what connects anew is carried if `is_there`."""
        self.is_whole.set()
        for writer in self._writers:
            writer.close()

    async def close(self) -> None:
        self.cut()
        for ended in self._ended:
            await ended.wait()


@asynccontextmanager
async def cable_to(port: int) -> AsyncIterator[tuple[Cable, str]]:
    """The cable, and the address of Redis through it."""
    cable = Cable(port)
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    try:
        yield cable, f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()
        await cable.close()
