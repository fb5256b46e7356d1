/** Intents: what is on record before an unsafe request may go on, and how each intent comes to its outcome. */
import { test } from 'tap'
import type { Test } from 'tap'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import type { CompiledPolicy } from '../../src/rules/compiled-policy.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import { startPipeline, type Pipeline } from '../helpers/pipeline.ts'
import { request, requestBytes, sendRaw } from '../helpers/raw-client.ts'
import { compileText } from '../rules/policy-text.ts'

const PATH = '/api/v2/users/7'
const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

interface Stage extends Pipeline {
  readonly token: string
  readonly ask: (method: string) => Promise<number | undefined>
}

async function stage(t: Test): Promise<Stage> {
  const key = await makeKey('ES256')
  const { issuer } = await startJwksServer(t, [key])
  const policy = compileText(`version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers:
    - { issuer: "${issuer}", audience: celosia, algorithms: [ES256], roles: "$.realm_access.roles[*]" }
keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY } }
classes: { person.name: { mask: initials } }
roles: { agent: {} }
defaults: { unlisted: mask }
routes:
  - match: GET /api/v2/users/{id:integer}
    upstream: desk
    dataSubjects: [{ kind: user, at: $.user, id: '@.id', request: path.id }]
    fields: { person.name: $.user.name }
    fixture: none
`)
  const pipeline = await startPipeline(t, anyMethod(policy))
  const token = await signToken(accessClaims(issuer, { realm_access: { roles: ['agent'] } }), {
    key,
  })
  const ask = async (method: string) =>
    (await request(pipeline.port, { path: PATH, method, token }, { timeoutMs: 6_000 })).status
  return { ...pipeline, token, ask }
}

/** The policy with its route under every method: the pipeline's part in unsafe requests, whatever a policy may say of them. */
function anyMethod(policy: CompiledPolicy): CompiledPolicy {
  return {
    ...policy,
    routes: {
      find: (method, parts) => {
        const found = policy.routes.find('GET', parts)
        const effect = UNSAFE.some((unsafe) => unsafe === method) ? 'write' : 'read'
        return found && { ...found, route: { ...found.route, effect } }
      },
    },
  }
}

function own({ event }: AuditRecord): Record<string, unknown> {
  return (event['unmapped'] as { celosia: Record<string, unknown> }).celosia
}

function assertClosed(t: Test, [intent, outcome, ...others]: readonly AuditRecord[]): void {
  t.same(others, [], 'an intent and an outcome')
  if (intent === undefined || outcome === undefined) {
    t.fail('both are there')
    return
  }
  t.match(own(intent), { phase: 'intent', decision: 'permit' })
  t.match(own(outcome), { phase: 'outcome', intent_id: intent.id })
  t.not(intent.id, outcome.id)
  const correlation = (record: AuditRecord) =>
    (record.event['metadata'] as { correlation_uid: string }).correlation_uid
  t.equal(correlation(intent), correlation(outcome))
}

test('an unsafe request has an intent first and an outcome that names it; a safe one has no intent', async (t) => {
  const { ask, records } = await stage(t)
  for (const method of UNSAFE) {
    const before = records.length
    t.type(await ask(method), 'number')
    const added = records.slice(before)
    assertClosed(t, added)
    const [intent] = added
    t.match(intent?.event, { status: 'Unknown', action: 'Allowed', http_request: Object })
    t.equal(intent?.event['http_response'], undefined, 'there is no answer yet')
    t.equal(intent?.event['status_code'], undefined)
    t.match(own(intent as AuditRecord)['data_subjects'], [{ kind: 'user', classes: [] }])
    t.equal(own(intent as AuditRecord)['upstream_status'], null)
  }
  const before = records.length
  await ask('GET')
  t.match(records.slice(before).map(own), [{ phase: 'outcome' }])
  t.equal(own(records.at(-1) as AuditRecord)['intent_id'], undefined)
})

test('what is refused before the intent has an outcome only', async (t) => {
  const { port, token, records } = await stage(t)
  await request(port, { path: `${PATH}?x=1`, method: 'PUT', token })
  t.match(records.map(own), [{ phase: 'outcome', reasons: ['parameter-undeclared'] }])
})

test('an intent that cannot be recorded: 503, and the outcome is recorded once the store is back', async (t) => {
  const { ask, become, records, services } = await stage(t)
  become('refuses')
  t.equal(await ask('PATCH'), 503)
  t.same(records, [])
  t.equal(services.late.waiting(), 1)
  become('takes')
  await until(() => records.length === 1)
  t.match(records.map(own), [
    { phase: 'outcome', reasons: ['audit-unavailable'], intent_id: String },
  ])
})

test('an intent that is not durable in time: 503 within two seconds', async (t) => {
  const { ask, become } = await stage(t)
  become('hangs')
  const start = performance.now()
  t.equal(await ask('DELETE'), 503)
  t.ok(performance.now() - start < 2_700)
})

test('an outcome that the store does not take is written later, so that no intent stays open', async (t) => {
  const { ask, become, records } = await stage(t)
  become((some) => (some.some((record) => own(record)['phase'] === 'intent') ? 'takes' : 'refuses'))
  t.equal(await ask('POST'), 503)
  t.match(records.map(own), [{ phase: 'intent' }])
  become('takes')
  await until(() => records.length === 2)
  assertClosed(t, records)
  t.match(own(records[1] as AuditRecord)['reasons'], ['audit-unavailable'])
})

test('K116 a caller who goes while the intent is being recorded leaves an outcome that names it', async (t) => {
  const { port, token, become, records, services } = await stage(t)
  become((some) => (some.some((record) => own(record)['phase'] === 'intent') ? 'hangs' : 'takes'))
  const bytes = requestBytes(port, { path: PATH, method: 'PATCH', token })
  await sendRaw(port, bytes, { abortAfterMs: 200 })
  await until(() => records.length === 1)
  become('takes')
  await until(() => records.length === 2)
  t.match(own(records[0] as AuditRecord), { phase: 'outcome', reasons: ['request-aborted'] })
  const intent = records[1] as AuditRecord
  t.match(own(intent), { phase: 'intent' })
  t.equal(own(records[0] as AuditRecord)['intent_id'], intent.id)
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.equal(records.length, 2, 'and it goes no further')
  t.equal(services.late.waiting(), 0)
})

test('records of more callers than can wait are dropped aloud, and the others are kept', async (t) => {
  const { become, records, services } = await stage(t)
  const record = (id: number): AuditRecord => ({
    id: String(id),
    type: 'access',
    severity: 1,
    event: {},
  })
  become('refuses')
  services.late.add(Array.from({ length: 10_005 }, (_, id) => record(id)))
  t.equal(services.late.waiting(), 10_000)
  become('takes')
  await services.late.stop()
  t.equal(records.length, 10_000)
  t.equal(records.at(-1)?.id, '9999')
})

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 8_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
