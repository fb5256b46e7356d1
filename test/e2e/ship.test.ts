/** `celosia audit ship` as a process: several of them, killed, restarted, reloaded, before receivers that misbehave. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import type { ShipDocument } from '../../src/shipping/ship-file/document.ts'
import { ACCESS, FINDING } from '../helpers/audit-facts.ts'
import { detectionFinding } from '../../src/audit/detection-finding.ts'
import { openFileWriter, openRedisWriter } from '../helpers/audit-writers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { startRedis } from '../helpers/redis.ts'
import { startHttpReceiver, type HttpReceiver } from '../helpers/siem/http-receiver.ts'
import { startShipping, until, writeShipFile } from '../helpers/siem/shipper.ts'

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`

test('two shippers of one group: one is killed in the middle, then Redis, and every record arrives', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  const receiver = await startHttpReceiver(t, () => ({ status: 200 }))
  const start = { directory: await folder(t), file: fileOf(receiver), store: { redis: redis.url } }
  const ids = await append(writer.append, 1_000)
  const first = await startShipping(t, start)
  const second = await startShipping(t, start)
  await until('both have delivered', async () => {
    const done = await Promise.all(
      [first, second].map((one) => one.metric('delivered_total', 'siem')),
    )
    if (done.some((records) => records === 0)) ids.push(...(await append(writer.append, 100)))
    return done.every((records) => records > 0)
  })
  // It dies with a batch that was sent and not acknowledged.
  receiver.manners = 'silent'
  ids.push(...(await append(writer.append, 300)))
  const admin = redis.admin()
  await until('the first has some of it', async () => {
    const pending = await admin.xpending('celosia:audit', 'celosia-ship:siem', '-', '+', 1_000)
    return JSON.stringify(pending).includes(`-${first.process.pid}-`)
  })
  first.process.signal('SIGKILL')
  await first.process.exit
  receiver.manners = 'good'
  redis.process().signal('SIGKILL')
  await redis.process().exit
  await until('the shipper notices', async () => !(await second.readiness()).ready)
  await redis.startAgain()
  await until('all have arrived', () => {
    const all = idsOf(receiver)
    return ids.every((id) => all.has(id))
  })
  const arrived = idsOf(receiver)
  t.equal(ids.filter((id) => !arrived.has(id)).length, 0, 'every record has arrived')
  await until('nothing is pending', async () => {
    const [pending] = (await redis.admin().xpending('celosia:audit', 'celosia-ship:siem')) as [
      number,
    ]
    return pending === 0
  })
  t.ok((await second.metric('claimed_total', 'siem')) > 0, 'what the dead one had was taken over')
  await until('it is well again', async () => (await second.readiness()).ready)
  t.same(await second.process.stop(), { code: 0, signal: null })
  t.notMatch(second.process.stderr(), /uncaught/)
})

test('a receiver that misbehaves in every way gets every record but the one that it refuses', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  const ids = await append(writer.append, 400)
  const poison = ids[250] ?? ''
  let asked = 0
  let askedAgainAtMs = 0
  let early = 0
  const receiver = await startHttpReceiver(t, ({ body }) => {
    asked += 1
    receiver.manners = asked === 6 ? 'half' : asked % 5 === 0 ? 'slow' : 'good'
    if (asked === 2) return { status: 500, body: body.slice(0, 2_000) }
    if (asked === 3) {
      askedAgainAtMs = performance.now() + 1_000
      return { status: 429, headers: { 'retry-after': '1' } }
    }
    if (performance.now() < askedAgainAtMs - 5) early += 1
    if (body.includes(poison)) return { status: 400, body }
    if (recordsOf(body).length > 40) return { status: 413 }
    return { status: 200 }
  })
  const accepted: string[] = []
  const answer = receiver.answer
  receiver.answer = (request) => {
    const given = answer(request)
    if (given.status === 200) accepted.push(...recordsOf(request.body))
    return given
  }
  const shipper = await startShipping(t, {
    directory: await folder(t),
    file: fileOf(receiver),
    store: { redis: redis.url },
  })
  await until('all others have arrived', () => new Set(accepted).size >= ids.length)
  const arrived = new Set(accepted)
  t.same(
    ids.filter((id) => !arrived.has(id)),
    [poison],
  )
  const firsts = ids.filter((id) => id !== poison).map((id) => accepted.indexOf(id))
  t.same(
    firsts.toSorted((a, b) => a - b),
    firsts,
    'in order',
  )
  t.equal(early, 0, 'it waits as long as it is asked to')
  const admin = redis.admin()
  await until('it is put aside', async () => (await admin.xlen('celosia:ship:dead')) === 1)
  const [[, fields] = ['', []]] = await admin.xrange('celosia:ship:dead', '-', '+')
  const letter = new Map(
    fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1]]] : [])) as [string, string][],
  )
  t.match(Object.fromEntries(letter), {
    id: poison,
    dead_sink: 'siem',
    dead_reason: 'refused',
    dead_stream: 'celosia:audit',
    event: /^\{/,
  })
  t.match(
    await shipper.metrics(),
    'celosia_ship_dead_letters_total{sink="siem",reason="refused"} 1',
  )
  t.match(shipper.process.stderr(), /"a record was put aside"/)
  t.same(await shipper.process.stop(), { code: 0, signal: null })
})

test('a file is read anew on SIGHUP: a good one takes its place, a bad one changes nothing', async (t) => {
  const directory = await folder(t)
  const journal = join(directory, 'journal')
  const writer = await openFileWriter({ directory: journal })
  t.teardown(() => writer.close())
  const [a, b] = [await startHttpReceiver(t, ok), await startHttpReceiver(t, ok)]
  const shipper = await startShipping(t, { directory, file: fileOf(a), store: { journal } })
  const [one] = await append(writer.append, 1)
  await until('the first has it', () => idsOf(a).has(one ?? ''))
  await writeFile(join(directory, 'ship.yaml'), 'version: 1\nsinks: { siem: { nowhere: {} } }\n')
  shipper.process.signal('SIGHUP')
  await until('it is refused', () => /not reloaded[^]*unknown key/.test(shipper.process.stderr()))
  const [two] = await append(writer.append, 1)
  await until('the old one is at work', () => idsOf(a).has(two ?? ''))
  await writeShipFile(directory, fileOf(b))
  shipper.process.signal('SIGHUP')
  await until('it is taken', () => /shipping file reloaded/.test(shipper.process.stderr()))
  const [three] = await append(writer.append, 1)
  await until('the other has it', () => idsOf(b).has(three ?? ''))
  t.notOk(idsOf(a).has(three ?? ''))
  t.notOk(idsOf(b).has(one ?? ''), 'what was delivered is not sent again')
  t.same(await shipper.process.stop(), { code: 0, signal: null })
})

test('the options of a single run', async (t) => {
  const directory = await folder(t)
  const journal = join(directory, 'journal')
  const writer = await openFileWriter({ directory: journal })
  await writer.append(records(3))
  await writer.append([detectionFinding(FINDING)])
  await writer.close()
  const file: ShipDocument = {
    version: 1,
    sinks: {
      all: { file: { path: 'all.jsonl' } },
      proof: { file: { path: 'proof.jsonl' }, format: 'record' },
      findings: { file: { path: 'findings.cef' }, format: 'cef', filter: { types: ['finding'] } },
    },
  }
  const path = await writeShipFile(directory, file)
  const ship = (...options: string[]) =>
    runHere(['audit', 'ship', '--config', path, '--journal', journal, ...QUIET, ...options])
  const lines = async (name: string) =>
    (await readFile(join(directory, name), 'utf8').catch(() => '')).split('\n').slice(0, -1)

  // Beside the three and the finding: what the writer says of itself.
  const total = await storedRecords(journal)
  await t.test('--dry-run prints, and does nothing', async (t) => {
    const { code, stdout, stderr } = await ship('--dry-run', '--limit', '2')
    t.equal(code, 0)
    t.same(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')[0]),
      ['all', 'all', 'proof', 'proof', 'findings'],
    )
    t.match(stdout, /findings\tCEF:0\|Celosia\|/)
    t.match(stderr, /all: 2 records would be sent first/)
    t.match(stderr, /findings: 1 record would be sent, \d left out by the filter/)
    t.same(await lines('all.jsonl'), [])
  })
  await t.test('--once sends what is there, once', async (t) => {
    for (let times = 0; times < 2; times += 1) t.match(await ship('--once'), { code: 0 })
    t.equal((await lines('all.jsonl')).length, total)
    t.equal((await lines('findings.cef')).length, 1)
    const { stderr } = await ship('--dry-run')
    t.match(stderr, /all: 0 records would be sent,/)
  })
  await t.test(
    'what was sent with its place in the chain can be verified where it arrived',
    async (t) => {
      const verified = await runHere(['audit', 'verify', '--file', join(directory, 'proof.jsonl')])
      t.match(verified, { code: 0 }, verified.stderr)
    },
  )
  await t.test('--again begins anew, --sink chooses one, --from a place', async (t) => {
    await ship('--once', '--again', '--sink', 'findings')
    t.equal((await lines('findings.cef')).length, 2)
    t.equal((await lines('all.jsonl')).length, total)
    await ship('--once', '--again', '--sink', 'all', '--from', 'newest')
    t.equal((await lines('all.jsonl')).length, total)
    await ship('--once', '--again', '--sink', 'all', '--from', '2026-11-18T00:00:00Z')
    t.equal((await lines('all.jsonl')).length, total * 2)
    await ship('--once', '--again', '--sink', 'all', '--from', '2999-01-01')
    t.equal((await lines('all.jsonl')).length, total * 2)
  })
  await t.test('what cannot be is refused', async (t) => {
    for (const options of [
      ['--from', 'yesterday'],
      ['--sink', 'none'],
      ['--dry-run', '--limit', '0'],
    ]) {
      const { code, stderr } = await ship(...options)
      t.equal(code, 2, options.join(' '))
      t.match(stderr, /ERR_USAGE/)
    }
    const missing = await runHere([
      'audit',
      'ship',
      '--config',
      join(directory, 'none.yaml'),
      '--once',
    ])
    t.match(missing, { code: 3, stderr: /is not there.*ERR_SHIPPING_INVALID/ })
    const nothing = await runHere([
      'audit',
      'ship',
      '--config',
      path,
      '--journal',
      join(directory, 'none'),
      '--once',
    ])
    t.match(nothing, { code: 5, stderr: /ERR_AUDIT_UNAVAILABLE/ })
  })
})

/** In this process: the log would go to the test's own output. */
const QUIET = ['--log-level', 'silent']

function fileOf(receiver: HttpReceiver): ShipDocument {
  return {
    version: 1,
    takeOverAfter: '1s',
    sinks: {
      siem: {
        webhook: { url: receiver.url, secrets: [SECRET] },
        batch: { recordsMax: 50, pause: '10ms' },
        retry: { first: '10ms', max: '100ms' },
        timeout: '1s',
      },
    },
  }
}

function ok() {
  return { status: 200 }
}

function recordsOf(body: string): readonly string[] {
  const { data } = JSON.parse(body) as { data: { records: { metadata: { uid: string } }[] } }
  return data.records.map(({ metadata }) => metadata.uid)
}

function idsOf({ requests }: HttpReceiver): ReadonlySet<string> {
  return new Set(requests.flatMap(({ body }) => recordsOf(body)))
}

function records(many: number): readonly AuditRecord[] {
  return Array.from({ length: many }, () => apiActivity({ ...ACCESS, id: uuidV7() }))
}

async function append(
  write: (records: readonly AuditRecord[]) => Promise<void>,
  many: number,
): Promise<string[]> {
  const some = records(many)
  await write(some)
  return some.map(({ id }) => id)
}

/** Lines in the files of a journal. */
async function storedRecords(journal: string): Promise<number> {
  const names = (await readdir(journal)).filter((name) => name.endsWith('.jsonl'))
  const texts = await Promise.all(names.map((name) => readFile(join(journal, name), 'utf8')))
  return texts.join('').split('\n').length - 1
}

async function folder(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-ship-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}
