/** What every store of sessions must do. Run by the tests of each implementation. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { NewSession, SessionStore } from '../../src/identity/sessions/session-store.ts'

/** Opens another user of one store, which is empty at first. */
export type OpenSessions = () => Promise<SessionStore>

const IDLE_MS = 60_000
const session = (id: string, owner: string, more: Partial<NewSession> = {}): NewSession => ({
  id,
  owner,
  sealed: `sealed ${id}`,
  idleMs: IDLE_MS,
  lifetimeMs: 600_000,
  ownerMax: 3,
  ...more,
})

/** Runs the suite. */
export async function sessionStoreContract(t: Test, open: OpenSessions): Promise<void> {
  const [one, other] = [await open(), await open()]
  await t.test('a session is found by all, until it ends', async (t) => {
    t.equal(await one.find('a', IDLE_MS), undefined)
    await one.begin(session('a', 'ann'))
    t.equal(await other.find('a', IDLE_MS), 'sealed a')
    await other.end({ id: 'a', owner: 'ann' })
    t.equal(await one.find('a', IDLE_MS), undefined)
    await one.end({ id: 'a', owner: 'ann' })
  })
  await t.test('it ends when it is idle, and not while it is used', async (t) => {
    await one.begin(session('b', 'bob', { idleMs: 400 }))
    await one.begin(session('c', 'bob', { idleMs: 400 }))
    for (let uses = 0; uses < 4; uses += 1) {
      await sleep(150)
      t.equal(await one.find('b', 400), 'sealed b')
    }
    t.equal(await one.find('c', 400), undefined)
    await one.end({ id: 'b', owner: 'bob' })
  })
  await t.test('of more than an owner may have, the oldest ends', async (t) => {
    for (const id of ['1', '2', '3']) {
      await one.begin(session(id, 'cid'))
      await sleep(2)
    }
    await other.begin(session('x', 'dan'))
    await other.end({ id: '2', owner: 'cid' })
    await other.begin(session('4', 'cid'))
    await sleep(2)
    const found = async () =>
      Promise.all(['1', '2', '3', '4', '5', 'x'].map((id) => one.find(id, IDLE_MS)))
    t.same(await found(), ['sealed 1', undefined, 'sealed 3', 'sealed 4', undefined, 'sealed x'])
    await one.begin(session('5', 'cid', { ownerMax: 2 }))
    t.same(await found(), [undefined, undefined, undefined, 'sealed 4', 'sealed 5', 'sealed x'])
  })
  await t.test('names are told apart byte by byte', async (t) => {
    for (const id of ['A', 'a', 'é', 'e\u0301', '*', '__proto__', 'of:ann'])
      await one.begin(session(id, `owner of ${id}`, { sealed: `of ${id}` }))
    for (const id of ['A', 'a', 'é', 'e\u0301', '*', '__proto__', 'of:ann'])
      t.equal(await other.find(id, IDLE_MS), `of ${id}`)
  })
}
