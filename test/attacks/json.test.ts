/** Section D of the threat model: JSON that other parsers read in another way, or not at all. The policy is the shipped one. */
import { test } from 'tap'
import { chunkedAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'
import { keyRows, nestedRows, shapeRows } from './json-content.ts'
import { invalidRows, numberRows, sizeRows } from './json-form.ts'
import type { Leaves } from './json-row.ts'

test('section D: every reading of a document is masked, or it does not leave', async (t) => {
  const world = await startWorld(t)
  const send = get('/api/v2/users/7', `Authorization: Bearer ${await world.token()}`)
  const rows = [
    ...keyRows(world),
    ...shapeRows(world),
    ...nestedRows(world),
    ...invalidRows(world),
    ...sizeRows(world),
    ...numberRows(),
  ]
  const attacks = rows.flatMap(([id, name, body, leaves]): Attack[] => {
    const one = attack({ id, name, send, leaves, answer: whole(bytesOf(body)) })
    if (bytesOf(body).length > 4_096) return [one]
    // The same a byte at a time: no value is safe because it was cut.
    const cut = Array.from(bytesOf(body), (byte) => Buffer.from([byte]))
    const chunks = attack({
      id,
      name: `${name}, in chunks`,
      send,
      leaves,
      answer: chunkedAnswer(cut),
    })
    return [one, chunks]
  })
  const tally = await runAttacks(t, world, [...attacks, ...due()], createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

type Answered = Pick<Attack, 'id' | 'name' | 'send' | 'answer'> & { readonly leaves: Leaves }

function attack({ leaves, ...rest }: Answered): Attack {
  if (leaves === undefined) return { ...rest, expect: ['upstream-body-refused'] }
  return {
    ...rest,
    expect: ['permit'],
    check: (t, { body }) => {
      if (typeof leaves === 'string') t.equal(body.toString(), leaves, 'what leaves')
      else t.match(body.toString(), leaves, 'what leaves')
    },
  }
}

function whole(body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

// A string says UTF-16; a lone surrogate in it is for escapes only.
function bytesOf(body: string | Buffer): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : body
}

function due(): Attack[] {
  return [{ id: 'D48', name: 'a declared shape is validated', due: 'response shapes' }]
}
