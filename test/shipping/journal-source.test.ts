/** The source of records in a journal: what every source does, and what is its own: one shipper, positions on the disk. */
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import type { Delivery, RecordSource } from '../../src/shipping/record-source.ts'
import {
  openJournalSource,
  type JournalSourceOptions,
} from '../../src/shipping/sources/journal-source.ts'
import { recordSourceContract } from '../contract/record-source.contract.ts'
import { auditRecords } from '../helpers/audit-records.ts'
import { openFileWriter } from '../helpers/audit-writers.ts'

const never = new AbortController().signal

test('records from a journal', async (t) => {
  await recordSourceContract(t, async (t) => {
    const directory = await folder(t)
    return {
      writer: () => openWriter(t, directory),
      source: ({ start, restart = false, deadLettersMax = 100 } = {}) =>
        open(t, directory, { start: start ?? { at: 'oldest' }, restart, deadLettersMax }),
      die: (source) => source.close(),
      damage: async () => {
        const name = (await readdir(directory)).findLast((one) => one.startsWith('audit-'))
        await appendFile(join(directory, name ?? ''), '{"no":"record"}\n')
      },
      deadLetters: async () => {
        const text = await readFile(join(directory, 'ship', 'siem', 'dead-letters.jsonl'), 'utf8')
        const lines = text.trimEnd().split('\n')
        return lines.map((line) => {
          const letter = JSON.parse(line) as { reason: string; stored: string }
          return { reason: letter.reason, text: letter.stored }
        })
      },
    }
  })
})

test('one process at a time ships from a journal to a sink', async (t) => {
  const directory = await folder(t)
  await openWriter(t, directory)
  const first = await open(t, directory)
  await t.rejects(open(t, directory), {
    code: 'ERR_AUDIT_UNAVAILABLE',
    message: /Another process ships/,
  })
  await first.close()
  await t.resolves(open(t, directory), 'once it is closed another one may')
})

test('positions that nobody can read are for a person to decide about', async (t) => {
  const directory = await folder(t)
  const writer = await openWriter(t, directory)
  await writer.append(auditRecords(2))
  const path = join(directory, 'ship', 'siem', 'positions.json')
  const source = await open(t, directory)
  const { deliveries } = await source.take({ recordsMax: 10, wait: true, signal: never })
  await source.acknowledge(deliveries)
  await source.close()
  t.equal((await stat(path)).mode & 0o777, 0o600, 'they are for their owner only')
  for (const text of [
    '',
    '{',
    '{"v":2,"positions":{}}',
    '{"v":1,"positions":{"other":"x"}}',
    'null',
  ]) {
    await writeFile(path, text)
    await t.rejects(
      open(t, directory),
      { message: /positions\.json is not a file of positions/ },
      text,
    )
  }
})

test('without following it ends at the newest record that is there', async (t) => {
  const directory = await folder(t)
  const writer = await openWriter(t, directory)
  await writer.append(auditRecords(5))
  const source = await open(t, directory, { follow: false })
  const all = await takeAll(source)
  t.equal(all.filter(({ origin }) => origin === 'records').length, 5)
})

test('a segment that retention has removed holds up nothing', async (t) => {
  const directory = await folder(t)
  const writer = await openWriter(t, directory, 2_000)
  await writer.append(auditRecords(1))
  const source = await open(t, directory, { follow: false })
  const { deliveries } = await source.take({ recordsMax: 100, wait: false, signal: never })
  await source.acknowledge(deliveries)
  await source.close()
  for (let i = 1; i < 12; i += 1) await writer.append(auditRecords(1, i))
  const names = (await readdir(directory)).filter((name) => name.startsWith('audit-')).toSorted()
  t.ok(names.length > 2, `${names.length} segments`)
  await rm(join(directory, names[0] ?? ''))
  const again = await open(t, directory, { follow: false })
  const rest = await takeAll(again)
  t.ok(rest.length > 5)
  t.equal(rest.findLast(({ origin }) => origin === 'records')?.read?.record.event['number'], 11)
})

/** Takes, and acknowledges, until the source says that nothing is left. */
async function takeAll(source: RecordSource): Promise<readonly Delivery[]> {
  const all: Delivery[] = []
  for (;;) {
    const { deliveries } = await source.take({ recordsMax: 100, wait: false, signal: never })
    if (deliveries.length === 0) return all
    all.push(...deliveries)
    await source.acknowledge(deliveries)
  }
}

async function folder(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-ship-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

async function openWriter(t: Test, directory: string, segmentBytes?: number) {
  const writer = await openFileWriter({
    directory,
    ...(segmentBytes !== undefined && { segmentBytes }),
  })
  t.teardown(() => writer.close())
  return writer
}

async function open(
  t: Test,
  directory: string,
  options: Partial<JournalSourceOptions> = {},
): Promise<RecordSource> {
  const source = await openJournalSource({
    directory,
    folder: join(directory, 'ship', 'siem'),
    start: { at: 'oldest' },
    restart: false,
    follow: true,
    deadLettersMax: 100,
    waitMs: 100,
    clock: systemClock,
    ...options,
  })
  t.teardown(() => source.close())
  return source
}
