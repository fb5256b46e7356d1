/**
 * The steps of the look-up counters in Redis, each one Lua script: prune, add, count and judge every window atomically, by the
 * clock of the server. Only the `over + 1` latest members of a window are kept, beside what is held, as in memory.
 */
import { DAY_SCRIPT } from './day-script.ts'
import { CHAIN_MEMBERS_MAX } from './lookup-limits.ts'
import { LOSS_SCRIPT } from './loss-script.ts'

/**
 * KEYS, after those of every script: the set of each window. ARGV: for each window its length, threshold, the number of its members,
 * and they. Answer: the count of each, with the members. Nothing is added where a window would pass its threshold by it.
 */
export const RESERVE_SCRIPT = `
${LOSS_SCRIPT}
local now = clock
local answer = { reckoning }
local fits = true
local first = at + 1
at = first
for k = 3, #KEYS do
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
  answer[#answer + 1] = { lost_within(within), count, 0, 0, 0, {} }
  at = at + 3 + members
end
if fits then
  at = first
  for k = 3, #KEYS do
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
 * KEYS, after those of every script: for each window the set of members by their last sighting, the hash of what is known of it, and the hash of chains,
 * which only windows of chains use; of a baseline those that its own script names. ARGV: for each window the number of its groups, 0
 * without a baseline; of one, the offset, days, agent-days, floor, score, days that must be over, of how many, 1 where it only adds up,
 * cool-down, how long it lasts, 1 where it is quiet, who it is in its groups, the number of members, and they. Of others its length, threshold, rearm, cool-down and how long it lasts; 1 where it is quiet; 1 where
 * it holds; the number of its members, and they; the number of what is taken back, and each with its time; 1 where it has
 * chains, and then for each member the number of its neighbours, and they. Answer: what is said of losses, and for each window 1
 * where counts of it were lost, the count, 1 where this call
 * passed the threshold, 1 where it is active, its age in milliseconds, and what was held, each with its time; of a baseline 1 where it
 * is exceeded, and with what it was compared.
 *
 * A held member has half a millisecond in its time, which no other has. A clock that steps back does not take a window back:
 * its time is then that of its newest member.
 */
export const LOOKUP_SCRIPT = `
${LOSS_SCRIPT}
local function list(size)
  local values = {}
  for i = 1, size do values[i] = text() end
  return values
end

local function forget(seen, runs, members)
  for i = 1, #members do
    redis.call('ZREM', seen, members[i])
    redis.call('HDEL', runs, members[i])
  end
end

local function longest(runs)
  local most = 0
  local values = redis.call('HVALS', runs)
  for i = 1, #values do most = math.max(most, tonumber(values[i])) end
  return most
end

local function link(seen, runs, now, member, near)
  local run = tonumber(redis.call('HGET', runs, member) or 0)
  if run == 0 then
    for i = 1, #near do run = math.max(run, tonumber(redis.call('HGET', runs, near[i]) or 0)) end
    redis.call('HSET', runs, member, run + 1)
  end
  redis.call('ZADD', seen, now, member)
  local size = redis.call('ZCARD', seen)
  if size > CHAIN_MEMBERS_MAX then
    forget(seen, runs, redis.call('ZRANGE', seen, 0, size - CHAIN_MEMBERS_MAX - 1))
  end
end

${DAY_SCRIPT}
local function day_window(first, size)
  local groups = {}
  for i = 1, size do groups[i] = { KEYS[first + 2 * i], KEYS[first + 2 * i + 1] } end
  local want = { offset = number(), days = number(), least = number(), floor = number(), over = number(),
    on = number(), of = number(), plain = number() == 1, cooldown = number(), lasts = number(),
    quiet = number() == 1, who = text() }
  want.members = list(number())
  return compare_day(clock, KEYS[first], KEYS[first + 1], groups, want)
end

local function window(seen, known, runs)
  local within, over, rearm, cooldown, lasts = number(), number(), number(), number(), number()
  local quiet, holds = number() == 1, number() == 1
  local members = list(number())
  local dropped = list(2 * number())
  local chains = number() == 1

  local now = clock
  local newest = redis.call('ZRANGE', seen, -1, -1, 'WITHSCORES')
  if newest[2] then now = math.max(now, math.floor(tonumber(newest[2]))) end
  if chains then
    forget(seen, runs, redis.call('ZRANGEBYSCORE', seen, '-inf', now - within))
  else
    redis.call('ZREMRANGEBYSCORE', seen, '-inf', now - within)
  end
  if #dropped > 0 then
    -- What is added for good in the same step was never gone.
    local stays = {}
    for i = 1, #members do stays[members[i]] = true end
    for i = 1, #dropped, 2 do
      local score = redis.call('ZSCORE', seen, dropped[i])
      if score and tonumber(score) == tonumber(dropped[i + 1]) and not stays[dropped[i]] then
        redis.call('ZREM', seen, dropped[i])
      end
    end
  end
  if #dropped > 0 then redis.call('HINCRBY', known, 'held', -#dropped / 2) end
  local size = redis.call('ZCARD', seen)
  local count = size
  if chains then count = longest(runs) end
  if count <= rearm then redis.call('HDEL', known, 'passed') end
  if size == 0 then redis.call('HDEL', known, 'since', 'held') end

  local held = {}
  if chains then
    for i = 1, #members do link(seen, runs, now, members[i], list(number())) end
    if #members > 0 then count = longest(runs) end
  elseif holds then
    for i = 1, count > over and 0 or #members do
      local time = string.format('%.1f', now + 0.5)
      if redis.call('ZADD', seen, 'NX', time, members[i]) == 1 then
        held[#held + 1] = members[i]
        held[#held + 1] = time
      end
    end
    if #held > 0 then redis.call('HINCRBY', known, 'held', #held / 2) end
  else
    -- Lua cannot unpack thousands of values at once.
    for first = 1, #members, 1000 do
      local pairs = {}
      for i = first, math.min(first + 999, #members) do
        pairs[#pairs + 1] = now
        pairs[#pairs + 1] = members[i]
      end
      redis.call('ZADD', seen, unpack(pairs))
    end
  end
  if #members > 0 then
    redis.call('HSETNX', known, 'since', now)
    redis.call('PEXPIRE', seen, within + 1)
    if chains then redis.call('PEXPIRE', runs, within + 1) end
  end
  if not chains then
    count = redis.call('ZCARD', seen)
    -- Beside those that may be taken back, since what they push out would not come back with it.
    local kept = over + 1 + math.max(0, tonumber(redis.call('HGET', known, 'held') or 0))
    -- Not where nothing is too many: a last rank of -1 would be the newest member, and all would go.
    if count > kept then redis.call('ZREMRANGEBYRANK', seen, 0, count - kept - 1) end
  end

  local facts = redis.call('HMGET', known, 'passed', 'until', 'since', 'active')
  local crossed = 0
  if count > over and not quiet and not facts[1] and now >= tonumber(facts[2] or 0) then
    crossed = 1
    redis.call('HSET', known, 'passed', '1', 'until', now + cooldown, 'active', now + lasts)
    facts[4] = now + lasts
  end
  local active = 0
  if count > over or now < tonumber(facts[4] or 0) then active = 1 end
  redis.call('PEXPIRE', known, math.max(within, cooldown, lasts) + 1)
  return { lost_within(within), count, crossed, active, now - tonumber(facts[3] or now), held }
end

local answer = { reckoning }
local k = 3
while k <= #KEYS do
  local size = number()
  if size > 0 then
    answer[#answer + 1] = day_window(k, size)
    k = k + 2 + 2 * size
  else
    answer[#answer + 1] = window(KEYS[k], KEYS[k + 1], KEYS[k + 2])
    k = k + 3
  end
end
return answer
`.replaceAll('CHAIN_MEMBERS_MAX', String(CHAIN_MEMBERS_MAX))
