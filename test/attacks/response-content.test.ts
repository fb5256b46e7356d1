/** Section C of the threat model: what an upstream may answer, and that nothing of anything else leaves. */
import { test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { headerValues } from '../helpers/http-message.ts'
import { sendRaw, type RawOptions } from '../helpers/raw-client.ts'
import { chunkedAnswer, jsonAnswer, rawAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, withTimeouts, type World } from '../helpers/world.ts'
import { listedCodingRows } from './answer-codings.ts'
import { framingRows, sizeRows, timeRows } from './answer-framing.ts'
import { ANSWER_TIMEOUT_MS, BODY_BYTES_MAX, head, type Row } from './answer-rows.ts'
import { headerRows, statusRows } from './answer-statuses.ts'
import { codingRows, typeRows } from './answer-types.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'

test('section C: what cannot be masked does not leave', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => ({
      ...withTimeouts(policy, { connect: '500ms', answer: `${ANSWER_TIMEOUT_MS}ms` }),
      limits: { bodyBytesMax: BODY_BYTES_MAX, streamedBytesMax: 0 },
    }),
  })
  const send = get('/api/v2/users/7', `Authorization: Bearer ${await world.token()}`)
  const options: RawOptions = { timeoutMs: 5_000 }
  const rows: readonly Row[] = [
    ...typeRows(world),
    ...codingRows(world),
    ...framingRows(world),
    ...sizeRows(world),
    ...statusRows(world),
    ...headerRows(world),
    ...timeRows(world),
  ]
  const attacks = rows.map(([id, name, answer, expect]): Attack => {
    return { id, name, send, options, answer, expect: [expect] }
  })
  const tally = await runAttacks(
    t,
    world,
    [...attacks, ...leftoverRows(world, send)],
    createTally(),
  )
  await t.test('C37 an upstream that is down', async (row) => {
    await world.upstream.close()
    await runAttacks(
      row,
      world,
      [{ id: 'C37', name: 'refused', send, expect: ['upstream-unreachable'], upstream: 0 }],
      tally,
    )
  })
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

test('section C: one content coding that the policy lists is taken off, under a cap', async (t) => {
  const codings = ['gzip', 'deflate', 'br', 'zstd'] as const
  const world = await startWorld(t, {
    change: (policy) => ({
      ...policy,
      upstreams: Object.fromEntries(
        Object.entries(policy.upstreams).map(([name, upstream]) => [
          name,
          { ...upstream, codings },
        ]),
      ),
      limits: { bodyBytesMax: BODY_BYTES_MAX, streamedBytesMax: 0 },
    }),
  })
  const send = get('/api/v2/users/7', `Authorization: Bearer ${await world.token()}`)
  const attacks = listedCodingRows(world).map(([id, name, answer, expect]): Attack => {
    return { id, name, send, answer, expect: [expect] }
  })
  const tally = await runAttacks(t, world, attacks, createTally())
  await t.test(
    'what is asked for is what the policy lists, and nothing stays held',
    async (row) => {
      world.upstream.reset()
      await sendRaw(world.gateway.port, send)
      const asked = headerValues(world.upstream.requests[0]?.headers ?? [], 'accept-encoding')
      row.same(asked, ['gzip, deflate, br, zstd'])
      row.match(await world.gateway.metrics(), /^celosia_held_bytes 0$/m)
    },
  )
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

/** What an upstream sends beyond its answer must never become the answer of the next request. */
function leftoverRows(world: World, send: Buffer): Attack[] {
  const { canaries } = world
  const body = userBody(canaries)
  const whole = jsonAnswer(body)
  const extras: readonly (readonly [name: string, extra: Buffer])[] = [
    ['the end of chunks twice', Buffer.concat([chunkedAnswer([body]), rawAnswer('0\r\n\r\n')])],
    [
      'a second answer',
      Buffer.concat([
        whole,
        jsonAnswer(canaries.plant('{"user":{"id":8,"role":"{{text:leftover}}"}}')),
      ]),
    ],
    ['bytes that are none', Buffer.concat([whole, rawAnswer(canaries.plant('{{text:leftover}}'))])],
    ['204 with a body', rawAnswer(`${head('204 No Content')}${body}`)],
  ]
  return extras.flatMap(([name, answer]): Attack[] => [
    {
      id: 'C37',
      name: `beyond the answer: ${name}`,
      send,
      answer,
      expect: [name.startsWith('204') ? { reason: 'role-permits', status: 204 } : 'permit'],
    },
    {
      id: 'C37',
      name: `the next request after: ${name}`,
      send: Buffer.from(send.toString('latin1').replace('/users/7', '/tickets/9'), 'latin1'),
      expect: ['permit'],
      check: (t, { body: got }) =>
        void t.match(got.toString(), /^\{"ticket":\{"id":9,/, 'it gets its own answer'),
    },
  ])
}
