/** Section D of the threat model: JSON that other parsers read in another way, or not at all. The policy is the shipped one. */
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
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
  const tally = await runAttacks(t, world, attacks, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

test('section D: where a route shows what no query names, an answer of another shape does not leave', async (t) => {
  const world = await startWorld(t, { change: withShape })
  const send = get('/api/v2/users/7', `Authorization: Bearer ${await world.token()}`)
  const c = world.canaries.make('text', 'user.hidden')
  const rows: readonly (readonly [
    name: string,
    body: string,
    expect: NonNullable<Attack['expect']>,
  ])[] = [
    ['the shape', '{"user":{"id":7,"role":"agent"}}', ['permit']],
    ['an array of users', `{"user":[{"hidden":"${c}"}]}`, SHAPE_REFUSED],
    ['an array as document', `[{"hidden":"${c}"}]`, SHAPE_REFUSED],
    ['users by id', `{"users":{"1":{"hidden":"${c}"}}}`, SHAPE_REFUSED],
    ['one level deeper', `{"data":{"user":{"id":7,"hidden":"${c}"}}}`, SHAPE_REFUSED],
    ['one level higher', `{"id":7,"hidden":"${c}"}`, SHAPE_REFUSED],
    ['a scalar as document', `"${c}"`, SHAPE_REFUSED],
    ['null', '{"user":null}', SHAPE_REFUSED],
    ['nothing of it', '{}', SHAPE_REFUSED],
    ['an object for a text', `{"user":{"id":7,"role":{"hidden":["${c}"]}}}`, SHAPE_REFUSED],
    ['two members of one name', `{"user":{"id":7},"user":["${c}"]}`, SHAPE_REFUSED],
    ['an escaped name', `{"\\u0075ser":[{"hidden":"${c}"}]}`, SHAPE_REFUSED],
    ['no JSON', `{"user":{"id":7}} "${c}"`, ['upstream-body-refused']],
    [
      'more than is held',
      `{"user":{"id":7,"role":"${'x'.repeat(1_048_576)}"}}`,
      ['upstream-body-refused'],
    ],
  ]
  const attacks = rows.map(([name, body, expect]): Attack => {
    return { id: 'D48', name, send, answer: whole(Buffer.from(body)), expect }
  })
  const tally = await runAttacks(t, world, attacks, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

const SHAPE_REFUSED: NonNullable<Attack['expect']> = ['upstream-shape-refused']

/** The shipped policy, whose users show what no query names, and have a shape. */
function withShape(policy: PolicyDocument): PolicyDocument {
  const shape = {
    '$.user': 'object',
    '$.user.id': ['number', 'string'],
    '$.user.role': ['string', 'absent'],
  } as const
  const routes = policy.routes.map((route) =>
    route.match.startsWith('GET /api/v2/users/{id')
      ? {
          ...route,
          unlisted: 'show' as const,
          shape,
          fields: { 'secret.token': '$.user.hidden' },
          plain: [],
          fixture: 'none',
        }
      : route,
  )
  return { ...policy, routes }
}

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
