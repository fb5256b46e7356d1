/** `audit.ship`: the gateway sends its audit by itself, and neither waits for that nor falls over it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { shippedPolicy } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { ocsfFaults, requireOcsf } from '../helpers/ocsf.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { startHttpReceiver, type HttpReceiver } from '../helpers/siem/http-receiver.ts'
import { until } from '../helpers/siem/shipper.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`

for (const place of ['a journal', 'Redis'] as const) {
  test(`the gateway ships from ${place}`, async (t) => {
    if (place === 'Redis' && !requirePeer(t, 'redis-server')) return
    const store = place === 'Redis' ? { store: { redisUrl: (await startRedis(t)).url } } : {}
    const directory = await mkdtemp(join(tmpdir(), 'celosia-ship-'))
    t.teardown(() => rm(directory, { recursive: true, force: true }))
    const receiver = await startHttpReceiver(t, () => ({ status: 200 }))
    receiver.manners = 'silent'
    const file = join(directory, 'ship.yaml')
    await writeFile(file, shipFile(receiver))
    const world = await startWorld(t, { ...store, env: { SECRET }, change: shipping(file) })
    const { gateway, upstream, canaries } = world
    upstream.answer(jsonAnswer(userBody(canaries)))
    const token = await world.token()
    const ask = () => request(gateway.port, { path: '/api/v2/users/7', token })

    await t.test(
      'a receiver that never answers holds up no request, and readiness says nothing of it',
      async (t) => {
        for (let times = 0; times < 3; times += 1) t.equal((await ask()).status, 200)
        await until('it has tried', async () =>
          /celosia_ship_blocked\{sink="siem"\} 1/.test(await gateway.metrics()),
        )
        t.same(await gateway.readiness().then(({ ready }) => ready), true)
        t.equal((await ask()).status, 200)
      },
    )
    await t.test('once it answers it gets all of them', async (t) => {
      receiver.manners = 'good'
      const accesses = async () =>
        (await gateway.records()).filter((event) => event['class_uid'] === 6003).map(idOf)
      await until('all have arrived', async () => {
        const arrived = idsOf(receiver)
        return (await accesses()).every((id) => arrived.has(id))
      })
      t.ok((await accesses()).length >= 4)
      t.match(await gateway.metrics(), /celosia_ship_delivered_total\{sink="siem"\} [1-9]/)
      if (!requireOcsf(t)) return
      for (const event of eventsOf(receiver)) t.same(ocsfFaults(event), [], 'valid by OCSF')
    })
    await t.test(
      'a shipping file with a fault refuses the reload, and the old one is at work',
      async (t) => {
        await writeFile(file, 'version: 1\nsinks: { siem: { nowhere: {} } }\n')
        t.equal(await gateway.reload(shipping(file)(shippedPolicy())), 'refused')
        t.match(gateway.logs(), /unknown key `sinks\.siem\.nowhere`/)
        const before = idsOf(receiver).size
        await ask()
        await until('more arrives', () => idsOf(receiver).size > before)
      },
    )
    await t.test('a policy without it ships nothing more', async (t) => {
      t.equal(await gateway.reload(shippedPolicy()), 'reloaded')
      t.notMatch(await gateway.metrics(), /celosia_ship/)
      const before = receiver.requests.length
      t.equal((await ask()).status, 200)
      t.same(await gateway.process.stop(), { code: 0, signal: null })
      t.equal(receiver.requests.length, before)
    })
    t.notOk(gateway.logs().includes(SECRET))
  })
}

test('a shipping file is checked with the policy', async (t) => {
  const directory = t.testdir({
    'ship.yaml': 'version: 1\nsinks: { siem: { syslog: { url: "tcp://siem.example.com" } } }\n',
    'out.yaml': 'version: 1\nsinks: { out: { stdout: {} } }\n',
    'good.yaml':
      'version: 1\nsinks: { w: { webhook: { url: "https://x.example", secrets: ["${NONE}"] } } }\n',
  })
  const check = async (name: string) => {
    const policy = join(directory, 'policies.yaml')
    await writeFile(policy, JSON.stringify({ ...smallPolicy(), audit: { ship: name } }))
    return runHere(['check', policy])
  }
  t.match(await check('ship.yaml'), { code: 3, stderr: /ship\.yaml:2:\d+: .*without TLS/ })
  t.match(await check('none.yaml'), { code: 3, stderr: /is not there/ })
  t.match(await check('out.yaml'), { code: 3, stderr: /standard output is the gateway's log/ })
  t.match(await check('good.yaml'), { code: 0, stdout: /NONE is not set here/ })
})

function shipping(file: string): (policy: PolicyDocument) => PolicyDocument {
  return (policy) => ({ ...policy, audit: { ...policy.audit, ship: file } })
}

function shipFile({ url }: HttpReceiver): string {
  const sink = {
    webhook: { url, secrets: ['${SECRET}'] },
    batch: { pause: '20ms' },
    retry: { first: '20ms', max: '100ms' },
    timeout: '1s',
  }
  return JSON.stringify({ version: 1, sinks: { siem: sink } })
}

function smallPolicy(): object {
  return {
    version: 1,
    upstreams: { desk: { url: 'http://127.0.0.1:1' } },
    identity: {
      issuers: [
        { issuer: 'http://127.0.0.1:1', audience: 'a', algorithms: ['ES256'], roles: '$.r' },
      ],
    },
    classes: {},
    roles: { agent: {} },
    routes: [],
  }
}

function idsOf(receiver: HttpReceiver): ReadonlySet<unknown> {
  return new Set(eventsOf(receiver).map(idOf))
}

function eventsOf({ requests }: HttpReceiver): readonly object[] {
  return requests.flatMap(
    ({ body }) => (JSON.parse(body) as { data: { records: object[] } }).data.records,
  )
}

function idOf(event: object): unknown {
  return (event as { readonly metadata: { readonly uid: string } }).metadata.uid
}
