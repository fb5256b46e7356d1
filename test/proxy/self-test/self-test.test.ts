/** The gateway asks itself: what it finds out, what follows, and what it is not. */
import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import type { Test } from 'tap'
import { valueAt } from '../../../src/audit/export/event-fields.ts'
import { accessView } from '../../../src/audit/query/access-view.ts'
import { problemOf } from '../../../src/proxy/self-test/check.ts'
import type { SelfTest } from '../../../src/proxy/self-test/self-test.ts'
import { ocsfFaults, requireOcsf } from '../../helpers/ocsf.ts'
import { startPipeline } from '../../helpers/pipeline.ts'
import type { Pipeline } from '../../helpers/pipeline.ts'
import { startRawUpstream } from '../../helpers/upstream.ts'
import type { RawUpstream, UpstreamRequest } from '../../helpers/upstream.ts'
import { jsonAnswer, statusAnswer } from '../../helpers/upstream-answers.ts'
import type { UpstreamAnswer } from '../../helpers/upstream-answers.ts'
import { compileText } from '../../rules/policy-text.ts'

const EMAIL = 'quillon.vextrade@planted.example'
const CARD = '4929 4212 3456 7899'
const SECRET = 'Bearer upstream-secret'

const policyOf = (url: string, selfTest: string) => `version: 1
upstreams: { desk: { url: "${url}", headers: { authorization: "${SECRET}" }, timeouts: { answer: 1s } } }
identity:
  issuers:
    - { issuer: "http://127.0.0.1:9", audience: celosia, algorithms: [ES256], roles: "$.roles[*]" }
keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY } }
defaults: { unlisted: mask }
classes:
  contact.email: { mask: email }
  payment.card: { mask: { keepLast: 4 }, sensitive: true }
roles:
  agent: {}
  lead: { show: [contact.email] }
  billing: { show: [payment.card], justification: Refunds }
routes:
  - match: GET /users/{id:integer}
    upstream: desk
    dataSubjects: [{ kind: user, request: path.id }]
    fields: { contact.email: $.email, payment.card: $.card }
    plain: [$.id, $.note]
    fixture: none
  - match: GET /others/{id:integer}
    upstream: desk
    plain: [$.id]
    fixture: none
detect:
  - name: trap
    count: { traps: { user: ["900001"] }, within: 1h }
    then: [flag, block]
${selfTest}`

const HIDDEN = `
    hidden:
      - { class: contact.email, env: EMAIL, kept: ["@planted.example"] }
      - { class: payment.card, env: CARD }`
const RECORDS = `
  records:
  - name: canary
    get: /users/900001
    as: [[agent], [lead], [agent, billing]]${HIDDEN}
`

interface Running extends Pipeline {
  readonly upstream: RawUpstream
  readonly selfTest: SelfTest
}

const record = (note = 'a note') => jsonAnswer({ id: 900_001, email: EMAIL, card: CARD, note })

/** The upstream answers by this; without the credential it refuses. */
async function start(
  t: Test,
  answer: (request: UpstreamRequest) => UpstreamAnswer,
  selfTest = `selfTest:${RECORDS}`,
): Promise<Running> {
  const upstream = await startRawUpstream(t)
  upstream.answer(answer)
  const planted = { EMAIL, CARD }
  const pipeline = await startPipeline(
    t,
    compileText(policyOf(upstream.url, selfTest), { planted }),
  )
  if (pipeline.app.selfTest === undefined) throw new Error('there is no self-test')
  return { ...pipeline, upstream, selfTest: pipeline.app.selfTest }
}

const brief = (checks: Awaited<ReturnType<SelfTest['run']>>) =>
  checks.map(({ kind, roles, state, classes }) => [kind, roles.join('+'), state, classes.join(' ')])

const PASSED = [
  ['planted', '', 'passed', ''],
  ['hidden', 'agent', 'passed', ''],
  ['hidden', 'lead', 'passed', ''],
  ['hidden', 'agent+billing', 'passed', ''],
]

test('what is hidden is found to be, through the pipeline, and nobody is counted for it', async (t) => {
  const { selfTest, records, upstream, services } = await start(t, () => record())
  t.same(selfTest.problems(), ['self-test: it has not run yet'])
  t.same(brief(await selfTest.run()), PASSED)
  t.same([selfTest.problems(), selfTest.notes()], [[], []])
  t.equal(upstream.requests.length, 4, 'once on its own account, and once as each')
  t.same(
    records.map(({ type, event }) => [type, valueAt(event, 'unmapped.celosia.self_test')]),
    [1, 2, 3].map(() => ['access', true]),
    'each is on record as what it is; no trap has snapped',
  )
  t.match(records[0]?.event, {
    actor: { user: { uid: 'self-test' }, session: { issuer: 'urn:celosia:self-test' } },
    unmapped: { celosia: { classes: [{ class: 'contact.email', masked: 1 }, {}] } },
  })
  t.same(
    records.map((one) => accessView(one)),
    [undefined, undefined, undefined],
  )
  const metrics = await services.metrics.text()
  t.match(metrics, 'celosia_self_test_checks{state="passed"} 4')
  t.notMatch(metrics, /celosia_requests_total\{|celosia_locations_total\{/)
  await selfTest.run()
  t.equal(records.length, 6)
})

const SPELLINGS: Readonly<Record<string, string>> = {
  'as it is': `call ${EMAIL}`,
  'in capitals': EMAIL.toUpperCase(),
  'a part of it': 'her address begins with quillon.vextr',
  'in base64': Buffer.from(`..${EMAIL}`).toString('base64'),
  percent: Array.from(Buffer.from(EMAIL), (byte) => `%${byte.toString(16)}`).join(''),
  card: 'card 4929-4212-3456-7899',
}

test('what a role is told and must not be is a leak, in whatever spelling: told at once, and once', async (t) => {
  for (const [name, note] of Object.entries(SPELLINGS)) {
    const { selfTest, records, services } = await start(t, () => record(note))
    const dataClass = name === 'card' ? 'payment.card' : 'contact.email'
    const leaks = name === 'card' ? ['agent', 'lead'] : ['agent', 'agent+billing']
    const found = await selfTest.run()
    const failed = found.filter(({ state }) => state === 'failed')
    t.same(
      brief(failed),
      leaks.map((as) => ['hidden', as, 'failed', dataClass]),
      name,
    )
    t.same(selfTest.problems(), failed.map(problemOf))
    const findings = () => records.filter(({ type }) => type === 'finding')
    t.same(
      findings().map(({ severity }) => severity),
      [5, 5],
    )
    await selfTest.run()
    t.equal(findings().length, 2, 'once')
    t.match(await services.metrics.text(), 'celosia_self_test_checks{state="failed"} 2')
    const text = JSON.stringify(records)
    for (const value of [EMAIL, CARD, note]) t.notOk(text.includes(value), 'no value is on record')
  }
})

test('a finding is a Data Security Finding of OCSF, and is closed once it is over', async (t) => {
  let note = EMAIL
  const { selfTest, records } = await start(t, () => record(note))
  await selfTest.run()
  note = 'nothing'
  await selfTest.run()
  t.same(selfTest.problems(), [])
  const findings = records.filter(({ type }) => type === 'finding').map(({ event }) => event)
  t.match(findings[0], {
    class_uid: 2006,
    type_uid: 200_601,
    severity: 'Critical',
    status: 'New',
    is_alert: true,
    message: /^GET \/users\/\{id:integer\} tells contact\.email of the record canary to agent\.$/,
    unmapped: { celosia: { check: 'hidden', canary: 'canary', classes: ['contact.email'] } },
  })
  t.match(findings[2], { type_uid: 200_603, severity_id: 1, status: 'Resolved', is_alert: false })
  t.equal(findings.length, 4)
  if (!requireOcsf(t)) return
  for (const event of findings) t.same(ocsfFaults(event), [])
})

test('an upstream that is away is no verdict: nothing passes, and what has failed goes on failing', async (t) => {
  let answer: UpstreamAnswer = record(EMAIL)
  const { selfTest, records } = await start(t, () => answer)
  await selfTest.run()
  const failed = selfTest.problems()
  t.equal(failed.length, 2)
  for (const away of ['reset', statusAnswer(503), statusAnswer(401), 'hang'] as const) {
    answer = away
    t.same(
      (await selfTest.run()).map(({ state }) => state),
      ['unknown', 'failed', 'unknown', 'failed'],
    )
    t.same(selfTest.problems(), failed)
  }
  t.match(selfTest.notes(), [
    'self-test: canary - the upstream did not answer in time',
    'self-test: canary as lead - not asked: the upstream did not answer in time',
  ])
  t.equal(records.filter(({ type }) => type === 'finding').length, 2)
})

test('a record that is gone, or holds something else, fails the third time: nothing is tested by it', async (t) => {
  for (const other of [
    statusAnswer(404),
    jsonAnswer({ id: 900_001, email: 'other', card: CARD }),
  ]) {
    let answer: UpstreamAnswer = other
    const { selfTest, records } = await start(t, () => answer)
    const run = async () => (await selfTest.run())[0]?.state
    t.same([await run(), await run()], ['unknown', 'unknown'])
    t.same(selfTest.problems(), [])
    t.equal(await run(), 'failed')
    t.match(selfTest.problems(), [/^self-test: the record canary does not hold contact\.email/])
    t.equal(await run(), 'failed')
    const findings = records.filter(({ type }) => type === 'finding')
    t.same(
      findings.map(({ severity }) => severity),
      [3],
    )
    answer = record()
    t.equal(await run(), 'passed')
    t.same(selfTest.problems(), [])
    answer = other
    t.equal(await run(), 'unknown', 'it is counted anew')
  }
})

test('an answer that is too large to be searched is no verdict', async (t) => {
  const { selfTest } = await start(t, () => record('x'.repeat(300_000)))
  t.same(
    (await selfTest.run()).map(({ state }) => state),
    Array(4).fill('unknown'),
  )
  t.match(selfTest.notes()[0], /cannot be searched/)
})

test('an upstream must refuse who comes without the credential of the gateway', async (t) => {
  const direct = 'selfTest:\n  direct: [{ upstream: desk, path: /users/900001 }]\n'
  let open = false
  const { selfTest, records, upstream } = await start(
    t,
    ({ headers }) => {
      const known = headers.some(
        ([name, value]) => /^authorization$/i.test(name) && value === SECRET,
      )
      return known || open ? record() : statusAnswer(401)
    },
    direct,
  )
  t.same(brief(await selfTest.run()), [['direct', '', 'passed', '']])
  t.notMatch(String(upstream.connections()[0]?.bytes), /authorization|secret/i)
  open = true
  t.same(brief(await selfTest.run()), [['direct', '', 'failed', '']])
  t.same(selfTest.problems(), [
    'self-test: the upstream desk answers without the credential of the gateway',
  ])
  t.match(records[0], { severity: 5, event: { class_uid: 2006 } })
  if (requireOcsf(t)) t.same(ocsfFaults(records[0]?.event ?? {}), [])
  upstream.answer(statusAnswer(503))
  t.same(brief(await selfTest.run()), [['direct', '', 'failed', '']], 'until it is seen to refuse')
  upstream.answer(statusAnswer(403))
  t.same(brief(await selfTest.run()), [['direct', '', 'passed', '']])
  upstream.answer(statusAnswer(302))
  t.same(brief(await selfTest.run()), [['direct', '', 'failed', '']])
})

test('a store that does not take the record is no verdict, and a finding waits for it', async (t) => {
  const { selfTest, become, services } = await start(t, () => record(EMAIL))
  become('refuses')
  t.same(
    (await selfTest.run()).map(({ state }) => state),
    ['passed', ...Array(3).fill('unknown')],
  )
  become((some) => (some.some(({ type }) => type === 'finding') ? 'refuses' : 'takes'))
  const before = services.late.waiting()
  await selfTest.run()
  t.equal(services.late.waiting() - before, 2)
  t.equal(selfTest.failed().length, 2)
})

test('an answer that comes to a stop in the middle is no verdict, and no fault of the process', async (t) => {
  const body = Buffer.from(JSON.stringify({ id: 900_001, email: EMAIL, card: CARD }))
  const padded = Buffer.concat([Buffer.alloc(1_500_000, ' '), body])
  let asked = 0
  const { selfTest } = await start(
    t,
    () => {
      asked += 1
      const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${padded.length + 9}\r\n\r\n`
      const bytes = Buffer.concat([Buffer.from(head), padded])
      return asked === 1 ? record() : { bytes, after: 'hang' }
    },
    `selfTest:\n  timeout: 1s${RECORDS}`,
  )
  t.same(
    (await selfTest.run()).map(({ state }) => state),
    ['passed', ...Array(3).fill('unknown')],
  )
  t.match(
    selfTest.notes()[0],
    /as agent - (?:no whole answer came in time|the answer cannot be searched)/,
  )
})

test('what does not answer is waited for once in a run', async (t) => {
  const more = RECORDS.replace('  records:\n', '').replace('name: canary', 'name: second')
  const direct = '  direct: [{ upstream: desk, path: /a }, { upstream: desk, path: /b }]\n'
  const { selfTest, upstream } = await start(
    t,
    () => 'hang',
    `selfTest:\n  timeout: 1s${RECORDS}${more}${direct}`,
  )
  const checks = await selfTest.run()
  t.same(new Set(checks.map(({ state }) => state)), new Set(['unknown']))
  t.equal(checks.length, 10)
  t.equal(upstream.requests.length, 1)
  t.match(
    checks.map(({ note }) => note),
    ['did not answer in time', 'not asked', 'not asked', 'not asked', 'not asked again'],
  )
})

test('an answer in a coding that nobody asked for is read, or is no verdict', async (t) => {
  const coded = (bytes: Buffer) =>
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`,
      ),
      bytes,
    ])
  const plain = JSON.stringify({ id: 900_001, email: EMAIL, card: CARD })
  let answer = coded(gzipSync(plain))
  const { selfTest } = await start(t, () => answer)
  const first = async () => (await selfTest.run())[0]
  t.match(await first(), { kind: 'planted', state: 'passed' })
  answer = coded(Buffer.from(plain))
  t.match(await first(), { state: 'unknown', note: 'the answer cannot be searched' })
  answer = coded(gzipSync('x'.repeat(1_000_000)))
  t.match(await first(), { state: 'unknown', note: 'the answer cannot be searched' })
})
