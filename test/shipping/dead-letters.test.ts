/** Dead letters: shown, sent once more, and only what was taken leaves. From Redis and from a journal. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { appendLetter, countLetters } from '../../src/shipping/sources/journal-dead-letters.ts'
import { ACCESS } from '../helpers/audit-facts.ts'
import { openFileWriter, openRedisWriter } from '../helpers/audit-writers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { startRedis } from '../helpers/redis.ts'
import { startHttpReceiver } from '../helpers/siem/http-receiver.ts'
import { writeShipFile } from '../helpers/siem/shipper.ts'

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
/** More than are asked for at once. */
const MANY = 70

interface Place {
  readonly store: readonly string[]
  readonly append: (records: readonly AuditRecord[]) => Promise<void>
}

const PLACES = {
  Redis: async (t: Test): Promise<Place | undefined> => {
    if (!requirePeer(t, 'redis-server')) return undefined
    const { url } = await startRedis(t)
    const writer = await openRedisWriter({ url })
    t.teardown(() => writer.close())
    return { store: ['--redis', url], append: writer.append }
  },
  'a journal': async (t: Test): Promise<Place | undefined> => {
    const directory = await folder(t)
    const writer = await openFileWriter({ directory })
    t.teardown(() => writer.close())
    return { store: ['--journal', directory], append: writer.append }
  },
} as const

for (const [name, open] of Object.entries(PLACES)) {
  test(`dead letters in ${name} are sent once more, and those that are taken leave`, async (t) => {
    const place = await open(t)
    if (place === undefined) return
    const refused = new Set<string>()
    let away = false
    const taken: string[] = []
    const receiver = await startHttpReceiver(t, ({ body }) => {
      if (away) return { status: 503 }
      const ids = idsOf(body)
      if (ids.some((id) => refused.has(id))) return { status: 422 }
      taken.push(...ids)
      return { status: 200 }
    })
    const webhook = { url: receiver.url, secrets: [SECRET] }
    const quick = { retry: { first: '1ms', max: '1ms', refusals: 1 } } as const
    const path = await writeShipFile(await folder(t), {
      version: 1,
      sinks: {
        siem: { webhook, ...quick, filter: { types: ['access'] } },
        other: { webhook: { ...webhook }, ...quick, filter: { types: ['finding'] } },
      },
    })
    const ship = (...options: string[]) =>
      runHere(['audit', 'ship', '--config', path, ...place.store, ...QUIET, ...options])
    const letters = async () =>
      (await ship('--dead-letters', '--dry-run', '--limit', '1000')).stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split('\t'))

    const records = Array.from({ length: MANY }, () => apiActivity({ ...ACCESS, id: uuidV7() }))
    // One that is taken stands between some that are refused, or it would be taken for the sink's own trouble.
    records.forEach(({ id }, i) => i % 5 !== 0 && refused.add(id))
    await place.append(records)
    t.match(await ship('--once'), { code: 0 })
    const first = await letters()
    t.same(
      first.map((cells) => cells[5]),
      [...refused],
      'in order',
    )
    t.match(first[0], ['siem', 'refused', /^\d{4}-\d\d-\d\dT/, /./, 'access', /./])

    await t.test('a sink that is away takes nothing, and nothing leaves', async (t) => {
      away = true
      t.match(await ship('--dead-letters'), { code: 5, stderr: /siem: 0 sent.*ERR_DELIVERY/s })
      away = false
      t.same(await letters(), first)
    })
    await t.test('those that are refused again stay, however many they are', async (t) => {
      const [spared = ''] = refused
      refused.delete(spared)
      const { code, stderr } = await ship('--dead-letters')
      t.equal(code, 5)
      t.match(stderr, new RegExp(`siem: 1 sent, ${refused.size} not taken, which stay`))
      t.match(stderr, 'other: 0 sent, 0 not taken')
      t.same(await letters(), first.slice(1))
    })
    await t.test('those of one sink', async (t) => {
      t.match(await ship('--dead-letters', '--sink', 'other'), { code: 0 })
      t.same(await letters(), first.slice(1))
    })
    await t.test('all of them, and none twice', async (t) => {
      refused.clear()
      t.match(await ship('--dead-letters'), { code: 0, stderr: /siem: 55 sent, 0 not taken/ })
      t.same(await letters(), [])
      t.same(new Set(taken), new Set(records.map(({ id }) => id)))
      t.equal(taken.length, records.length)
      t.match(await ship('--dead-letters'), { code: 0, stderr: /siem: 0 sent, 0 not taken/ })
    })
  })
}

test('what nobody can read in a file of dead letters stays there', async (t) => {
  const journal = await folder(t)
  const writer = await openFileWriter({ directory: journal })
  t.teardown(() => writer.close())
  const box = join(journal, 'ship', 'out')
  const path = await writeShipFile(await folder(t), {
    version: 1,
    sinks: { out: { file: { path: 'out.jsonl' }, retry: { refusals: 1, first: '1ms' } } },
  })
  const ship = (...options: string[]) =>
    runHere(['audit', 'ship', '--config', path, '--journal', journal, ...QUIET, ...options])
  t.match(await ship('--once'), { code: 0 })
  await appendLetter(
    box,
    { origin: 'records', position: 'x', read: undefined, stored: [] },
    'unreadable',
    0,
  )
  const odd = { origin: 'a\tb\u001b[2J', position: 'x', read: undefined, stored: [] }
  await appendLetter(box, odd, 'unreadable', 0)
  const file = join(box, 'dead-letters.jsonl')
  await writeFile(file, `${await readFile(file, 'utf8')}null\nnonsense\n{"stored":7}\nno end`)
  t.equal(await countLetters(box), 6)
  const before = await readFile(file, 'utf8')
  t.match(await ship('--dead-letters'), { code: 5, stderr: /out: 0 sent, 6 not taken/ })
  t.equal(await readFile(file, 'utf8'), before)
  const { stdout } = await ship('--dead-letters', '--dry-run')
  t.equal(stdout.split('\n')[0], 'out\tunreadable\t1970-01-01T00:00:00.000Z\trecords\t-\t-')
  t.match(stdout.split('\n')[1], /\ta\ufffdb\ufffd\[2J\t/, 'no controls of a terminal')
})

const QUIET = ['--log-level', 'silent']

function idsOf(body: string): readonly string[] {
  const { data } = JSON.parse(body) as { data: { records: { metadata: { uid: string } }[] } }
  return data.records.map(({ metadata }) => metadata.uid)
}

async function folder(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-dead-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}
