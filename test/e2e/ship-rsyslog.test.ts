/** The audit arrives at a real rsyslogd by TLS syslog: every record, also where the receiver, or the shipper, is ended in between. */
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type Test } from 'tap'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import type { ShipDocument } from '../../src/shipping/ship-file/document.ts'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { ACCESS } from '../helpers/audit-facts.ts'
import { openFileWriter, openRedisWriter } from '../helpers/audit-writers.ts'
import { freePort } from '../helpers/free-port.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess, type RunningProcess } from '../helpers/process.ts'
import { startRedis } from '../helpers/redis.ts'
import { makeCertificates, type Certificates } from '../helpers/siem/certificates.ts'
import { startShipping, until, type ShipperStore } from '../helpers/siem/shipper.ts'

const RECIPE = fileURLToPath(new URL('../../deploy/siem/rsyslog/celosia.conf', import.meta.url))
const EVENTS = 10_000
const APPEND = 500

test('rsyslogd gets 10,000 records from Redis, and is restarted in between', async (t) => {
  if (!canRun(t) || !requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  const scene = await makeScene(t)
  let syslog = await scene.startReceiver()
  const ids = await append(writer.append, EVENTS / 2)
  const shipper = await startShipping(t, { ...scene.start, store: { redis: redis.url } })
  await until('some have arrived', async () => (await scene.arrived()).length > 1_000)
  await syslog.stop()
  ids.push(...(await append(writer.append, EVENTS / 2)))
  syslog = await scene.startReceiver()
  await until('half have arrived', async () => (await scene.arrived()).length > EVENTS / 2)
  await syslog.stop()
  await until('the shipper notices', async () => !(await shipper.readiness()).ready)
  syslog = await scene.startReceiver()
  await until(
    'nothing is left',
    async () => (await shipper.metric('delivered_total', 'siem')) > EVENTS,
  )
  await until('all have arrived', async () => containsAll(await scene.arrived(), ids))
  await checkArrived(t, await scene.arrived(), ids)
  t.equal((await shipper.readiness()).ready, true)
  t.same(await shipper.process.stop(), { code: 0, signal: null })
  const [stream] = (await redis.admin().xpending('celosia:audit', 'celosia-ship:siem')) as [number]
  t.equal(stream, 0, 'nothing is pending')
})

test('rsyslogd gets every record from a journal, and the shipper is killed again and again', async (t) => {
  if (!canRun(t)) return
  const scene = await makeScene(t)
  const journal = join(scene.certificates.directory, 'journal')
  const writer = await openFileWriter({ directory: journal })
  t.teardown(() => writer.close())
  await scene.startReceiver()
  const ids = await append(writer.append, 3_000)
  const store: ShipperStore = { journal }
  for (let kills = 0; kills < 4; kills += 1) {
    const shipper = await startShipping(t, { ...scene.start, store })
    const before = (await scene.arrived()).length
    await until('some have arrived', async () => (await scene.arrived()).length > before)
    shipper.process.signal('SIGKILL')
    await shipper.process.exit
  }
  const last = await startShipping(t, { ...scene.start, store })
  await until('all have arrived', async () => containsAll(await scene.arrived(), ids))
  await checkArrived(t, await scene.arrived(), ids)
  t.same(await last.process.stop(), { code: 0, signal: null })
})

test('rsyslogd turns away who shows no certificate that it trusts, and nothing is acknowledged', async (t) => {
  if (!canRun(t)) return
  const scene = await makeScene(t)
  const journal = join(scene.certificates.directory, 'journal')
  const writer = await openFileWriter({ directory: journal })
  t.teardown(() => writer.close())
  await scene.startReceiver()
  await append(writer.append, 50)
  for (const who of ['stranger', 'other']) {
    const file = scene.shipFile(who)
    const shipper = await startShipping(t, { ...scene.start, file, store: { journal } })
    await until('the shipper notices', async () => !(await shipper.readiness()).ready)
    await until('it tries again', async () => (await shipper.metric('failures_total', 'siem')) > 2)
    t.equal(await shipper.metric('delivered_total', 'siem'), 0, who)
    await shipper.process.stop()
  }
  t.same(await scene.arrived(), [])
})

function canRun(t: Test): boolean {
  return requirePeer(t, 'rsyslogd') && requirePeer(t, 'openssl')
}

interface Scene {
  readonly certificates: Certificates
  readonly start: { readonly directory: string; readonly file: ShipDocument }
  readonly shipFile: (certificate: string) => ShipDocument
  readonly startReceiver: () => Promise<RunningProcess>
  /** Ids of the events in the receiver's file, in order, repeated ones too. */
  readonly arrived: () => Promise<readonly string[]>
}

async function makeScene(t: Test): Promise<Scene> {
  const certificates = await makeCertificates(t)
  const { directory, path } = certificates
  const port = await freePort()
  const log = path('audit.jsonl')
  await mkdir(path('spool'))
  const recipe = await readFile(RECIPE, 'utf8')
  const conf = recipe
    .replaceAll('/etc/rsyslog.d/tls/ca.pem', path('ca.pem'))
    .replaceAll('/etc/rsyslog.d/tls/siem', path('server'))
    .replaceAll('/var/spool/rsyslog', path('spool'))
    .replaceAll('/var/log/celosia/audit.jsonl', log)
    .replaceAll('celosia.example.com', 'client.example')
    .replaceAll('port="6514"', `port="${port}" address="127.0.0.1"`)
  t.notMatch(conf, /"\/(?:etc|var)\//, 'the recipe names no other place')
  await writeFile(path('rsyslog.conf'), conf)
  const shipFile = (certificate: string): ShipDocument => ({
    version: 1,
    sinks: {
      siem: {
        syslog: {
          url: `tls://127.0.0.1:${port}`,
          tls: { ca: 'ca.pem', cert: `${certificate}.pem`, key: `${certificate}.key` },
        },
        batch: { recordsMax: 200, pause: '1ms' },
        retry: { first: '20ms', max: '200ms' },
      },
    },
  })
  return {
    certificates,
    shipFile,
    start: { directory, file: shipFile('client') },
    startReceiver: () =>
      startProcess(t, 'rsyslogd', ['-n', '-iNONE', '-f', path('rsyslog.conf')], { cwd: directory }),
    arrived: lineReader(log),
  }
}

/** Ids of the events in a file that grows: each call reads on from where the last one ended. */
function lineReader(path: string): () => Promise<readonly string[]> {
  const ids: string[] = []
  let offset = 0
  return async () => {
    const file = await open(path).catch(() => undefined)
    if (file === undefined) return ids
    try {
      const { size } = await file.stat()
      const { buffer } = await file.read(Buffer.alloc(Math.max(0, size - offset)), {
        position: offset,
      })
      const text = buffer.subarray(0, buffer.lastIndexOf(0x0a) + 1).toString('utf8')
      offset += Buffer.byteLength(text)
      const lines = text.split('\n').slice(0, -1)
      ids.push(
        ...lines.map((line) => (JSON.parse(line) as { metadata: { uid: string } }).metadata.uid),
      )
      return ids
    } finally {
      await file.close()
    }
  }
}

async function append(
  write: (records: readonly AuditRecord[]) => Promise<void>,
  many: number,
): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < many) {
    const records = Array.from({ length: APPEND }, () => apiActivity({ ...ACCESS, id: uuidV7() }))
    await write(records)
    ids.push(...records.map(({ id }) => id))
  }
  return ids
}

function containsAll(arrived: readonly string[], ids: readonly string[]): boolean {
  const all = new Set(arrived)
  return ids.every((id) => all.has(id))
}

async function checkArrived(
  t: Test,
  arrived: readonly string[],
  ids: readonly string[],
): Promise<void> {
  const all = new Set(arrived)
  t.equal(ids.filter((id) => !all.has(id)).length, 0, 'every record has arrived')
  const known = new Set(ids)
  t.equal([...all].filter((id) => known.has(id)).length, ids.length, 'once after de-duplication')
  t.ok(all.size - ids.length < 100, 'and what the writer says of itself')
  const places = new Map(arrived.map((id, place) => [id, place] as const).toReversed())
  const first = ids.map((id) => places.get(id) ?? -1)
  t.ok(
    first.every((place, i) => i === 0 || place > (first[i - 1] ?? 0)),
    'in order',
  )
  t.comment(`${arrived.length} lines for ${all.size} records`)
}
