/** The audit arrives at a real rsyslogd by TLS syslog: every record, also where the receiver, or the shipper, is ended in between. */
import { mkdir, open, readFile, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type Test } from 'tap'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import type { ShipDocument, SinkDocument } from '../../src/shipping/ship-file/document.ts'
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
const GROUP = 'celosia-ship:siem'
const APPEND = 500
/** More than it may take to write what is left on a busy machine: killed, it would lose what it has acknowledged. */
const STOP_TIMEOUT_MS = 60_000

test('rsyslogd gets 10,000 records from Redis, and is restarted in between', async (t) => {
  if (!canRun(t) || !requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  const scene = await makeScene(t)
  let syslog = await scene.startReceiver()
  const ids = await append(writer.append, 5_000)
  const shipper = await startShipping(t, { ...scene.start, store: { redis: redis.url } })
  for (const more of [4_000, 1_000]) {
    const before = (await scene.arrived()).size
    await until('some have arrived', async () => (await scene.arrived()).size > before)
    await syslog.stop()
    // Only what comes now is sure to find nobody.
    ids.push(...(await append(writer.append, more)))
    await until('the shipper notices', async () => !(await shipper.readiness()).ready)
    syslog = await scene.startReceiver()
  }
  await until('all have arrived', async () => containsAll(await scene.arrived(), ids))
  await until('nothing is pending', async () => {
    const [pending] = (await redis.admin().xpending('celosia:audit', GROUP)) as [number]
    return pending === 0
  })
  await checkArrived(t, scene, ids)
  await until('it is well', async () => (await shipper.readiness()).ready)
  t.same(await shipper.process.stop(), { code: 0, signal: null })
})

test('rsyslogd gets every record from a journal, and the shipper is killed again and again', async (t) => {
  if (!canRun(t)) return
  const scene = await makeScene(t)
  const journal = join(scene.certificates.directory, 'journal')
  const writer = await openFileWriter({ directory: journal })
  t.teardown(() => writer.close())
  await scene.startReceiver()
  const ids: string[] = []
  const store: ShipperStore = { journal }
  for (let kills = 0; kills < 3; kills += 1) {
    ids.push(...(await append(writer.append, 500)))
    const before = (await scene.arrived()).size
    const shipper = await startShipping(t, { ...scene.start, store })
    await until('some have arrived', async () => (await scene.arrived()).size > before)
    shipper.process.signal('SIGKILL')
    await shipper.process.exit
  }
  ids.push(...(await append(writer.append, 500)))
  const last = await startShipping(t, { ...scene.start, store })
  await until('all have arrived', async () => containsAll(await scene.arrived(), ids))
  await checkArrived(t, scene, ids)
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
  const who = ['stranger', 'other']
  const sinks = Object.fromEntries(who.map((name) => [name, scene.sink(name)]))
  const file: ShipDocument = { version: 1, sinks }
  const shipper = await startShipping(t, { ...scene.start, file, store: { journal } })
  for (const name of who) {
    await until('it tries again', async () => (await shipper.metric('failures_total', name)) > 2)
    t.equal(await shipper.metric('delivered_total', name), 0, name)
  }
  t.equal((await shipper.readiness()).problems.length, who.length)
  await shipper.process.stop()
  t.same([...(await scene.arrived())], [])
})

function canRun(t: Test): boolean {
  return requirePeer(t, 'rsyslogd') && requirePeer(t, 'openssl')
}

interface Scene {
  readonly certificates: Certificates
  readonly start: { readonly directory: string; readonly file: ShipDocument }
  /** A sink that shows this certificate. */
  readonly sink: (certificate: string) => SinkDocument
  readonly startReceiver: () => Promise<RunningProcess>
  /** Ids of the events in the receiver's file, in the order in which each was first there. */
  readonly arrived: () => Promise<ReadonlySet<string>>
  /** Lines in that file, as far as it was read. */
  readonly lines: () => number
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
  const sink = (certificate: string): SinkDocument => ({
    syslog: {
      url: `tls://127.0.0.1:${port}`,
      tls: { ca: 'ca.pem', cert: `${certificate}.pem`, key: `${certificate}.key` },
    },
    batch: { pause: '1ms' },
    retry: { first: '20ms', max: '200ms' },
    timeout: '1m',
  })
  const reader = lineReader(log)
  return {
    certificates,
    sink,
    start: { directory, file: { version: 1, sinks: { siem: sink('client') } } },
    startReceiver: () =>
      startProcess(t, 'rsyslogd', ['-n', '-iNONE', '-f', path('rsyslog.conf')], {
        cwd: directory,
        stopTimeoutMs: STOP_TIMEOUT_MS,
      }),
    arrived: reader.arrived,
    lines: reader.lines,
  }
}

/** Reads a file that grows: each call reads on from where the last one ended. */
function lineReader(path: string): Pick<Scene, 'arrived' | 'lines'> {
  const ids = new Set<string>()
  let [offset, lines] = [0, 0]
  const readOn = async (file: FileHandle): Promise<void> => {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.max(0, size - offset))
    await file.read(bytes, { position: offset })
    const end = bytes.lastIndexOf(0x0a) + 1
    offset += end
    for (const line of bytes.toString('utf8', 0, end).split('\n').slice(0, -1)) {
      ids.add((JSON.parse(line) as { metadata: { uid: string } }).metadata.uid)
      lines += 1
    }
  }
  return {
    lines: () => lines,
    arrived: async () => {
      const file = await open(path).catch(() => undefined)
      if (file === undefined) return ids
      try {
        await readOn(file)
        return ids
      } finally {
        await file.close()
      }
    },
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

function containsAll(arrived: ReadonlySet<string>, ids: readonly string[]): boolean {
  return ids.every((id) => arrived.has(id))
}

async function checkArrived(t: Test, scene: Scene, ids: readonly string[]): Promise<void> {
  const arrived = await scene.arrived()
  const known = new Set(ids)
  t.same(
    [...arrived].filter((id) => known.has(id)),
    ids,
    'every record, once after de-duplication, in order',
  )
  t.ok(arrived.size - ids.length < 100, 'and what the writer says of itself')
  t.comment(`${scene.lines()} lines for ${arrived.size} records`)
}
