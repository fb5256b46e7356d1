/**
 * Appends a batch to the streams in Redis as one Lua script: only after what it follows on, all records in order, and none
 * twice, however often it is sent. Redis does not undo what a script has done before it failed, so the head tells how far
 * it came.
 */

/**
 * KEYS: the hash of heads, the streams. ARGV: the writer, 1 to store also what follows on nothing, then for each record the
 * number of its stream (from 1), its sequence, the hash before it, its own hash, the number of its fields' texts, and these.
 * Answer: `stored`; or `broken` with the head that is there, where the batch does not follow on it.
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
local at, appended = 3, false
while at <= #ARGV do
  local stream, this = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local previous, hash, texts = ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  if this > sequence then
    if not force and (this ~= sequence + 1 or previous ~= head) then
      if appended then redis.call('HSET', KEYS[1], writer, sequence .. ' ' .. head) end
      return { 'broken', sequence, head }
    end
    -- Nothing trims the stream here: how long records stay is for retention to say.
    local reply = redis.pcall('XADD', KEYS[1 + stream], '*', unpack(ARGV, at + 5, at + 4 + texts))
    if type(reply) == 'table' and reply.err then
      if appended then redis.call('HSET', KEYS[1], writer, sequence .. ' ' .. head) end
      return reply
    end
    sequence, head, appended = this, hash, true
  end
  at = at + 5 + texts
end
if appended then redis.call('HSET', KEYS[1], writer, sequence .. ' ' .. head) end
return { 'stored' }
`
