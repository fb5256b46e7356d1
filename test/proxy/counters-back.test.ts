/** Counters that are away for one window of an answer, and back for the next. */
import { test } from 'tap'
import { CounterUnavailableError } from '../../src/detection/errors.ts'
import type { LookupCounter } from '../../src/detection/lookup-counter.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import { startPipeline } from '../helpers/pipeline.ts'
import { request } from '../helpers/raw-client.ts'
import { startRawUpstream } from '../helpers/upstream.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { compileText } from '../rules/policy-text.ts'

const USERS = 3_000

test('what a later window exposes is counted, though the counters were away for an earlier one', async (t) => {
  const key = await makeKey('ES256')
  const { issuer } = await startJwksServer(t, [key])
  const upstream = await startRawUpstream(t)
  const users = Array.from({ length: USERS }, (_, id) => ({ id, name: `Ada ${id}`.repeat(20) }))
  upstream.answer(() => jsonAnswer({ users }))
  const policy = compileText(`version: 1
upstreams: { desk: { url: "${upstream.url}" } }
identity:
  issuers:
    - { issuer: "${issuer}", audience: celosia, algorithms: [ES256], roles: "$.realm_access.roles[*]" }
keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY } }
limits: { bodyBytesMax: 65536 }
classes: { person.name: { mask: initials } }
roles: { agent: { show: [person.name], justification: "A test" } }
defaults: { unlisted: mask }
detect:
  - { name: many, count: { distinct: dataSubject, over: 2000, within: 1h }, whenUnknown: flag, then: [flag] }
routes:
  - match: GET /api/v2/users
    upstream: desk
    dataSubjects: [{ kind: user, at: "$.users[*]", id: '@.id' }]
    fields: { person.name: "$.users[*].name" }
    fixture: none
`)
  const { port, services, records } = await startPipeline(t, policy)
  const { counter } = services
  const add = counter.add.bind(counter)
  let asked = 0
  const failsOnce: Partial<LookupCounter> = {
    add: (windows) => {
      asked += 1
      return asked === 1 ? Promise.reject(new CounterUnavailableError('away')) : add(windows)
    },
  }
  Object.assign(counter, failsOnce)
  const token = await signToken(accessClaims(issuer, { realm_access: { roles: ['agent'] } }), {
    key,
  })
  const got = await request(port, { path: '/api/v2/users', token }, { timeoutMs: 10_000 })
  t.equal(got.status, 200)
  t.ok(got.complete)
  const observed = records
    .filter(({ type }) => type === 'finding')
    .map(({ event }) => (event as { unmapped: { celosia: { observed: unknown } } }).unmapped)
    .map(({ celosia }) => celosia.observed)
  t.equal(observed.length, 2)
  t.equal(observed[0], null, 'that it is not known')
  t.ok(Number(observed[1]) > 2_000, 'and what was counted since')
})
