/** Reveals on the real listener: what is shown, what is on record, and budgets that hold in a burst, in a stream, over instances. */
import { test } from 'tap'
import type { Test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { startGatewayProcess, shippedPolicy } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { header, request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

const CARD = 'classes=(payment.card), reason="refund 8123"'

/** Answers each user with one of their own. */
function answerUsers({ upstream, canaries }: World): void {
  upstream.answer(({ target }) => {
    const id = Number(/\/(\d+)$/.exec(target)?.[1] ?? 7)
    return jsonAnswer(userBody(canaries, id))
  })
}

function ask(port: number, token: string, reveal: string | undefined, id = 7) {
  const headers = reveal === undefined ? [] : ([['celosia-reveal', reveal]] as const)
  return request(port, { path: `/api/v2/users/${id}`, token, headers }, { timeoutMs: 20_000 })
}

async function events({ gateway }: World, classId: number) {
  return (await gateway.records()).filter((event) => event['class_uid'] === classId)
}

test('a reveal shows the class, once, and says so everywhere', async (t) => {
  const world = await startWorld(t)
  const { gateway, canaries } = world
  answerUsers(world)
  const lead = await world.token({ roles: ['lead'], subject: 'lea' })
  const card = canaries.make('card', 'user.card')
  const plain = await ask(gateway.port, lead, undefined)
  t.notOk(plain.body.includes(card))
  t.equal(header(plain, 'celosia-revealed'), undefined)
  t.equal(header(plain, 'vary'), 'Authorization, Celosia-Reveal')
  const revealed = await ask(gateway.port, lead, CARD)
  t.equal(revealed.status, 200)
  t.ok(revealed.body.includes(card))
  t.equal(header(revealed, 'celosia-revealed'), 'payment.card;n=1')
  t.notMatch(header(revealed, 'celosia-masked'), /payment\.card/)
  t.equal(header(revealed, 'cache-control'), 'no-store')
  t.notOk((await ask(gateway.port, lead, undefined)).body.includes(card), 'for one request')
  const access = (await events(world, 6003))[1] ?? {}
  t.match(access, {
    actor: { user: { uid: 'lea' } },
    unmapped: {
      celosia: {
        reveal: { classes: ['payment.card'], reason: 'refund', ticket: '8123' },
        decision: 'permit',
      },
    },
  })
  const own = (
    access['unmapped'] as {
      celosia: { classes: { class: string; revealed: number }[]; data_subjects: object[] }
    }
  ).celosia
  t.match(
    own.classes.find((entry) => entry.class === 'payment.card'),
    { shown: 0, masked: 0, revealed: 1 },
  )
  t.equal(own.data_subjects.length, 1)
  const [finding, ...others] = await events(world, 2004)
  t.equal(others.length, 0, 'the policy wants each noticed')
  t.match(finding, {
    severity_id: 2,
    actor: { user: { uid: 'lea' } },
    unmapped: { celosia: { classes: ['payment.card'], reason: 'refund', ticket: '8123' } },
  })
  t.match(
    await gateway.metrics(),
    /celosia_locations_total\{class="payment.card",form="revealed"\} 1/,
  )
})

test('what a reveal needs and has not is refused, and the upstream is not asked', async (t) => {
  const world = await startWorld(t)
  const { gateway, upstream } = world
  answerUsers(world)
  const lead = await world.token({ roles: ['lead'] })
  const agent = await world.token({ roles: ['agent'] })
  const weak = await world.token({ roles: ['lead'], claims: { amr: ['pwd'] } })
  const untrained = await world.token({ roles: ['lead'], claims: { privacy_training_at: 0 } })
  const rows: readonly (readonly [string, string, string, number])[] = [
    ['no reason', lead, 'classes=(payment.card)', 400],
    ['a reason of nobody', lead, 'classes=(payment.card), reason="curious 1"', 400],
    ['no ticket', lead, 'classes=(payment.card), reason="refund"', 400],
    ['a name for a ticket', lead, 'classes=(payment.card), reason="refund jane"', 400],
    ['noise', lead, 'payment.card', 400],
    ['a class of no role', lead, 'classes=(text.note), reason="refund 1"', 403],
    ['a class of nobody', lead, 'classes=(jane.doe), reason="refund 1"', 403],
    ['another role', agent, CARD, 403],
    ['no second factor', weak, CARD, 401],
    ['overdue training', untrained, CARD, 403],
  ]
  for (const [name, token, reveal, status] of rows) {
    const answer = await ask(gateway.port, token, reveal)
    t.equal(answer.status, status, name)
    if (status === 401) t.match(header(answer, 'www-authenticate'), /acr_values="phr mfa"/)
  }
  const twice = await request(gateway.port, {
    path: '/api/v2/users/7',
    token: lead,
    headers: [
      ['celosia-reveal', CARD],
      ['celosia-reveal', CARD],
    ],
  })
  t.equal(twice.status, 400, 'the header twice')
  t.equal(upstream.requests.length, 0)
  const text = JSON.stringify(await gateway.records())
  for (const word of ['curious', 'jane', 'doe', 'Doe'])
    t.notMatch(text, word, 'words of the caller stand nowhere')
  t.match(text, '"reveal":{"classes":["payment.card"],"reason":null,"ticket":null}')
})

test('a budget is one of distinct data subjects in a day, and says when it is renewed', async (t) => {
  const world = await startWorld(t)
  const { gateway, canaries } = world
  answerUsers(world)
  const reveal = 'classes=(id.national), reason="identity-check 1"'
  const lead = await world.token({ roles: ['lead'], subject: 'lea' })
  const statuses = async (token: string, ...ids: readonly number[]) => {
    const all: number[] = []
    for (const id of ids) all.push((await ask(gateway.port, token, reveal, id)).status)
    return all
  }
  t.same(await statuses(lead, 1, 2, 1, 2, 3, 1), [200, 200, 200, 200, 403, 200])
  const spent = await ask(gateway.port, lead, reveal, 4)
  t.notOk(spent.body.includes(canaries.make('text', 'user.national_id')))
  const tomorrow = new Date()
  tomorrow.setUTCHours(24, 0, 0, 0)
  const renewedAt = `${tomorrow.toISOString().slice(0, 19)}+00:00`
  t.match(JSON.parse(spent.body.toString()), { reason: 'reveal-budget-spent', renewedAt })
  const left = Number(header(spent, 'retry-after'))
  t.ok(left > 0 && left <= 86_400, `${left} seconds`)
  t.same(
    await statuses(await world.token({ roles: ['lead'], subject: 'leo' }), 3),
    [200],
    'each has their own',
  )
  t.equal((await ask(gateway.port, lead, undefined, 3)).status, 200, 'and masked it goes on')
  const refused = (await events(world, 6003)).filter((event) =>
    JSON.stringify(event).includes('"reveal-budget-spent"'),
  )
  t.equal(refused.length, 2)
  t.match(refused[0], {
    unmapped: { celosia: { decision: 'deny', data_subjects: [{ classes: [] }] } },
  })
})

async function burst(t: Test, ports: readonly number[], token: string): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => ask(ports[n % ports.length] ?? 0, token, CARD, 100 + n)),
  )
  const statuses = answers.map(({ status }) => status)
  t.equal(statuses.filter((status) => status === 200).length, 20, statuses.join(' '))
  t.equal(statuses.filter((status) => status === 403).length, 30)
}

test('a budget holds in a burst', async (t) => {
  const world = await startWorld(t)
  answerUsers(world)
  await burst(t, [world.gateway.port], await world.token({ roles: ['lead'] }))
})

test('a budget holds over instances that share Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const store = { redisUrl: redis.url }
  const world = await startWorld(t, { store })
  answerUsers(world)
  const second = await startGatewayProcess(t, {
    policy: shippedPolicy(),
    upstreamUrl: world.upstream.url,
    issuer: world.issuer.issuer,
    store,
    // The same pseudonyms: instances have the same keys.
    env: { CELOSIA_AUDIT_KEY: world.gateway.environment['CELOSIA_AUDIT_KEY'] ?? '' },
  })
  await burst(t, [world.gateway.port, second.port], await world.token({ roles: ['lead'] }))
})

test('a list of more than the budget reveals nothing; a stream is cut where it is spent', async (t) => {
  const users = (count: number) => ({
    users: Array.from({ length: count }, (_, id) => ({
      id,
      name: `Ada ${id}`,
      user_fields: { card_on_file: `41111111${10_000_000 + id}` },
    })),
  })
  const change = (policy: PolicyDocument): PolicyDocument => ({
    ...policy,
    limits: { bodyBytesMax: 65_536 },
    roles: {
      ...policy.roles,
      lead: {
        ...policy.roles['lead'],
        reveal: { 'payment.card': { reason: 'required', budget: '800/day', notify: true } },
      },
    },
  })
  const world = await startWorld(t, { change })
  const { gateway, upstream } = world
  const listOnce = async (count: number, subject: string) => {
    upstream.answer(jsonAnswer(users(count)))
    return request(
      gateway.port,
      {
        path: '/api/v2/users',
        token: await world.token({ roles: ['lead'], subject }),
        headers: [['celosia-reveal', CARD]],
      },
      { timeoutMs: 20_000 },
    )
  }
  // A busy machine may not write a record in time; then it was somebody else who asked.
  const list = async (count: number, subject: string) => {
    let answer = await listOnce(count, subject)
    for (let attempt = 1; answer.status === 503 && attempt < 20; attempt += 1)
      answer = await listOnce(count, `${subject}-${attempt}`)
    return answer
  }
  const held = await list(801, 'a')
  t.equal(held.status, 403, 'held and refused whole')
  t.notOk(held.bytes.includes('41111111'))
  const fits = await list(800, 'b')
  t.equal(fits.status, 200)
  // A window closes behind the slice with its 500th data subject, so it has room for some 200 more.
  const streamed = await list(1_500, 'c')
  t.equal(streamed.status, 200)
  t.equal(header(streamed, 'celosia-revealed'), 'payment.card')
  t.notOk(streamed.complete)
  const seen = streamed.body.toString().split('41111111').length - 1
  t.ok(seen >= 1 && seen <= 800, `${seen} cards left`)
  const findings = (await events(world, 2004)).filter((event) => {
    const { uid } = (event['actor'] as { user: { uid: string } }).user
    return uid.startsWith('c') && JSON.stringify(event).includes('"rule":"reveal"')
  })
  t.equal(findings.length, 1, 'one finding for one request, whatever windows it left in')
})
