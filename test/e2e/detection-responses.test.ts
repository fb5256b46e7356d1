/** What is done about those who look too much: each response, how it ends, and what of it is on record. */
import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import type { DetectDocument } from '../../src/rules/policy/detect-document.ts'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { runHere as runProgram } from '../helpers/program.ts'
import { requirePeer } from '../helpers/peers.ts'
import { header, request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { searchBudgets, startWorld, type World, type WorldOptions } from '../helpers/world.ts'

type Then = DetectDocument['then']

/** Rules begin anew with each name. */
async function respond(
  { gateway }: World,
  name: string,
  then: Then,
  more: Partial<DetectDocument> = {},
) {
  const policy = JSON.parse(await readFile(gateway.policyFile, 'utf8')) as PolicyDocument
  const count = { distinct: 'dataSubject', over: 2, within: '1h' } as const
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
  const rule: DetectDocument = { name, classes: ['person.name'], count, then, ...more }
  const changed = { ...policy, detect: [...searchBudgets(policy), rule] }
  if ((await gateway.reload(JSON.stringify(changed, null, 2))) !== 'reloaded')
    throw new Error('the policy was refused')
}

async function start(t: Test, options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(t, options)
  world.upstream.answer(({ target }) =>
    jsonAnswer(userBody(world.canaries, Number(target.split('/').at(-1)))),
  )
  return world
}

async function look(
  world: World,
  id: number,
  { roles = ['lead'], claims = {}, headers = {}, subject = 'lead-1' }: Look = {},
) {
  const token = await world.token({ roles, subject, claims })
  const path = `/api/v2/users/${id}`
  return request(world.gateway.port, { path, token, headers: Object.entries(headers) })
}

interface Look {
  readonly roles?: readonly string[]
  readonly claims?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly subject?: string
}

async function own(world: World): Promise<readonly Record<string, unknown>[]> {
  return (await world.gateway.records()).filter((event) => event['class_uid'] === 2004)
}

test('graduated responses', async (t) => {
  const world = await start(t)
  const { canaries } = world
  const email = canaries.make('email', 'user.email')

  await t.test(
    'mask: work goes on, and the answer that is too much is masked already',
    async (t) => {
      await respond(world, 'masking', ['flag', 'mask'])
      for (const id of [1, 2]) t.match((await look(world, id)).body.toString(), email)
      for (const id of [3, 1]) {
        const answer = await look(world, id)
        t.equal(answer.status, 200)
        t.notMatch(answer.body.toString(), email)
        t.equal(header(answer, 'celosia-notice'), 'lookups-masked')
      }
      t.match((await look(world, 4, { subject: 'lead-2' })).body.toString(), email, 'of one alone')
      const search = await request(world.gateway.port, {
        path: '/api/v2/users/search?query=email%3Aj*',
        token: await world.token({ roles: ['lead'], subject: 'lead-1' }),
      })
      t.equal(search.status, 403, 'who sees nothing does not search by a part of it')
      const [finding] = await own(world)
      t.match(finding, {
        severity_id: 3,
        risk_level_id: 2,
        message:
          '3 data subjects looked at (person.name) in 1 h by subject lead-1, more than 2. Then: flag, mask.',
        remediation: { desc: /celosia unblock/ },
      })
    },
  )

  await t.test('step-up: a better login goes on', async (t) => {
    await respond(world, 'fresh login', ['flag', { stepUp: 'second-factor' }])
    const weak = { claims: { acr: 'pwd', amr: ['pwd'] } }
    for (const id of [1, 2, 3]) t.equal((await look(world, id, weak)).status, 200)
    const refused = await look(world, 4, weak)
    t.equal(refused.status, 401)
    t.match(
      header(refused, 'www-authenticate'),
      /insufficient_user_authentication.*max_age="43200"/,
    )
    t.equal((await look(world, 4)).status, 200, 'by the token of a better login')
  })

  await t.test('throttle: so many in a time, and when the next', async (t) => {
    await respond(world, 'slower', [{ throttle: '2/h' }])
    for (const id of [1, 2, 3, 4, 5]) t.equal((await look(world, id)).status, 200)
    const refused = await look(world, 1)
    t.equal(refused.status, 429)
    t.equal(header(refused, 'retry-after'), '1800')
    t.match(refused.body.toString(), /lookups-throttled/)
  })

  await t.test('reason: reveals need one', async (t) => {
    const policy = JSON.parse(await readFile(world.gateway.policyFile, 'utf8')) as PolicyDocument
    const { lead } = policy.roles
    const reveal = { 'id.national': { reason: 'optional', justification: 'A test' } } as const
    const roles = { ...policy.roles, lead: { ...lead, reveal } }
    await world.gateway.reload(JSON.stringify({ ...policy, roles }, null, 2))
    await respond(world, 'reasons', ['reason'])
    const headers = { 'celosia-reveal': 'classes=(id.national)' }
    for (const id of [1, 2, 3]) t.equal((await look(world, id, { headers })).status, 200)
    t.match((await look(world, 4, { headers })).body.toString(), /reveal-reason-missing/)
    t.equal((await look(world, 4)).status, 200)
    const withReason = { 'celosia-reveal': 'classes=(id.national), reason="refund 8123"' }
    t.equal((await look(world, 4, { headers: withReason })).status, 200)
  })

  await t.test('notify: the finding is of high severity', async (t) => {
    await respond(world, 'loud', ['notify'])
    for (const id of [1, 2, 3]) await look(world, id)
    const finding = (await own(world)).at(-1)
    t.match(finding, { severity_id: 4, risk_level_id: 3 })
  })

  await t.test('block lasts as long as it is said, and is lifted by a command', async (t) => {
    await respond(world, 'blocking', ['flag', 'block'], {
      for: '1h',
      count: { distinct: 'dataSubject', over: 2, within: '1s' },
    })
    for (const id of [1, 2]) t.equal((await look(world, id)).status, 200)
    t.equal((await look(world, 3)).status, 403)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    t.equal((await look(world, 1)).status, 403, 'after its window too')
    const { policyFile, journal, environment } = world.gateway
    const command = ['unblock', '--config', policyFile, '--journal', journal]
    const given = [
      ...command,
      '--subject',
      'lead-1',
      '--rule',
      'blocking',
      '--by',
      'Privacy Officer',
    ]
    const lifted = await runProgram(given, { env: environment })
    t.match(lifted.stdout, 'unblocked: subject lead-1; blocking')
    await until(async () => (await look(world, 1)).status === 200)
    await until(async () => (await own(world)).at(-1)?.['activity_id'] === 3)
    t.match((await own(world)).at(-1), {
      activity_id: 3,
      status: 'Resolved',
      unmapped: { celosia: { by: 'Privacy Officer', owner: 'lead-1', rules: ['blocking'] } },
    })
    for (const bad of [[], ['--role', 'agent'], ['--subject', 'a', '--role', 'b']]) {
      const refused = await runProgram([...command, ...bad, '--by', 'x'], { env: environment })
      t.equal(refused.code, 2, bad.join(' '))
    }
  })
})

test('an unblock holds on every instance that shares the Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await start(t, { store: { redisUrl: redis.url } })
  await respond(world, 'blocking', ['flag', 'block'], { for: '1h' })
  for (const id of [1, 2, 3]) await look(world, id)
  t.equal((await look(world, 1)).status, 403)
  const { policyFile, environment } = world.gateway
  const given = ['unblock', '--config', policyFile, '--redis', redis.url, '--subject', 'lead-1']
  t.equal((await runProgram([...given, '--by', 'Officer'], { env: environment })).code, 0)
  t.equal((await look(world, 1)).status, 200, 'at once')
})

test('an unblock that cannot be put on record does not happen', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await start(t, { store: { redisUrl: redis.url } })
  await respond(world, 'blocking', ['flag', 'block'], { for: '1h' })
  for (const id of [1, 2, 3]) await look(world, id)
  t.equal((await look(world, 1)).status, 403)
  await redis.admin().set('celosia:unblocks', 'no log')
  const { policyFile, environment } = world.gateway
  const given = ['unblock', '--config', policyFile, '--redis', redis.url, '--subject', 'lead-1']
  t.not((await runProgram([...given, '--by', 'Officer'], { env: environment })).code, 0)
  t.equal((await look(world, 1)).status, 403, 'still')
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
