/** The journal: the contract with disks that fail, segments, torn lines, the lock, and a writer that is killed. */
import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { AuditReader, AuditWriter } from '../../src/audit/audit-store.ts'
import {
  openFileRecordStore,
  type FileRecordStoreOptions,
} from '../../src/audit/file-record-store.ts'
import { openJournalReader } from '../../src/audit/journal-reader.ts'
import { auditStoreContract } from '../contract/audit-store.contract.ts'
import { recordStoreContract } from '../contract/record-store.contract.ts'
import {
  appendWhenUp,
  auditRecord,
  auditRecords,
  numbersOf,
  readAll,
} from '../helpers/audit-records.ts'
import { newChain, openFileWriter, sealAll } from '../helpers/audit-writers.ts'
import { failingDisk, type DiskState } from '../helpers/failing-files.ts'
import { startProcess } from '../helpers/process.ts'

async function openWriter(t: Test, options: FileRecordStoreOptions): Promise<AuditWriter> {
  const writer = await openFileWriter({ notes: () => undefined, ...options })
  t.teardown(() => writer.close().catch(() => undefined))
  return writer
}

async function openReader(
  t: Test,
  directory: string,
): Promise<{ reader: AuditReader; notes: string[] }> {
  const notes: string[] = []
  const reader = await openJournalReader(directory, { notes: (note) => notes.push(note) })
  t.teardown(() => reader.close())
  return { reader, notes }
}

function folder(t: Test): string {
  return join(t.testdir({}), 'journal')
}

async function segmentsOf(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => /^audit-.*\.jsonl$/.test(name)).sort()
}

test('the journal keeps the contract of audit stores', async (t) => {
  await auditStoreContract(t, (t) => {
    const directory = folder(t)
    const disk = failingDisk()
    const failure = (name: string, state: DiskState) => ({
      name,
      begin: () => Promise.resolve(disk.become(state)),
      end: () => Promise.resolve(disk.become('well')),
    })
    return Promise.resolve({
      writer: () => openWriter(t, { directory, files: disk.files, segmentBytes: 256 * 1024 }),
      reader: async () => (await openReader(t, directory)).reader,
      failures: [
        failure('the disk hangs', 'hangs'),
        failure('the disk is full', 'full'),
        failure('the disk fills up within a line', 'torn'),
        failure('fdatasync fails', 'sync-fails'),
      ],
    })
  })
})

test('the journal keeps the contract of record stores', async (t) => {
  await recordStoreContract(t, (t) => {
    const directory = folder(t)
    return Promise.resolve({
      store: async () => {
        const store = await openFileRecordStore({ directory })
        t.teardown(() => store.close())
        return store
      },
      reader: async () => (await openReader(t, directory)).reader,
    })
  })
})

test('a crash between two streams leaves a first part of the chain, never a gap', async (t) => {
  const directory = folder(t)
  const disk = failingDisk()
  const store = await openFileRecordStore({ directory, files: disk.files })
  t.teardown(() => store.close())
  const types = ['access', 'finding', 'access'] as const
  const batch = sealAll(
    types.map((type, i) => ({ ...auditRecord(i), type })),
    newChain(),
  )
  await store.append(batch)
  t.same(disk.log.join(' '), 'create write datasync create write datasync write datasync')
})

test('an append is acknowledged after fdatasync, and what waits goes together', async (t) => {
  const disk = failingDisk()
  const writer = await openWriter(t, { directory: folder(t), files: disk.files })
  const append = async (number: number): Promise<void> => {
    await writer.append([auditRecord(number)])
    disk.log.push(`ack ${number}`)
  }
  await append(0)
  const firstWords = 'create write datasync'
  const checkpoint = 'write datasync'
  while (disk.log.length < 9) await new Promise((resolve) => setTimeout(resolve, 5))
  const began = disk.log.splice(0)
  const ack = began.indexOf('ack 0')
  t.ok(ack >= 6, 'acknowledged after both')
  t.same(began.toSpliced(ack, 1).join(' '), `${firstWords} create write datasync ${checkpoint}`)
  await Promise.all([append(1), append(2), append(3)])
  await writer.close()
  const lastWords = 'write datasync'
  t.same(
    disk.log.join(' '),
    `write datasync ack 1 ack 2 ack 3 ${lastWords} ${checkpoint} close close`,
  )
})

test('segments are for their owner only, are named by start and number, and end at the limit', async (t) => {
  const directory = folder(t)
  const writer = await openWriter(t, { directory, segmentBytes: 1_000 })
  for (let i = 0; i < 20; i += 1) await writer.append([auditRecord(i)])
  const names = await segmentsOf(directory)
  t.ok(names.length > 3)
  for (const [i, name] of names.entries()) {
    t.match(name, new RegExp(`^audit-\\d{8}T\\d{9}Z-${String(i + 1).padStart(8, '0')}\\.jsonl$`))
    const { mode, size } = await stat(join(directory, name))
    t.equal(mode & 0o777, 0o600)
    t.ok(size <= 1_000)
  }
  t.equal((await stat(directory)).mode & 0o777, 0o700)
  const { reader } = await openReader(t, directory)
  t.equal((await readAll(reader)).length, 20)
})

test('segments are read by their number, also where the clock stepped back', async (t) => {
  const directory = folder(t)
  let nowMs = 2_000_000_000_000
  const clock = { nowMs: () => (nowMs -= 60_000), monotonicMs: () => performance.now() }
  const writer = await openWriter(t, { directory, segmentBytes: 1, clock })
  for (let i = 0; i < 5; i += 1) await writer.append([auditRecord(i)])
  t.same(numbersOf(await readAll((await openReader(t, directory)).reader)), [0, 1, 2, 3, 4])
})

test('a torn last line is never appended to: it is named, and skipped', async (t) => {
  const directory = folder(t)
  const first = await openWriter(t, { directory })
  await first.append(auditRecords(3))
  await first.close()
  const [name = ''] = await segmentsOf(directory)
  const whole = await readFile(join(directory, name))
  await appendFile(join(directory, name), whole.subarray(0, 40))
  const before = await openReader(t, directory)
  t.equal((await readAll(before.reader)).length, 3)
  t.match(
    before.notes,
    [/unfinished line of 40 bytes at audit-/],
    'also where it is the newest segment',
  )
  const told: string[] = []
  const second = await openWriter(t, { directory, notes: (note) => told.push(note) })
  t.match(told, [/ends within a line; it stays as it is/])
  await second.append(auditRecords(2, 3))
  t.equal((await readFile(join(directory, name))).length, whole.length + 40)
  const { reader, notes } = await openReader(t, directory)
  t.same(numbersOf(await readAll(reader)), [0, 1, 2, 3, 4])
  t.match(notes, [/unfinished line/])
})

test('any other damage stops a reading and names the place', async (t) => {
  const damages: readonly (readonly [string, (text: Buffer) => Buffer])[] = [
    [
      'a byte that is no UTF-8',
      (text) => Buffer.concat([text.subarray(0, 30), Buffer.of(0xff), text.subarray(31)]),
    ],
    [
      'a line cut in its middle',
      (text) => Buffer.concat([text.subarray(0, 30), Buffer.from('\n'), text]),
    ],
    ['JSON that is no record', (text) => Buffer.concat([Buffer.from('{"v":1}\n'), text])],
    ['an unknown version', (text) => Buffer.from(text.toString().replace('"v":1', '"v":2'))],
    ['an empty line', (text) => Buffer.concat([Buffer.from('\n'), text])],
    ['a line without end', () => Buffer.alloc(3 * 1024 * 1024, 'x')],
  ]
  for (const [name, damage] of damages) {
    const directory = join(folder(t), String(damages.findIndex(([other]) => other === name)))
    const writer = await openWriter(t, { directory })
    await writer.append(auditRecords(2))
    await writer.close()
    const [segment = ''] = await segmentsOf(directory)
    const path = join(directory, segment)
    await writeFile(path, damage(await readFile(path)))
    const { reader } = await openReader(t, directory)
    await t.rejects(readAll(reader), { code: 'ERR_AUDIT_CORRUPT', position: `${segment}:0` }, name)
  }
})

test('a failed write begins a new segment, and a disk that stays full does not fill with them', async (t) => {
  const directory = folder(t)
  const disk = failingDisk()
  const writer = await openWriter(t, { directory, files: disk.files })
  await writer.append([auditRecord(0)])
  disk.become('torn')
  for (let i = 0; i < 50; i += 1) {
    await t.rejects(writer.append([auditRecord(100)]), {
      code: 'ERR_AUDIT_UNAVAILABLE',
      message: /ENOSPC/,
    })
  }
  t.ok((await segmentsOf(directory)).length <= 2)
  disk.become('well')
  await new Promise((resolve) => setTimeout(resolve, 600))
  await writer.append([auditRecord(1)])
  const { reader, notes } = await openReader(t, directory)
  const numbers = numbersOf(await readAll(reader))
  t.same(numbers, [0, 100, 1], 'what was refused first is there all the same: it was in doubt')
  t.same(notes, [], 'and the torn line was cut off')
})

test('closing waits for what is under way, but not for ever', async (t) => {
  const directory = folder(t)
  const disk = failingDisk()
  const writer = await openWriter(t, { directory, files: disk.files, timeoutMs: 200 })
  disk.become('hangs')
  const append = writer.append([auditRecord(0)])
  await t.rejects(append, { code: 'ERR_AUDIT_UNAVAILABLE', message: /too long/ })
  await t.rejects(writer.close(), { code: 'ERR_AUDIT_UNAVAILABLE' })
  t.notOk(disk.log.includes('close'))
  disk.become('well')
  await (await openWriter(t, { directory })).append([auditRecord(1)])
  t.ok(disk.log.includes('close'), 'the file is closed once the disk answers')
})

test('a queue that is full refuses at once', async (t) => {
  const disk = failingDisk()
  const writer = await openWriter(t, { directory: folder(t), files: disk.files, timeoutMs: 1_000 })
  disk.become('hangs')
  const underWay = writer.append([auditRecord(0)])
  const settled = Promise.allSettled([underWay])
  await new Promise((resolve) => setTimeout(resolve, 20))
  const waiting = Array.from({ length: 10_000 }, (_, i) => writer.append([auditRecord(i)]))
  const settledToo = Promise.allSettled(waiting)
  await t.rejects(writer.append([auditRecord(0)]), { message: /Too many/ })
  const all = [...(await settled), ...(await settledToo)]
  t.same(new Set(all.map(({ status }) => status)), new Set(['rejected']))
  disk.become('well')
  await appendWhenUp(writer, [auditRecord(1)])
})

test('a directory that cannot be made or read is an error of the environment', async (t) => {
  const path = join(t.testdir({ file: 'x' }), 'file')
  await t.rejects(openFileRecordStore({ directory: join(path, 'journal') }), {
    code: 'ERR_AUDIT_UNAVAILABLE',
  })
  await t.rejects(openJournalReader(join(path, 'none')), { code: 'ERR_AUDIT_UNAVAILABLE' })
})

test('a reading goes on where retention has removed the segment of its position', async (t) => {
  const directory = folder(t)
  const writer = await openWriter(t, { directory, segmentBytes: 1 })
  for (let i = 0; i < 4; i += 1) await writer.append([auditRecord(i)])
  const { reader } = await openReader(t, directory)
  const all = await readAll(reader)
  const [first = '', second = ''] = await segmentsOf(directory)
  await rm(join(directory, first))
  await rm(join(directory, second))
  t.same(numbersOf(await readAll(reader, { after: all[0]?.position })), [2, 3])
  await t.rejects(readAll(reader, { after: `${all[2]?.position}5` }), { code: 'ERR_AUDIT_CORRUPT' })
})

test('every acknowledged record survives kill -9 of the writer under load', async (t) => {
  const directory = folder(t)
  const program = join(import.meta.dirname, '../helpers/journal-writer.ts')
  for (let round = 0; round < 3; round += 1) {
    const writer = await startProcess(t, process.execPath, [program, directory], {
      ready: /^ready$/m,
    })
    const deadline = performance.now() + 20_000
    while (writer.stdout().length < 10_000 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    writer.signal('SIGKILL')
    await writer.exit
    const acknowledged = [...writer.stdout().matchAll(/^ack (\S+)$/gm)].map(([, id]) => id ?? '')
    t.ok(acknowledged.length > 50, 'there was load', { acknowledged: acknowledged.length })
    const { reader } = await openReader(t, directory)
    const stored = new Set((await readAll(reader)).map(({ record }) => record.id))
    t.same(
      acknowledged.filter((id) => !stored.has(id)),
      [],
    )
  }
})
