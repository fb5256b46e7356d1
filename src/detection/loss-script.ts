/**
 * The beginning of each script of the look-up counters: tells whether Redis still has what it was told. Two things stand there beside
 * the counts: an epoch, which goes with them where all are lost, and for each instance the number of its steps, which goes
 * back where a replica took over that had not heard of all, or where Redis came back from an older state of its disk.
 *
 * KEYS: the epoch, and the steps of this instance. ARGV: the epoch and the number of steps that this instance was told last, and when;
 * one for a new epoch, should it be needed. What follows takes its keys from the third on.
 */

/** What is lost is a moment up to this, and told; what is lost of more makes windows unknown. */
export const MOMENT_MS = 5_000
/** Steps of an instance that takes none for so long are forgotten. */
const STEPS_KEPT_MS = 86_400_000

export const LOSS_SCRIPT = `
local clock = redis.call('TIME')
clock = clock[1] * 1000 + math.floor(clock[2] / 1000)
local at = 0
local function text()
  at = at + 1
  return ARGV[at]
end
local function number() return tonumber(text()) end

-- Epoch, steps, time, how many steps are gone, 1 where windows are not known any more by it, 1 where counting begins, 1 where all is gone.
local function reckon(epoch, own)
  local known, known_steps, known_at, new = text(), number(), number(), text()
  -- A full Redis takes this write, which frees memory if anything, and then the other ones of the script.
  redis.call('PERSIST', epoch)
  local facts = redis.call('HMGET', epoch, 'id', 'accepted', 'lost')
  local id, fresh = facts[1], 0
  if not id then
    id = new
    fresh = 1
    redis.call('HSET', epoch, 'id', id)
  end
  local before = redis.call('HMGET', own, 'steps', 'at')
  local steps, gone, begins = tonumber(before[1] or 0), 0, 0
  if known ~= '' and known ~= id then
    -- All is gone. Who comes later with an old epoch does not say so again: what has been counted since then is known.
    gone = known_steps
    if not facts[2] and not facts[3] then begins = 1 end
  elseif known_steps > steps and clock - known_at < STEPS_KEPT_MS then
    gone = known_steps - steps
    if not before[2] or known_at - tonumber(before[2]) > MOMENT_MS then begins = 1 end
  end
  if begins == 1 then
    redis.call('HDEL', epoch, 'accepted')
    redis.call('HSET', epoch, 'lost', clock)
  end
  steps = math.max(steps, known_steps) + 1
  redis.call('HSET', own, 'steps', steps, 'at', clock)
  redis.call('PEXPIRE', own, STEPS_KEPT_MS)
  return { id, steps, clock, gone, begins, fresh, known ~= '' and known ~= id and 1 or 0 }
end

local reckoning = reckon(KEYS[1], KEYS[2])
local lost = tonumber(redis.call('HGET', KEYS[1], 'lost') or '-inf')

-- 1 where counts were lost within the window.
local function lost_within(within) return clock - lost < within and 1 or 0 end
`
  .replaceAll('MOMENT_MS', String(MOMENT_MS))
  .replaceAll('STEPS_KEPT_MS', String(STEPS_KEPT_MS))
