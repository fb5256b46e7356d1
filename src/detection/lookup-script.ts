/**
 * The steps of the look-up counters in Redis, each one Lua script: prune, add, count and judge every window atomically, by the
 * clock of the server. Two keys a window: a sorted set of members by their last sighting, and the mark that the threshold
 * was passed. Only the `over + 1` latest members are kept, as in memory.
 */

/** KEYS, ARGV and answer as for {@link LOOKUP_SCRIPT}; nothing is added where a window would pass its threshold by it. */
export const RESERVE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}
local fits = true
local at = 1
for k = 1, #KEYS, 2 do
  local seen = KEYS[k]
  local within, over, members = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  redis.call('ZREMRANGEBYSCORE', seen, '-inf', now - within)
  local count = redis.call('ZCARD', seen)
  local new = {}
  for i = at + 3, at + 2 + members do
    if not new[ARGV[i]] and not redis.call('ZSCORE', seen, ARGV[i]) then
      new[ARGV[i]] = true
      count = count + 1
    end
  end
  if count > over then fits = false end
  answer[#answer + 1] = count
  answer[#answer + 1] = 0
  at = at + 3 + members
end
if fits then
  at = 1
  for k = 1, #KEYS, 2 do
    local seen = KEYS[k]
    local within, members = tonumber(ARGV[at]), tonumber(ARGV[at + 2])
    for i = at + 3, at + 2 + members do redis.call('ZADD', seen, now, ARGV[i]) end
    if members > 0 then redis.call('PEXPIRE', seen, within) end
    at = at + 3 + members
  end
end
return answer
`

/**
 * KEYS: for each window the set and the mark. ARGV: for each window its length in milliseconds, its threshold, the number
 * of its members, the members. Answer: for each window the count, and 1 where this call passed the threshold.
 */
export const LOOKUP_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}
local at = 1
for k = 1, #KEYS, 2 do
  local seen, mark = KEYS[k], KEYS[k + 1]
  local within, over, members = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  at = at + 3
  redis.call('ZREMRANGEBYSCORE', seen, '-inf', now - within)
  if redis.call('ZCARD', seen) <= over then redis.call('DEL', mark) end
  local last = at + members - 1
  while at <= last do
    local pairs = {}
    -- Lua cannot unpack thousands of values at once.
    local stop = math.min(at + 999, last)
    for i = at, stop do
      pairs[#pairs + 1] = now
      pairs[#pairs + 1] = ARGV[i]
    end
    redis.call('ZADD', seen, unpack(pairs))
    at = stop + 1
  end
  local count = redis.call('ZCARD', seen)
  local crossed = 0
  if count > over then
    if redis.call('SET', mark, '1', 'NX', 'PX', within) then
      crossed = 1
    else
      redis.call('PEXPIRE', mark, within)
    end
    -- Not where nothing is too many: a last rank of -1 would be the newest member, and all would go.
    if count > over + 1 then redis.call('ZREMRANGEBYRANK', seen, 0, count - over - 2) end
  end
  if members > 0 then redis.call('PEXPIRE', seen, within) end
  answer[#answer + 1] = count
  answer[#answer + 1] = crossed
end
return answer
`
