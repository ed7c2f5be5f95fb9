"""What the registry asks of Redis. Each script is one atomic step: nothing else happens in Redis while it runs.

Keys, none of which says anything about who talks to whom beyond the ids themselves:

    kbz:id:<peer id>     "<worker> <token>", who holds an id; renewed by its worker
    kbz:lost:<peer id>   its socket went without a goodbye a moment ago
    kbz:worker:<worker>  that worker lives; a worker without it may be robbed of its ids
    kbz:to:<worker>      the channel it listens to
    kbz:fleet            some worker was here lately
    kbz:settling         Redis came back empty a moment ago, and workers are still telling it what they hold

Limit: keys are computed inside the scripts, so Redis Cluster does not serve (one Redis, with replicas if wanted, does).
"""

import hashlib
from typing import Final

from rooms.registry.resp import RawCommand

CLAIM: Final = """
local worker, token, id, id_ms, moved = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('EXISTS', 'kbz:worker:' .. worker) == 0 then return 'unsure' end
local held = redis.call('GET', 'kbz:id:' .. id)
if held then
  local holder, its_token = string.match(held, '^(%S+) (.*)$')
  if its_token ~= token and redis.call('EXISTS', 'kbz:worker:' .. holder) == 1 then return 'taken' end
  if holder ~= worker then redis.call('PUBLISH', 'kbz:to:' .. holder, moved) end
elseif redis.call('EXISTS', 'kbz:settling') == 1 then
  return 'unsure'
end
redis.call('SET', 'kbz:id:' .. id, worker .. ' ' .. token, 'PX', id_ms)
redis.call('DEL', 'kbz:lost:' .. id)
return 'held'
"""
"""The election. An id that is free, held by a dead worker, or held with the same token is the claimer's now; a former holder
is told. A claimer whose own life lapsed gets nothing, since others could take it away at once."""

RELEASE: Final = """
local id, value, lost_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('GET', 'kbz:id:' .. id) ~= value then return 0 end
redis.call('DEL', 'kbz:id:' .. id)
if lost_ms > 0 then redis.call('SET', 'kbz:lost:' .. id, '1', 'PX', lost_ms) end
return 1
"""
"""Gives an id back, unless somebody else holds it. lost_ms: how long frames wait for it elsewhere, 0 for not at all."""

RENEW: Final = """
local lost = {}
for i = 2, #ARGV, 2 do
  local key = 'kbz:id:' .. ARGV[i]
  local held = redis.call('GET', key)
  if held == ARGV[i + 1] then
    redis.call('PEXPIRE', key, ARGV[1])
  elseif not held then
    redis.call('SET', key, ARGV[i + 1], 'PX', ARGV[1])
  else
    lost[#lost + 1] = (i - 2) / 2
  end
end
return lost
"""
"""Renews ids, and tells Redis again of those it forgot. Answers the places of those that somebody else holds by now."""

ROUTE: Final = """
local head, workers, loads, said = ARGV[1], {}, {}, {}
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  if workers[id] == nil then
    local held = redis.call('GET', 'kbz:id:' .. id)
    workers[id] = held and string.match(held, '^%S+') or redis.call('EXISTS', 'kbz:lost:' .. id, 'kbz:settling')
  end
  local worker = workers[id]
  said[i / 2] = worker
  if type(worker) == 'string' then
    loads[worker] = loads[worker] or {}
    table.insert(loads[worker], i)
  end
end
for worker, load in pairs(loads) do
  local parts = {head, '\\220', string.char(math.floor(#load / 256), #load % 256)}
  for _, i in ipairs(load) do table.insert(parts, ARGV[i + 1]) end
  if redis.call('PUBLISH', 'kbz:to:' .. worker, table.concat(parts)) == 0 then
    for _, i in ipairs(load) do said[i / 2] = 1 end
  end
end
return said
"""
"""Brings frames to the workers that hold their ids, one message for each worker: the envelope's head, then MessagePack's
array16 header (0xdc, two bytes of length), then the frames. Answers for each frame the worker it went to; or 0 if nobody has
its id, more than 0 if that may be about to come back. A worker that does not listen is gone, and its clients come back."""

LOCATE: Final = """
local there = {}
for i, id in ipairs(ARGV) do
  local held = redis.call('GET', 'kbz:id:' .. id)
  if held then
    local listeners = redis.call('PUBSUB', 'NUMSUB', 'kbz:to:' .. string.match(held, '^%S+'))
    if tonumber(listeners[2]) > 0 then table.insert(there, i - 1) end
  end
end
return there
"""
"""Answers the places of the ids that a listening worker holds."""

HEARTBEAT: Final = """
local worker, worker_ms, has_past, fleet_ms, settle_ms, message = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local key = 'kbz:worker:' .. worker
local lived = redis.call('SET', key, '1', 'PX', worker_ms, 'XX')
if not lived then redis.call('SET', key, '1', 'PX', worker_ms) end
if redis.call('PEXPIRE', 'kbz:fleet', fleet_ms) == 0 then
  redis.call('SET', 'kbz:fleet', '1', 'PX', fleet_ms)
  if has_past == '1' then redis.call('SET', 'kbz:settling', '1', 'PX', settle_ms) end
end
redis.call('PUBLISH', 'kbz:to:' .. worker, message)
return lived and 1 or 0
"""
"""The worker lives, and hears itself on its channel. Answers 0 if its life had lapsed, so that its ids may be gone.
has_past: it was here before; if Redis knows of no fleet then, Redis lost what it knew."""

SCRIPTS: Final = (CLAIM, RELEASE, RENEW, ROUTE, LOCATE, HEARTBEAT)


def call(script: str, *arguments: str | bytes | int) -> RawCommand:
    """The command that runs a script which Redis was given before. Whole numbers go as text."""
    return ("EVALSHA", _digests[script], "0", *(str(part) if isinstance(part, int) else part for part in arguments))


_digests: Final = {script: hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest() for script in SCRIPTS}
