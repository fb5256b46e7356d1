/** A small shift: what was planted is proposed, and what anybody used is not. `npm run simulate:shift` plays a whole one. */
import { test } from 'tap'
import { suggestOnShift } from '../../bench/shift/suggest.ts'
import { requirePeer } from '../helpers/peers.ts'

test('what a shift does not use is proposed, what it uses is not, and the patch applies', async (t) => {
  if (!requirePeer(t, 'git')) return
  // Two leads, four of billing, three agents.
  const agents = [0, 1, 4, 5, 6, 7, 20, 21, 22]
  const outcome = await suggestOnShift({ seed: 7, agents, days: 5 })
  t.ok(outcome.looks > 1_000, `${outcome.looks} records`)
  t.same(outcome.missed, [], 'each planted one is proposed')
  t.same(outcome.wrong, [], 'nothing that was used is')
  t.same(outcome.overlooked, [], 'nor is anything overlooked that the looks tell to be unused')
  t.equal(outcome.patched, outcome.certain)
  t.ok(outcome.applies)
})
