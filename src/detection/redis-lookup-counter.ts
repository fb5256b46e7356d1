/** Look-up counters that many machines share, in Redis. Key names hold digests only: nobody's identity stands in them. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { parseRedisAddress, REDIS_ADDRESS_FORM } from '../core/redis-address.ts'
import { connectRedis, replyCode, type RedisConnection } from '../core/redis-connection.ts'
import { withinTime } from '../core/within-time.ts'
import { CounterUnavailableError } from './errors.ts'
import type { LookupCounter, LookupState, LookupWindow } from './lookup-counter.ts'
import { checkReservation, checkWindows } from './lookup-limits.ts'
import { RedisReckoning } from './redis-reckoning.ts'
import { LOOKUP_SCRIPT, RESERVE_SCRIPT } from './lookup-script.ts'

export interface RedisLookupCounterOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** How long an `add` may take. */
  readonly timeoutMs?: number
  /** Told where counts were lost, and where there are none yet. */
  readonly notes?: (note: string) => void
}

const TIMEOUT_MS = 1_000
/** Calls under way at once; beyond it a call is refused. */
const PENDING_CALLS_MAX = 2_000
/** One hash tag, since the windows of one call must be in one slot of a cluster to be counted in one step. */
const KEY_PREFIX = 'celosia:{lookups}:'
/** What there may be of one window. */
const WINDOW_KEYS = ['seen', 'known', 'runs', 'day', 'days']
/** Long enough to tell the agents of a role from each other. */
const SHORT_NAME_CHARS = 16

/** A script, the digest under which Redis knows it, and what it is told of windows. */
interface Script {
  readonly text: string
  readonly digest: string
  readonly keys: (window: LookupWindow) => readonly string[]
  readonly values: (window: LookupWindow) => readonly (string | number)[]
}

const LOOKUP = scriptOf(
  LOOKUP_SCRIPT,
  ({ key, baseline }) => {
    const name = nameOf(key)
    if (baseline === undefined) return [`${name}:seen`, `${name}:known`, `${name}:runs`]
    const groups = baseline.groups.map(nameOf)
    const ofGroups = groups.flatMap((group) => [`${group}:today`, `${group}:past`])
    return [`${name}:day`, `${name}:days`, ...ofGroups]
  },
  (window) => (window.baseline === undefined ? windowValues(window) : dayValues(window)),
)
const RESERVE = scriptOf(
  RESERVE_SCRIPT,
  ({ key }) => [`${nameOf(key)}:seen`],
  ({ withinMs, over, members }) => [withinMs, over, members.length, ...members],
)

function windowValues({
  withinMs,
  over,
  rearm = over,
  cooldownMs = 0,
  lastsMs = 0,
  quiet,
  hold,
  members,
  drop = [],
  near,
}: LookupWindow): readonly (string | number)[] {
  return [
    0,
    withinMs,
    over,
    rearm,
    cooldownMs,
    lastsMs,
    quiet === true ? 1 : 0,
    hold === true ? 1 : 0,
    members.length,
    ...members,
    drop.length,
    ...drop.flatMap(({ member, at }) => [member, at]),
    near === undefined ? 0 : 1,
    ...(near ?? []).flatMap((some) => [some.length, ...some]),
  ]
}

function dayValues(window: LookupWindow): readonly (string | number)[] {
  const { key, baseline, members, cooldownMs = 0, lastsMs = 0, quiet } = window
  assert.ok(baseline !== undefined)
  const { groups, offsetMs, days, agentDays, floor, over, on, of, plain } = baseline
  return [
    groups.length,
    offsetMs,
    days,
    agentDays,
    floor,
    over,
    on,
    of,
    plain ? 1 : 0,
    cooldownMs,
    lastsMs,
    quiet === true ? 1 : 0,
    shortNameOf(key),
    members.length,
    ...members,
  ]
}

function scriptOf(text: string, keys: Script['keys'], values: Script['values']): Script {
  return { text, digest: createHash('sha1').update(text).digest('hex'), keys, values }
}

/**
 * Connects. Resolves also where Redis is away, since it comes back by itself; calls are rejected meanwhile. Rejects with
 * CounterUnavailableError where the address is none.
 */
export async function openRedisLookupCounter(
  options: RedisLookupCounterOptions,
): Promise<LookupCounter> {
  const address = parseRedisAddress(options.url)
  if (address === undefined) {
    throw new CounterUnavailableError(
      `The address of Redis is not of the form ${REDIS_ADDRESS_FORM}`,
    )
  }
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const connection = await connectRedis({ address, timeoutMs })
  const reckoning = new RedisReckoning(options.notes ?? (() => undefined))
  let pending = 0
  const call = async (script: Script, windows: readonly LookupWindow[]) => {
    if (windows.length === 0) return []
    if (pending >= PENDING_CALLS_MAX) {
      throw new CounterUnavailableError('Too many look-ups are on their way to Redis')
    }
    pending += 1
    try {
      return await withinTime(run({ connection, reckoning, script }, windows), timeoutMs, late)
    } finally {
      pending -= 1
    }
  }
  return {
    add: async (windows) => {
      checkWindows(windows)
      return call(LOOKUP, windows)
    },
    reserve: async (windows) => {
      checkReservation(windows)
      return call(RESERVE, windows)
    },
    forget: (keys) => forget(connection, keys, timeoutMs),
    acceptLoss: () => acceptLoss(connection, timeoutMs),
    close: () => Promise.resolve(connection.close()),
  }
}

interface Run {
  readonly connection: RedisConnection
  readonly reckoning: RedisReckoning
  readonly script: Script
}

async function run(
  { connection, reckoning, script }: Run,
  windows: readonly LookupWindow[],
): Promise<readonly LookupState[]> {
  const keys = [...reckoning.keys(KEY_PREFIX), ...windows.flatMap(script.keys)]
  const values = [...reckoning.values(), ...windows.flatMap(script.values)]
  try {
    const answer = await evaluate(connection, script, [keys.length, ...keys, ...values])
    if (!Array.isArray(answer) || !reckoning.learn(answer[0])) throw unexpected()
    return statesOf(answer.slice(1), windows)
  } catch (error) {
    if (error instanceof CounterUnavailableError) throw error
    // Without the cause: ioredis' errors carry the arguments of the command.
    throw new CounterUnavailableError(connection.problem(error))
  }
}

async function acceptLoss(connection: RedisConnection, timeoutMs: number): Promise<void> {
  const epoch = `${KEY_PREFIX}epoch`
  try {
    // Whoever has an older epoch shall not say again that all is lost.
    const work = connection.redis.multi().hdel(epoch, 'lost').hset(epoch, 'accepted', '1').exec()
    const answers = await withinTime(work, timeoutMs, late)
    for (const [error] of answers ?? []) if (error !== null) throw error
  } catch (error) {
    if (error instanceof CounterUnavailableError) throw error
    throw new CounterUnavailableError(connection.problem(error))
  }
}

async function forget(
  connection: RedisConnection,
  keys: readonly string[],
  timeoutMs: number,
): Promise<void> {
  if (keys.length === 0) return
  const names = keys.map(nameOf).flatMap((name) => WINDOW_KEYS.map((part) => `${name}:${part}`))
  try {
    await withinTime(connection.redis.del(...names), timeoutMs, late)
  } catch (error) {
    if (error instanceof CounterUnavailableError) throw error
    throw new CounterUnavailableError(connection.problem(error))
  }
}

function nameOf(key: string): string {
  return `${KEY_PREFIX}${digestOf(key)}`
}

/** As others of its groups know it. */
function shortNameOf(key: string): string {
  return digestOf(key).slice(0, SHORT_NAME_CHARS)
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}

async function evaluate(
  { redis }: RedisConnection,
  { text, digest }: Script,
  // As one array: there may be more values than a function takes arguments.
  rest: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.call('EVALSHA', [digest, ...rest])
  } catch (error) {
    // A Redis that was started anew does not know the script, and has done nothing.
    if (replyCode(error) !== 'NOSCRIPT') throw error
    return redis.call('EVAL', [text, ...rest])
  }
}

function statesOf(
  answer: readonly unknown[],
  windows: readonly LookupWindow[],
): readonly LookupState[] {
  if (answer.length !== windows.length) throw unexpected()
  return windows.map((window, i) => stateOf(answer[i], window))
}

function stateOf(reply: unknown, { over, baseline }: LookupWindow): LookupState {
  if (!Array.isArray(reply)) throw unexpected()
  const [lost, distinct, crossed, active, ageMs, held, ...day]: readonly unknown[] = reply
  const [exceeded, compared] = day
  if (typeof distinct !== 'number' || typeof ageMs !== 'number' || !Array.isArray(held))
    throw unexpected()
  const times: readonly unknown[] = held
  return {
    distinct,
    exceeded: baseline === undefined ? distinct > over : exceeded === 1,
    crossed: crossed === 1,
    active: active === 1,
    ageMs,
    held: times.flatMap((member, i) =>
      i % 2 === 0 ? [{ member: String(member), at: Number(times[i + 1]) }] : [],
    ),
    ...(lost === 1 && { lost: true }),
    ...(baseline !== undefined && comparedOf(compared, baseline.groups)),
  }
}

function comparedOf(reply: unknown, groups: readonly string[]): Pick<LookupState, 'compared'> {
  if (!Array.isArray(reply)) throw unexpected()
  if (reply.length === 0) return {}
  const [place = 0, ...numbers] = reply.map(Number)
  const [median, mad, agentDays, score, daysOver] = numbers
  const group = groups[place - 1]
  if (group === undefined || median === undefined || mad === undefined) throw unexpected()
  if (agentDays === undefined || score === undefined || daysOver === undefined) throw unexpected()
  return { compared: { group, median, mad, agentDays, score, daysOver } }
}

function unexpected(): CounterUnavailableError {
  return new CounterUnavailableError('Redis gives an answer that is none')
}

function late(): CounterUnavailableError {
  return new CounterUnavailableError('The look-up counters took too long')
}
