"""A process that claims many ids many times at once, for the race: `python -m tests.rooms.registry.claimer URL IDS TIMES`.

Says "ready", waits for a line, claims, and answers how often it got each id, and how often it was refused.
"""

import asyncio
import json
import os
import sys
from collections import Counter

from rooms.registry.commands import Timing
from rooms.registry.port import Outcome
from tests.rooms.registry.workers import Worker


async def claim_all(url: str, ids: int, times: int) -> None:
    worker = Worker(url, Timing())
    await worker.registry.open(worker)
    print("ready", flush=True)  # noqa: T201  # its parent reads this
    sys.stdin.readline()
    wanted = [(f"room-{number}", f"{os.getpid()}-{time}") for time in range(times) for number in range(ids)]
    outcomes = await asyncio.gather(*(worker.asked(peer_id, token) for peer_id, token in wanted))
    won = Counter(peer_id for (peer_id, _), outcome in zip(wanted, outcomes, strict=True) if outcome is Outcome.HELD)
    print(json.dumps({"won": won, "taken": outcomes.count(Outcome.TAKEN)}), flush=True)  # noqa: T201  # as above
    sys.stdin.readline()  # it holds what it won until all have counted


if __name__ == "__main__":
    asyncio.run(claim_all(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
