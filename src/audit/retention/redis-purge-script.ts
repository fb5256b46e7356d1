/** Removes entries of all streams at once, so that nobody ever sees a purge half done. */

/**
 * KEYS: the streams, and the hash of holds. ARGV: the names of the holds in force, in any order, since Lua would sort them as
 * the language of its machine does; then for each stream the number of ids that follow, in order, and these. Answer: `purged`; or
 * `held` where other holds are in force by now, or the name of a stream of which a consumer group has not acknowledged the last of
 * them: then nothing was removed.
 */
export const PURGE_SCRIPT = `
local function parts(id)
  local ms, number = string.match(id, '^(%d+)%-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local function before(a, b)
  local ams, anumber = parts(a)
  local bms, bnumber = parts(b)
  return ams < bms or (ams == bms and anumber < bnumber)
end
local holds = table.remove(KEYS)
local known, missing = {}, 0
for name in string.gmatch(ARGV[1], '%S+') do
  known[name] = true
  missing = missing + 1
end
for _, text in ipairs(redis.call('HVALS', holds)) do
  local hold = cjson.decode(text)
  if hold.released == nil then
    if not known[hold.name] then return 'held' end
    missing = missing - 1
  end
end
if missing ~= 0 then return 'held' end
local lists, at = {}, 2
for i, key in ipairs(KEYS) do
  local count = tonumber(ARGV[at])
  lists[i] = { from = at + 1, to = at + count }
  at = at + count + 1
  if count > 0 then
    local last = ARGV[at - 1]
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
      local about = {}
      for j = 1, #group, 2 do about[group[j]] = group[j + 1] end
      local pending = redis.call('XPENDING', key, about['name'])
      if before(about['last-delivered-id'], last) then return key end
      if pending[1] > 0 and not before(last, pending[2]) then return key end
    end
  end
end
for i, key in ipairs(KEYS) do
  for from = lists[i].from, lists[i].to, 1000 do
    redis.call('XDEL', key, unpack(ARGV, from, math.min(from + 999, lists[i].to)))
  end
end
return 'purged'
`
