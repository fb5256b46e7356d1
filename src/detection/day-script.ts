/**
 * The part of the script of the look-up counters that compares the count of a day with those of others. For each such window
 * KEYS has the set of the day's members and the hash of what is known of it, and for each group the hash of today and that of the
 * past. Of a group's past days each is one text, ` who=count who=count`, and `all` is how often each count occurs.
 */
import { DAY_COUNT_MAX, DAY_MEMBERS_MAX, GROUP_MEMBERS_MAX } from './lookup-limits.ts'

export const DAY_SCRIPT = `
local DAY = 86400000

local function turn(today, past, day, days)
  local open = tonumber(redis.call('HGET', today, 'day') or day)
  if open == day then
    redis.call('HSETNX', today, 'day', day)
    return
  end
  local counts = redis.call('HGETALL', today)
  local texts = redis.call('HGETALL', past)
  local kept = {}
  local closed = {}
  for i = 1, #counts, 2 do
    if counts[i] ~= 'day' then closed[#closed + 1] = ' ' .. counts[i] .. '=' .. counts[i + 1] end
  end
  if open < day and #closed > 0 then
    texts[#texts + 1] = tostring(open)
    texts[#texts + 1] = table.concat(closed)
  end
  local times = {}
  for i = 1, #texts, 2 do
    local one = tonumber(texts[i])
    if one and one < day and one >= day - days then
      kept[#kept + 1] = texts[i]
      kept[#kept + 1] = texts[i + 1]
      for count in string.gmatch(texts[i + 1], '=(%d+)') do times[count] = (times[count] or 0) + 1 end
    end
  end
  local all = {}
  for count, often in pairs(times) do all[#all + 1] = count .. ':' .. often end
  redis.call('DEL', today, past)
  redis.call('HSET', today, 'day', day)
  if #kept > 0 then redis.call('HSET', past, 'all', table.concat(all, ' '), unpack(kept)) end
end

local function middle(list, size)
  table.sort(list, function(a, b) return a[1] < b[1] end)
  local low, high = math.floor((size + 1) / 2), math.ceil((size + 1) / 2)
  local seen, first = 0, nil
  for i = 1, #list do
    seen = seen + list[i][2]
    if not first and seen >= low then first = list[i][1] end
    if seen >= high then return (first + list[i][1]) / 2 end
  end
end

-- Median, MAD and number of what others counted on past days, as one text.
local function scale(past, who)
  local texts = redis.call('HGETALL', past)
  local own, all = {}, ''
  for i = 1, #texts, 2 do
    if texts[i] == 'all' then
      all = texts[i + 1]
    else
      local _, to = string.find(texts[i + 1], ' ' .. who .. '=', 1, true)
      if to then
        local count = string.match(texts[i + 1], '^%d+', to + 1)
        own[count] = (own[count] or 0) + 1
      end
    end
  end
  local values, size = {}, 0
  for count, often in string.gmatch(all, '(%d+):(%d+)') do
    local others = tonumber(often) - (own[count] or 0)
    if others > 0 then
      values[#values + 1] = { tonumber(count), others }
      size = size + others
    end
  end
  if size == 0 then return '0 0 0' end
  local median = middle(values, size)
  for i = 1, #values do values[i][1] = math.abs(values[i][1] - median) end
  return string.format('%.17g %.17g %d', median, middle(values, size), size)
end

local function known_scale(known, past, who)
  local field = 'scale ' .. past
  local text = redis.call('HGET', known, field)
  if not text then
    text = scale(past, who)
    redis.call('HSET', known, field, text)
  end
  local median, mad, size = string.match(text, '^(%S+) (%S+) (%S+)$')
  return tonumber(median), tonumber(mad), tonumber(size)
end

-- A day that has begun does not end where the clock steps back over its midnight.
local function day_of(clock, offset, known, groups)
  local day = math.floor((clock + offset) / DAY)
  local begun = tonumber(redis.call('HGET', known, 'day') or day) == day + 1
  for i = 1, #groups do
    if tonumber(redis.call('HGET', groups[i][1], 'day') or day) == day + 1 then begun = true end
  end
  return begun and day + 1 or day
end

local function begin_day(members, known, day)
  if tonumber(redis.call('HGET', known, 'day')) == day then return end
  local facts = redis.call('HMGET', known, 'passed', 'until', 'active', 'over')
  redis.call('DEL', members, known)
  redis.call('HSET', known, 'day', day)
  local names = { 'passed', 'until', 'active', 'over' }
  for i = 1, 4 do
    if facts[i] then redis.call('HSET', known, names[i], facts[i]) end
  end
end

local function add_to_day(members, known, added, plain)
  if plain then
    local count = tonumber(redis.call('HGET', known, 'count') or 0)
    count = math.min(DAY_COUNT_MAX, count + #added)
    if #added > 0 then redis.call('HSET', known, 'count', count) end
    return count
  end
  local count = redis.call('SCARD', members)
  for i = 1, #added do
    if count >= DAY_MEMBERS_MAX then break end
    count = count + redis.call('SADD', members, added[i])
  end
  return count
end

local function count_in(today, who, count)
  local before = redis.call('HGET', today, who)
  -- One field is the day.
  if not before and redis.call('HLEN', today) > GROUP_MEMBERS_MAX then return end
  if count > tonumber(before or 0) then redis.call('HSET', today, who, count) end
end

local function days_over(known, day, of, isOver)
  local list, number = {}, 0
  local last
  for one in string.gmatch(redis.call('HGET', known, 'over') or '', '%S+') do
    last = tonumber(one)
    if last > day - of and last <= day then
      list[#list + 1] = one
      number = number + 1
    end
  end
  if isOver and last ~= day then
    list[#list + 1] = tostring(day)
    number = number + 1
    redis.call('HSET', known, 'over', table.concat(list, ' '))
  end
  return number
end

-- What the words of this function mean is in the interface of the counters.
local function compare_day(clock, members, known, groups, want)
  local day = day_of(clock, want.offset, known, groups)
  begin_day(members, known, day)
  local count = add_to_day(members, known, want.members, want.plain)
  local lowest
  for i = 1, #groups do
    local today, past = groups[i][1], groups[i][2]
    turn(today, past, day, want.days)
    if #want.members > 0 then count_in(today, want.who, count) end
    redis.call('PEXPIRE', today, (want.days + 2) * DAY)
    redis.call('PEXPIRE', past, (want.days + 2) * DAY)
    local median, mad, size = known_scale(known, past, want.who)
    if size >= want.least then
      local score = 0.6745 * (count - median) / math.max(mad, want.floor)
      if not lowest or score < lowest[5] then lowest = { i, median, mad, size, score } end
    end
  end
  local over = days_over(known, day, want.of, lowest and lowest[5] > want.over)
  local exceeded = over >= want.on
  if not exceeded then redis.call('HDEL', known, 'passed') end
  local facts = redis.call('HMGET', known, 'passed', 'until', 'active')
  local crossed = 0
  if exceeded and lowest and not want.quiet and not facts[1] and clock >= tonumber(facts[2] or 0) then
    crossed = 1
    facts[3] = clock + want.lasts
    redis.call('HSET', known, 'passed', '1', 'until', clock + want.cooldown, 'active', facts[3])
  end
  local active = 0
  if exceeded or clock < tonumber(facts[3] or 0) then active = 1 end
  redis.call('PEXPIRE', members, 2 * DAY)
  redis.call('PEXPIRE', known, math.max((want.of + 1) * DAY, want.cooldown, want.lasts) + 1)
  local compared = {}
  if lowest then
    compared = { lowest[1], string.format('%.17g', lowest[2]), string.format('%.17g', lowest[3]),
      lowest[4], string.format('%.17g', lowest[5]), over }
  end
  return { lost_within(want.of * DAY), count, crossed, active, 0, {}, exceeded and 1 or 0, compared }
end
`
  .replaceAll('DAY_COUNT_MAX', String(DAY_COUNT_MAX))
  .replaceAll('DAY_MEMBERS_MAX', String(DAY_MEMBERS_MAX))
  .replaceAll('GROUP_MEMBERS_MAX', String(GROUP_MEMBERS_MAX))
