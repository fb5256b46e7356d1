/** The self-test of a gateway that runs: it tells readiness and the audit, and closes what leaks. */
import { test } from 'tap'
import type { Test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import type { SelfTestDocument } from '../../src/rules/policy/self-test-document.ts'
import { shippedPolicy } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { request } from '../helpers/raw-client.ts'
import { runHere } from '../helpers/program.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer, statusAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'
import type { World, WorldOptions } from '../helpers/world.ts'

const CANARY = { EMAIL: 'quillon.vextrade@planted.example', CARD: '4929421234567899' }
const USER = 'GET /api/v2/users/{id:integer}'

const SELF_TEST: SelfTestDocument = {
  interval: '10s',
  onLeak: 'refuse-route',
  records: [
    {
      name: 'canary',
      get: '/api/v2/users/900001',
      as: [['agent'], ['lead']],
      hidden: [
        { class: 'contact.email', env: 'EMAIL', kept: ['@planted.example'] },
        { class: 'payment.card', env: 'CARD', from: ['agent', 'lead'] },
      ],
    },
  ],
  direct: [{ upstream: 'helpdesk', path: '/api/v2/users/900001' }],
}

const withSelfTest = (policy: PolicyDocument, more: Partial<SelfTestDocument> = {}) => ({
  ...policy,
  selfTest: { ...SELF_TEST, ...more },
})

/** The same, where photos are nobody's to see any more. */
function mended(policy: PolicyDocument): PolicyDocument {
  const routes = policy.routes.map((route) => ({
    ...route,
    ...(route.plain && { plain: route.plain.map((query) => query.replace(', "photo"', '')) }),
  }))
  return { ...policy, routes }
}

/** Every user exists; the planted one has its address in a field that the policy takes for no personal data. */
function answerUsers({ upstream, canaries }: World): void {
  upstream.answer(({ target, headers }) => {
    if (!headers.some(([name]) => /^authorization$/i.test(name))) return statusAnswer(401)
    const id = Number(target.split('/').at(-1))
    const { user } = JSON.parse(userBody(canaries, id))
    if (id !== 900_001) return jsonAnswer({ user })
    const user_fields = { ...user.user_fields, card_on_file: CANARY.CARD }
    const photo = Buffer.from(`see ${CANARY.EMAIL}`).toString('base64')
    return jsonAnswer({ user: { ...user, email: CANARY.EMAIL, user_fields, photo } })
  })
}

/** With the records in place: a policy that is loaded is tested at once. */
async function start(t: Test, policy: PolicyDocument, more: WorldOptions = {}): Promise<World> {
  const world = await startWorld(t, { ...more, env: CANARY })
  answerUsers(world)
  t.equal(await world.gateway.reload(policy), 'reloaded')
  return world
}

/** Waits for it, at most as long as two runs take. */
async function until(truth: () => Promise<boolean>): Promise<boolean> {
  for (let round = 0; round < 150; round += 1) {
    if (await truth()) return true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return false
}

const ask = async ({ gateway, token }: World, path = '/api/v2/users/7', as = 'agent') =>
  request(gateway.port, { path, token: await token({ roles: [as] }) })

const problemsOf = async ({ gateway }: World) => (await gateway.readiness()).problems

test('a gateway whose answers leak is not ready, says so, and closes the route until that is mended', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { url: redisUrl } = await startRedis(t)
  const world = await start(t, withSelfTest(shippedPolicy()), { store: { redisUrl } })
  const { gateway } = world
  t.ok(await until(async () => (await problemsOf(world)).some((one) => one.includes('tells'))))
  t.match(await gateway.readiness(), {
    ready: false,
    problems: [`self-test: ${USER} tells contact.email of the record canary to agent`],
  })
  const refused = await ask(world)
  t.equal(refused.status, 503)
  t.match(refused.body.toString(), /Route closed/)
  t.equal((await ask(world, '/api/v2/organizations/9')).status === 503, false, 'others go on')
  const records = await gateway.records()
  t.match(
    records.filter((event) => event['class_uid'] === 2006),
    [{ severity: 'Critical', unmapped: { celosia: { rule: 'self-test', check: 'hidden' } } }],
  )
  t.ok(records.some((event) => event['status_detail'] === 'self-test-failed'))
  t.equal(await gateway.reload(mended(withSelfTest(shippedPolicy()))), 'reloaded')
  t.ok(await until(async () => (await problemsOf(world)).length === 0))
  t.equal((await ask(world)).status, 200)
  const own = (await gateway.records()).filter((event) => event['class_uid'] === 2006)
  t.match(own.at(-1), { status: 'Resolved' })
  const said = JSON.stringify(await gateway.records()) + gateway.logs()
  for (const value of Object.values(CANARY)) t.notOk(said.includes(value))
})

test('celosia selftest runs once and prints what came of it', async (t) => {
  const world = await start(t, mended(withSelfTest(shippedPolicy())))
  const { gateway, upstream } = world
  const args = ['selftest', '--config', gateway.policyFile]
  const good = await runHere(args, { env: gateway.environment })
  t.match(good, { code: 0, stdout: /^state +check +record +as +classes +why\npassed +planted/ })
  t.match(good.stdout, /passed +hidden +canary +agent +- +nothing of what must be hidden is told/)
  t.match(good.stdout, /passed +direct +helpdesk +- +- +the upstream answers 401/)
  upstream.answer(jsonAnswer({ user: { email: CANARY.EMAIL } }))
  const bad = await runHere([...args, '--json'], { env: gateway.environment })
  t.equal(bad.code, 4)
  t.match(
    JSON.parse(bad.stdout).map(({ kind, state }: Record<string, string>) => `${kind} ${state}`),
    ['planted failed', 'hidden passed', 'hidden passed', 'direct failed'],
  )
  await upstream.close()
  t.equal((await runHere(args, { env: gateway.environment })).code, 5)
})
