import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.rooms.registry.real_redis import RealRedis, real_redis
from tests.rooms.registry.workers import until


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RealRedis]:
    with real_redis(tmp_path) as running:
        yield running


@pytest.fixture
async def nothing_left_running() -> AsyncIterator[None]:
    """A registry that was closed leaves no task behind."""
    yield
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
