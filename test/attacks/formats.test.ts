/** Section C of the threat model, C31, C32 and C40: other formats than JSON, and errors, through the same engine. */
import { test } from 'tap'
import { startWorld } from '../helpers/world.ts'
import { BODY_BYTES_MAX } from './answer-rows.ts'
import { createTally, runAttacks, summarize } from './attack-table.ts'
import { errorRows, withMaskedErrors } from './error-rows.ts'
import { formatRows, opaqueRows, withFormats } from './format-rows.ts'

test('sections C31 and C32: records are masked one by one, and no half of one leaves', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => ({
      ...withFormats(policy),
      limits: { bodyBytesMax: BODY_BYTES_MAX, streamedBytesMax: BODY_BYTES_MAX },
    }),
  })
  const token = await world.token()
  const rows = [...formatRows(world, token), ...opaqueRows(world, token)]
  summarize(t, await runAttacks(t, world, rows, createTally()))
  t.match(await world.gateway.metrics(), /^celosia_held_bytes 0$/m)
})

test('section C40: errors of the upstream are masked where the route says so', async (t) => {
  const world = await startWorld(t, { change: withMaskedErrors })
  summarize(t, await runAttacks(t, world, errorRows(world, await world.token()), createTally()))
  t.match(await world.gateway.metrics(), /^celosia_held_bytes 0$/m)
})
