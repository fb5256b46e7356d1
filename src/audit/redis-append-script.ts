/**
 * Appends a batch to the streams in Redis as one Lua script: only after what it follows on, all records in order, and none
 * twice, however often it is sent. Redis does not undo what a script has done before it failed, so the head tells how far
 * it came.
 */

/**
 * KEYS: the hashes of heads, of what is open and of claims, the sign of life of the writer, the streams. ARGV: the writer, 1
 * to store also what follows on nothing, how long the sign of life stays; then for each record the number of its stream
 * (from 1), its sequence, the hash before it, its own hash, `open` or `close` or nothing, the request, what is to be
 * remembered of it while it is open, the number of its fields' texts, and these.
 * Answer: `stored` with how many were new; or `broken` with the head that is there, where the batch does not follow on it.
 */
export const APPEND_SCRIPT = `
local writer = ARGV[1]
local sequence, head = 0, string.rep('0', 64)
local known = redis.call('HGET', KEYS[1], writer)
if known then
  local number, text = string.match(known, '^(%d+) (%x+)$')
  sequence, head = tonumber(number), text
end
local force = ARGV[2] == '1'
local at, appended, new = 4, false, 0
while at <= #ARGV do
  local stream, this = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local previous, hash, texts = ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 7])
  if this > sequence then
    if not force and (this ~= sequence + 1 or previous ~= head) then
      if appended then redis.call('HSET', KEYS[1], writer, sequence .. ' ' .. head) end
      return { 'broken', sequence, head }
    end
    -- Nothing trims the stream here: how long records stay is for retention to say.
    local reply = redis.pcall('XADD', KEYS[4 + stream], '*', unpack(ARGV, at + 8, at + 7 + texts))
    if type(reply) == 'table' and reply.err then
      if appended then redis.call('HSET', KEYS[1], writer, sequence .. ' ' .. head) end
      return reply
    end
    sequence, head, appended, new = this, hash, true, new + 1
    if ARGV[at + 4] == 'open' then
      redis.call('HSET', KEYS[2], ARGV[at + 5], ARGV[at + 6])
    elseif ARGV[at + 4] == 'close' then
      redis.call('HDEL', KEYS[2], ARGV[at + 5])
      redis.call('HDEL', KEYS[3], ARGV[at + 5])
    end
  end
  at = at + 8 + texts
end
redis.call('SET', KEYS[4], '1', 'PX', ARGV[3])
if appended then redis.call('HSET', KEYS[1], writer, sequence .. ' ' .. head) end
return { 'stored', new }
`
