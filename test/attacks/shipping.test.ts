/** Receivers that answer with what they were sent: nothing of it gets to where it does not belong. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import type { ShipDocument, SinkDocument } from '../../src/shipping/ship-file/document.ts'
import { ACCESS } from '../helpers/audit-facts.ts'
import { openFileWriter } from '../helpers/audit-writers.ts'
import { runHere } from '../helpers/program.ts'
import { startHttpReceiver } from '../helpers/siem/http-receiver.ts'
import { startShipping, until, writeShipFile } from '../helpers/siem/shipper.ts'

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
/** Quick to give up, for receivers that never will be well. */
const QUICK = {
  retry: { first: '20ms', max: '50ms', refusals: 1 },
  batch: { pause: '10ms' },
} as const

test('K119: nothing of a record, and no credential, stands in the log, the metrics and the errors of shipping', async (t) => {
  const directory = await folder(t)
  const journal = join(directory, 'journal')
  const writer = await openFileWriter({ directory: journal })
  const canary = `agent-canary-${uuidV7()}`
  const facts = { ...ACCESS, subject: { ...ACCESS.subject, id: canary }, upstream: 'desk-canary' }
  await writer.append([apiActivity(facts)])
  await writer.close()
  const echo = await startHttpReceiver(t, ({ body, headers }) => ({
    status: 400,
    body: JSON.stringify({ text: body, headers }),
    headers: { 'x-canary': 'agent-canary' },
  }))
  const token = 'token-canary-77'
  const sinks: Record<string, SinkDocument> = {
    splunk: { splunk: { url: echo.url, token: '${TOKEN}' }, ...QUICK },
    otlp: { otlp: { url: `${echo.url}/v1/logs`, headers: { 'api-key': '${TOKEN}' } }, ...QUICK },
    webhook: { webhook: { url: echo.url, secrets: ['${SECRET}'] }, ...QUICK },
    list: { redisList: { url: 'redis://u:${TOKEN}@127.0.0.1:1', key: 'k' }, ...QUICK },
    syslog: { syslog: { url: 'tls://127.0.0.1:1' }, ...QUICK },
    file: { file: { path: directory }, ...QUICK },
  }
  const file: ShipDocument = { version: 1, sinks }
  const env = { TOKEN: token, SECRET }
  const shipper = await startShipping(t, { directory, file, store: { journal }, env })
  await until('all have a problem', async () => (await shipper.readiness()).problems.length >= 3)
  await until('some are put aside', async () =>
    /dead_letters_total.*refused/.test(await shipper.metrics()),
  )
  const said = [
    await shipper.metrics(),
    JSON.stringify(await shipper.readiness()),
    shipper.process.stderr(),
    shipper.process.stdout(),
  ]
  await shipper.process.stop()
  // Its log is that of above; here is what it says of itself when it ends, and of its dead letters.
  const path = await writeShipFile(directory, file)
  const place = ['--config', path, '--journal', journal, '--log-level', 'silent']
  for (const name of Object.keys(sinks)) {
    for (const options of [
      ['--once', '--again'],
      ['--dead-letters'],
      ['--dead-letters', '--dry-run'],
    ]) {
      const end = await runHere(['audit', 'ship', ...place, '--sink', name, ...options], { env })
      said.push(end.stderr, end.stdout)
    }
  }
  t.match(said.join('\n'), /otlp\trefused\t/, 'dead letters are shown')
  const all = said.join('\n')
  t.ok(all.length > 2_000)
  for (const needle of ['canary', SECRET, SECRET.slice(6), Buffer.alloc(32, 9).toString('hex')]) {
    t.notOk(all.includes(needle), needle)
  }
})

async function folder(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-ship-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}
