/** Bodies of records and files that are too large to be held: what leaves in windows, and what is on record of it. */
import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import type { AuditEvent } from '../helpers/gateway-under-test.ts'
import { headerValues } from '../helpers/http-message.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'
import { withFormats } from '../attacks/format-rows.ts'

const ROWS = 12_000
const SECRET = 'canary-77d0f1a4'
const line = (id: number) => `{"id":${id},"email":"${SECRET}.${id}@example.com"}\n`
const lines = (count: number) => Array.from({ length: count }, (_, id) => line(id)).join('')

test('records and files in windows', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => ({
      ...withFormats(policy),
      limits: { bodyBytesMax: 65_536 },
      upstreams: Object.fromEntries(
        Object.entries(policy.upstreams).map(([name, one]) => [
          name,
          { ...one, codings: ['gzip'] as const },
        ]),
      ),
    }),
  })
  const { upstream, gateway } = world
  const token = await world.token()
  const ask = async (path: string, body: string | Buffer, contentType: string, coded = false) => {
    upstream.reset()
    const headers = coded ? ([['content-encoding', 'gzip']] as const) : []
    const answer = jsonAnswer('', { contentType, headers })
      .toString()
      .replace('content-length: 0', `content-length: ${body.length}`)
    upstream.answer(() => Buffer.concat([Buffer.from(answer), Buffer.from(body)]))
    const got = await request(gateway.port, { path, token }, { timeoutMs: 20_000 })
    const [id] = headerValues(got.headers, 'celosia-request-id')
    const records = (await gateway.records())
      .filter((event) => (event['metadata'] as AuditEvent)['correlation_uid'] === id)
      .filter((event) => accessViews([event]).length > 0)
      .map((event) => (event['unmapped'] as { celosia: AuditEvent }).celosia)
    return { got, records }
  }
  const masked = (records: readonly AuditEvent[]) =>
    records
      .flatMap(({ classes }) => classes as readonly { masked: number }[])
      .reduce((sum, entry) => sum + entry.masked, 0)

  await t.test('lines leave in windows whose records add up', async (t) => {
    for (const coded of [false, true]) {
      const body = lines(ROWS)
      const { got, records } = await ask(
        '/api/v2/lines',
        coded ? gzipSync(body) : body,
        'application/x-ndjson',
        coded,
      )
      t.ok(got.complete)
      t.equal(got.body.toString(), body.replaceAll(/canary[^@]+/g, 'c***'))
      t.ok(records.length > 2)
      t.same([records[0]?.['phase'], records.at(-1)?.['phase']], ['opening', 'closing'])
      t.equal(masked(records), ROWS)
    }
  })

  await t.test(
    'a broken line cuts the answer: whole lines have left, and no half of one',
    async (t) => {
      const { got, records } = await ask(
        '/api/v2/lines',
        `${lines(ROWS)}{"email":"${SECRET}`,
        'application/x-ndjson',
      )
      t.notOk(got.complete)
      const text = got.body.toString()
      t.notMatch(text, SECRET)
      for (const one of text.split('\n').slice(0, -1))
        t.match(JSON.parse(one), { email: 'c***@example.com' })
      t.equal(text.at(-1), '\n', 'the last line that left is whole')
      t.match(records.at(-1), {
        phase: 'closing',
        decision: 'deny',
        reasons: ['upstream-body-refused'],
      })
    },
  )

  await t.test('a table leaves in windows, and its last row may lack its end', async (t) => {
    const row = (id: number) => `${id},${SECRET}.${id}@example.com,"a ""note""",x`
    const body = ['id,email,note,role', ...Array.from({ length: ROWS }, (_, id) => row(id))].join(
      '\r\n',
    )
    const { got, records } = await ask('/api/v2/table', body, 'text/csv')
    t.ok(got.complete)
    t.equal(
      got.body.toString(),
      body.replaceAll(/canary[^@]+/g, 'c***').replaceAll('"a ""note"""', '"[redacted]"'),
    )
    t.equal(masked(records), 2 * ROWS)
  })

  await t.test(
    'a file leaves in windows, of which the first and the last are on record',
    async (t) => {
      const body = Buffer.alloc(1_500_000, 'pdf ')
      const { got, records } = await ask('/api/v2/files/7', body, 'application/pdf')
      t.ok(got.complete)
      t.ok(got.body.equals(body), 'byte for byte')
      t.same(
        records.map(({ phase, unchecked, window }) => [phase, unchecked, window]),
        [
          ['opening', ['answer'], 1],
          ['closing', ['answer'], 2],
        ],
      )
      t.same(headerValues(got.headers, 'celosia-masked'), [])
    },
  )

  t.match(await gateway.metrics(), /^celosia_held_bytes 0$/m)
  t.notMatch(JSON.stringify(await gateway.records()), SECRET)
})
