/** Stores of sessions: the contract in memory and in Redis, their limits, and what holds where nobody can be asked. */
import { test } from 'tap'
import { systemClock } from '../../../src/core/clock.ts'
import { SessionsUnavailableError } from '../../../src/identity/errors.ts'
import { createMemorySessionStore } from '../../../src/identity/sessions/memory-session-store.ts'
import { openRedisSessionStore } from '../../../src/identity/sessions/redis-session-store.ts'
import { sessionStoreContract } from '../../contract/session-store.contract.ts'
import { requirePeer } from '../../helpers/peers.ts'
import { startRedis } from '../../helpers/redis.ts'

const begun = (id: string, owner = id) => ({
  id,
  owner,
  sealed: 'x',
  idleMs: 1_000,
  lifetimeMs: 5_000,
  ownerMax: 5,
})

test('sessions in memory keep the contract', async (t) => {
  const store = createMemorySessionStore(systemClock)
  await sessionStoreContract(t, async () => store)
})

test('in memory there are so many at most, and none ends for another', async (t) => {
  let nowMs = 1_000
  const store = createMemorySessionStore({ ...systemClock, monotonicMs: () => nowMs }, 2)
  await store.begin(begun('a'))
  await store.begin(begun('b'))
  await t.rejects(store.begin(begun('c')), SessionsUnavailableError)
  t.equal(await store.find('a', 1_000), 'x')
  nowMs += 1_000
  t.equal(await store.find('a', 1_000), undefined, 'to the millisecond')
  await store.begin(begun('c'))
})

test('sessions in Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, { settings: { appendonly: 'no' } })
  const open = async () => {
    const store = await openRedisSessionStore({ url: server.url })
    t.teardown(() => store.close())
    return store
  }
  await t.test('keep the contract', (t) => sessionStoreContract(t, open))
  await t.test('end by themselves, and the lists of owners too', async (t) => {
    await (await open()).begin(begun('z'))
    const idle = await server.admin().pttl('celosia:{sessions}:id:z')
    const list = await server.admin().pttl('celosia:{sessions}:of:z')
    t.ok(idle > 0 && idle <= 1_000 && list > 1_000 && list <= 5_000, `${idle} ms, ${list} ms`)
  })
  await t.test('are not guessed where Redis is away', async (t) => {
    const store = await open()
    server.process().signal('SIGSTOP')
    await t.rejects(store.find('z', 1_000), SessionsUnavailableError, 'it stands still')
    server.process().signal('SIGCONT')
    server.process().signal('SIGKILL')
    await server.process().exit
    await t.rejects(store.find('z', 1_000), { code: 'ERR_SESSIONS_UNAVAILABLE' })
    await t.rejects(store.begin(begun('y')), SessionsUnavailableError)
    await t.rejects(store.end({ id: 'z', owner: 'z' }), SessionsUnavailableError)
  })
  await t.test('need an address', async (t) => {
    await t.rejects(openRedisSessionStore({ url: 'http://localhost' }), SessionsUnavailableError)
  })
})
