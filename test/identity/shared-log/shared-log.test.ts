/** Shared logs: the contract on each of them, what faults do to them, and how one is followed. */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../../src/core/clock.ts'
import type { Clock } from '../../../src/core/clock.ts'
import { openFileSharedLog } from '../../../src/identity/shared-log/file-shared-log.ts'
import { LogFollower } from '../../../src/identity/shared-log/log-follower.ts'
import { createMemoryLog } from '../../../src/identity/shared-log/memory-shared-log.ts'
import { openRedisSharedLog } from '../../../src/identity/shared-log/redis-shared-log.ts'
import { SharedLogUnavailableError } from '../../../src/identity/shared-log/shared-log.ts'
import type { SharedLog } from '../../../src/identity/shared-log/shared-log.ts'
import { sharedLogContract } from '../../contract/shared-log.contract.ts'
import { requirePeer } from '../../helpers/peers.ts'
import { startRedis } from '../../helpers/redis.ts'

const KEY = 'celosia:test'
const HOUR_MS = 3_600_000

test('the log in memory keeps the contract', async (t) => {
  await sharedLogContract(t, async () => {
    const log = createMemoryLog()
    return async () => log.open()
  })
})

test('the log in files keeps the contract', async (t) => {
  await sharedLogContract(t, async (part) => {
    const directory = join(part.testdir(), 'log')
    return () => openFileSharedLog({ directory, keptMs: HOUR_MS, clock: systemClock })
  })
})

test('the log in Redis keeps the contract', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, { settings: { appendonly: 'no' } })
  await sharedLogContract(t, async () => {
    await server.admin().flushall()
    return async () => {
      const log = await openRedis(server.url)
      t.teardown(() => log.close())
      return log
    }
  })
})

function openRedis(url: string): Promise<SharedLog> {
  return openRedisSharedLog({ url, key: KEY, keptMs: HOUR_MS, clock: systemClock })
}

async function openFiles(t: Test, clock: Clock = systemClock) {
  const directory = t.testdir()
  const open = () => openFileSharedLog({ directory, keptMs: HOUR_MS, clock })
  const file = () => join(directory, readdirSync(directory).toSorted().at(-1) ?? '')
  return { directory, open, file }
}

test('a line that a crash or a full disk left unfinished is no entry', async (t) => {
  const { open, file } = await openFiles(t)
  const log = await open()
  await log.append('one')
  for (const torn of ['\n', '\n5', '\n5:', '\n5:tw', '\n5:two\n']) {
    appendFileSync(file(), torn)
    await log.append(`after ${JSON.stringify(torn)}`)
  }
  const expected = [
    'one',
    ...['\n', '\n5', '\n5:', '\n5:tw', '\n5:two\n'].map((torn) => `after ${JSON.stringify(torn)}`),
  ]
  t.same(await log.read(), expected)
  t.same(await (await open()).read(), expected)
})

test('a line that no gateway wrote makes the whole log unknown', async (t) => {
  for (const line of ['one', '3:four', ':x', '03:one', '-3:one', 'x:one', '123456:x']) {
    const { open, file } = await openFiles(t)
    const log = await open()
    await log.append('one')
    appendFileSync(file(), `\n${line}\n`)
    await t.rejects(log.read(), SharedLogUnavailableError, line)
    await t.rejects((await open()).read(), SharedLogUnavailableError, line)
  }
})

test('files are kept by day, and deleted once they are over', async (t) => {
  let nowMs = Date.UTC(2026, 10, 23, 23, 59, 0)
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const { directory, open } = await openFiles(t, clock)
  const log = await open()
  await log.append('monday')
  nowMs += 120_000
  await log.append('tuesday')
  t.same(readdirSync(directory), ['2026-11-23.jsonl', '2026-11-24.jsonl'])
  t.same(await log.read(), ['monday', 'tuesday'])
  nowMs += 2 * HOUR_MS
  t.same(await log.read(), [])
  t.same(readdirSync(directory), ['2026-11-24.jsonl'])
  t.same(await (await open()).read(), ['tuesday'])
})

test('a file that became shorter is read anew, and other files are none of its business', async (t) => {
  const { directory, open, file } = await openFiles(t)
  writeFileSync(join(directory, 'notes.txt'), 'x')
  mkdirSync(join(directory, 'folder'))
  const log = await open()
  await log.append('one')
  t.same(await log.read(), ['one'])
  truncateSync(file(), 0)
  await log.append('a')
  t.same(await log.read(), ['a'])
  rmSync(directory, { recursive: true })
  await t.rejects(log.read(), SharedLogUnavailableError)
  await t.rejects(log.append('b'), SharedLogUnavailableError)
})

test('a Redis that is away, emptied or full of something else', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const log = await openRedis(server.url)
  t.teardown(() => log.close())
  await log.append('one')
  t.same(await log.read(), ['one'])
  await server.admin().del(KEY)
  t.same(await log.read(), [])
  await server.admin().xadd(KEY, '1-1', 'entry', 'an older copy')
  t.same(await log.read(), ['an older copy'], 'ids that are lower than those already seen')
  await server.admin().del(KEY)
  await server.admin().set(KEY, 'x')
  await t.rejects(log.read(), SharedLogUnavailableError)
  await t.rejects(log.append('x'), SharedLogUnavailableError)
  await server.admin().del(KEY)
  await server.admin().xadd(KEY, '*', 'other', 'x')
  await t.rejects(log.read(), SharedLogUnavailableError, 'fields of somebody else')
  server.process().signal('SIGKILL')
  await server.process().exit
  await t.rejects(log.read(), SharedLogUnavailableError, 'away')
  await t.rejects(log.append('x'), SharedLogUnavailableError, 'away')
  await server.startAgain()
  await server.admin().del(KEY)
  const deadline = performance.now() + 5_000
  let back: readonly string[] | undefined
  while (back === undefined && performance.now() < deadline) {
    back = await log.read().catch(() => undefined)
    await sleep(20)
  }
  t.same(back, [], 'it comes back by itself')
  await t.rejects(openRedis('http://x'), SharedLogUnavailableError)
})

test('old entries in Redis are dropped', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, { settings: { appendonly: 'no' } })
  const log = await openRedisSharedLog({ url: server.url, key: KEY, keptMs: 1, clock: systemClock })
  t.teardown(() => log.close())
  for (let index = 0; index < 400; index += 1) await log.append(`${index}`)
  t.ok((await server.admin().xlen(KEY)) < 400)
})

/** A log that does what it is told. */
function puppet() {
  let act: () => Promise<readonly string[]> = async () => []
  const log: SharedLog = {
    append: async () => undefined,
    read: () => act(),
    close: async () => undefined,
  }
  return { log, become: (next: typeof act) => void (act = next) }
}

test('a follower knows only as long as its last look is recent and whole', async (t) => {
  let nowMs = 0
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const { log, become } = puppet()
  const applied: string[] = []
  const problems: unknown[] = []
  const follower = new LogFollower({
    log,
    clock,
    apply: (entry) => {
      if (entry === 'bad') throw new SharedLogUnavailableError('bad')
      applied.push(entry)
    },
    onProblem: (error) => problems.push(error),
  })
  t.equal(follower.known, false, 'nothing before the first look')
  t.match(follower.problem, /not been read/)
  become(async () => ['a'])
  await follower.look()
  t.equal(follower.known, true)
  t.equal(follower.problem, undefined)
  nowMs += 1_499
  t.equal(follower.known, true)
  nowMs += 1
  t.equal(follower.known, false, 'a second and a half')
  t.match(follower.problem, /does not answer/)
  become(() => {
    nowMs += 2_000
    return Promise.resolve(['b'])
  })
  await follower.look()
  t.equal(follower.known, false, 'a look that took long says nothing of now')
  become(async () => {
    throw new SharedLogUnavailableError('away')
  })
  await follower.look()
  await follower.look()
  t.equal(problems.length, 1, 'said once')
  t.equal(follower.problem, 'away')
  become(async () => ['c'])
  await follower.look()
  t.same(applied, ['a', 'b', 'c'])
  t.equal(follower.known, true)
  become(async () => ['bad', 'd'])
  await follower.look()
  t.equal(follower.known, false)
  become(async () => ['e'])
  await follower.look()
  t.equal(follower.known, false, 'what could not be read may have been anything')
  t.same(applied, ['a', 'b', 'c'])
  follower.stop()
})

test('a follower says that a log was never there, once', async (t) => {
  const { log, become } = puppet()
  const problems: unknown[] = []
  const follower = new LogFollower({
    log,
    clock: systemClock,
    apply: () => undefined,
    onProblem: (error) => problems.push(error),
  })
  const denied = new SharedLogUnavailableError('denied')
  become(() => Promise.reject(denied))
  for (let look = 0; look < 3; look += 1) await follower.look()
  t.same(problems, [denied])
  t.equal(follower.problem, 'denied')
})

test('a follower that was started looks by itself', async (t) => {
  const { log, become } = puppet()
  const applied: string[] = []
  const follower = new LogFollower({
    log,
    clock: systemClock,
    apply: (entry) => void applied.push(entry),
    onProblem: () => undefined,
  })
  await follower.start()
  become(async () => ['a'])
  const deadline = performance.now() + 5_000
  while (applied.length < 2 && performance.now() < deadline) await sleep(20)
  follower.stop()
  t.ok(applied.length >= 2)
  t.equal(follower.known, true)
})
