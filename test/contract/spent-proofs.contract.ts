/** What every memory of used proofs must do. Run by the tests of each implementation. */
import type { Test } from 'tap'
import type { SpentProofs } from '../../src/identity/dpop/spent-proofs.ts'

/** Opens another user of one memory, which is empty at first. */
export type OpenProofs = () => Promise<SpentProofs>

/** Runs the suite. */
export async function spentProofsContract(t: Test, open: OpenProofs): Promise<void> {
  const [one, other] = [await open(), await open()]
  await t.test('a proof is good once, for all together', async (t) => {
    t.equal(await one.spend('a'), true)
    t.equal(await one.spend('a'), false)
    t.equal(await other.spend('a'), false)
    t.equal(await other.spend('b'), true)
    t.equal(await one.spend('b'), false)
  })
  await t.test('of many who show it at once, one is first', async (t) => {
    const shown = Array.from({ length: 20 }, () => [one.spend('c'), other.spend('c')]).flat()
    t.equal((await Promise.all(shown)).filter((first) => first).length, 1)
  })
  await t.test('names are told apart byte by byte', async (t) => {
    for (const id of ['', 'A', 'é', 'e\u0301', '*', 'a\n', '__proto__', 'x'.repeat(500)])
      t.equal(await one.spend(id), true, JSON.stringify(id))
  })
}
