/** The requests of a real gateway, in a journal and in Redis, under another policy. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { shippedPolicy } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'

const withLedger = (policy: PolicyDocument): PolicyDocument => ({
  ...policy,
  audit: { ...policy.audit, ledger: 'locations' },
})

/** Agents see addresses, leads no longer; searches are for leads. */
const other = (policy: PolicyDocument): PolicyDocument => ({
  ...policy,
  roles: {
    ...policy.roles,
    agent: { show: ['person.name', 'contact.email'] },
    lead: {
      ...policy.roles['lead'],
      show: ['person.name'],
      reveal: { ...policy.roles['lead']?.reveal, 'contact.phone': {} },
    },
  },
  routes: policy.routes.map((route) =>
    route.match === 'GET /api/v2/users/{id:integer}/identities'
      ? { ...route, roles: ['lead'] }
      : route,
  ),
})

for (const [store, ledger] of [
  ['journal', 'locations'],
  ['redis', 'counts'],
] as const) {
  test(`past requests under another policy, from ${store} with a ledger of ${ledger}`, async (t) => {
    if (store === 'redis' && !requirePeer(t, 'redis-server')) return
    const redis = store === 'redis' ? await startRedis(t) : undefined
    const change = ledger === 'locations' ? withLedger : (policy: PolicyDocument) => policy
    const world = await startWorld(t, {
      change,
      ...(redis !== undefined && { store: { redisUrl: redis.url } }),
    })
    const { gateway, upstream, canaries } = world
    upstream.answer(jsonAnswer(userBody(canaries, 7)))
    const look = async (subject: string, role: string, path = '/api/v2/users/7') => {
      const token = await world.token({ subject, roles: [role] })
      return (await request(gateway.port, { path, token })).status
    }
    t.equal(await look('agent-1', 'agent'), 200)
    t.equal(await look('agent-2', 'agent'), 200)
    t.equal(await look('lead-1', 'lead'), 200)
    t.equal(await look('agent-1', 'agent', '/api/v2/users/7/identities'), 200)
    await look('agent-1', 'agent', '/api/v2/nowhere')

    const file = join(t.testdir(), 'other.yaml')
    const place = async (policy: PolicyDocument) =>
      writeFile(file, JSON.stringify(noFixtures(policy)))
    const replay = (...args: readonly string[]) =>
      runHere(
        [
          'insight',
          'replay',
          '--policy',
          file,
          '--config',
          gateway.policyFile,
          ...(redis === undefined ? ['--journal', gateway.journal] : ['--redis', redis.url]),
          ...args,
        ],
        { env: gateway.environment },
      )
    await place(other(change(shippedPolicy())))
    const { stdout, stderr, code } = await replay('--format', 'json')
    t.equal(code, 0, stderr)
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const of = (what: string, roles: string, name: string | null) =>
      lines.find(
        (line) => line['change'] === what && line['roles'] === roles && line['class'] === name,
      )
    const email = of('newly visible', 'agent', 'contact.email')
    t.match(email, { route: 'GET /api/v2/users/{id:integer}', agents: 2 }, stdout)
    t.ok(Number(email?.['places']) >= 2)
    t.match(of('would need a reveal', 'lead', 'contact.phone'), { agents: 1 })
    t.match(of('newly hidden', 'lead', 'contact.email'), { agents: 1 })
    t.match(of('newly refused', 'agent', null), {
      reason: 'route-forbidden',
      route: 'GET /api/v2/users/{id:integer}/identities',
      places: 0,
    })
    t.notOk(
      lines.some((line) => line['change'] === 'unknown'),
      stdout,
    )
    t.match(stderr, /^5 requests; \d+ lines, \d+ of them looser or unknown\n/)
    t.equal(/count classes only/.test(stderr), ledger === 'counts')
    t.equal((await replay('--fail-on-loosening')).code, 6)
    t.match((await replay()).stdout, /^newly visible:\nroles +route +class/)

    await place(change(shippedPolicy()))
    const same = await replay('--fail-on-loosening')
    t.match(same, { code: 0, stdout: 'nothing would have gone otherwise\n' })
    t.equal((await replay('--to', '2020-01-01')).stdout, 'nothing would have gone otherwise\n')
  })
}

// The other policy stands in a folder of its own.
function noFixtures(policy: PolicyDocument): PolicyDocument {
  return {
    ...policy,
    routes: policy.routes.map(({ body, ...route }) => ({
      ...route,
      fixture: 'none',
      ...(body !== undefined && { body: { ...body, fixture: 'none' } }),
    })),
  }
}
