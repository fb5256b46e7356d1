/** Used proofs: the contract in memory and in Redis, how long they are remembered, and what holds where that cannot be known. */
import { test } from 'tap'
import { systemClock } from '../../../src/core/clock.ts'
import { createMemorySpentProofs } from '../../../src/identity/dpop/memory-spent-proofs.ts'
import { PROOF_KEPT_MS } from '../../../src/identity/dpop/proof.ts'
import { openRedisSpentProofs } from '../../../src/identity/dpop/redis-spent-proofs.ts'
import { SpentProofsUnavailableError } from '../../../src/identity/errors.ts'
import { spentProofsContract } from '../../contract/spent-proofs.contract.ts'
import { requirePeer } from '../../helpers/peers.ts'
import { startRedis } from '../../helpers/redis.ts'

test('used proofs in memory keep the contract', async (t) => {
  const proofs = createMemorySpentProofs(systemClock)
  await spentProofsContract(t, async () => proofs)
})

test('in memory they are forgotten once they could not be used anyway, and no sooner', async (t) => {
  let nowMs = 1_000
  const proofs = createMemorySpentProofs({ ...systemClock, monotonicMs: () => nowMs }, 2)
  t.equal(await proofs.spend('a'), true)
  nowMs += PROOF_KEPT_MS - 1
  t.equal(await proofs.spend('a'), false)
  t.equal(await proofs.spend('b'), true)
  await t.rejects(proofs.spend('c'), SpentProofsUnavailableError, 'none is forgotten for another')
  t.equal(await proofs.spend('b'), false)
  nowMs += 1
  t.equal(await proofs.spend('a'), true, 'its time is over')
})

test('used proofs in Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, { settings: { appendonly: 'no' } })
  const open = async () => {
    const proofs = await openRedisSpentProofs({ url: server.url })
    t.teardown(() => proofs.close())
    return proofs
  }
  await t.test('keep the contract', (t) => spentProofsContract(t, open))
  await t.test('end by themselves', async (t) => {
    const leftMs = await server.admin().pttl('celosia:proofs:a')
    t.ok(leftMs > 0 && leftMs <= PROOF_KEPT_MS, `${leftMs} ms`)
  })
  await t.test('are not guessed where Redis is away, or refuses', async (t) => {
    const proofs = await open()
    await server.admin().config('SET', 'maxmemory', '1')
    await t.rejects(proofs.spend('d'), { code: 'ERR_SPENT_PROOFS_UNAVAILABLE', message: /full/ })
    await server.admin().config('SET', 'maxmemory', '0')
    t.equal(await proofs.spend('d'), true)
    server.process().signal('SIGSTOP')
    await t.rejects(proofs.spend('e'), SpentProofsUnavailableError, 'it stands still')
    server.process().signal('SIGCONT')
    server.process().signal('SIGKILL')
    await server.process().exit
    await t.rejects(proofs.spend('f'), SpentProofsUnavailableError, 'it is gone')
  })
  await t.test('need an address', async (t) => {
    const opening = openRedisSpentProofs({ url: 'http://localhost' })
    await t.rejects(opening, { code: 'ERR_SPENT_PROOFS_UNAVAILABLE' })
  })
})
