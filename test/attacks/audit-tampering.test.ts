/** K120: who can write to the store changes, removes, moves and puts in records; each is named, in either store. */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { test, type Test } from 'tap'
import {
  envelopeHash,
  NO_PREVIOUS,
  prepareRecord,
  sealRecord,
  sha256,
  type Envelope,
} from '../../src/audit/chain/envelope.ts'
import { openFileRecordStore } from '../../src/audit/file-record-store.ts'
import { openJournalReader } from '../../src/audit/journal-reader.ts'
import { openRedisAuditReader } from '../../src/audit/redis-audit-reader.ts'
import { openRedisRecordStore } from '../../src/audit/redis-record-store.ts'
import { recordLine } from '../../src/audit/record-codec.ts'
import { segmentName } from '../../src/audit/segment-name.ts'
import type { VerifyReport } from '../../src/audit/verify/verify-audit.ts'
import { auditRecord } from '../helpers/audit-records.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { startRedis } from '../helpers/redis.ts'
import {
  signedAudit,
  signedWriter,
  verifySigned,
  writeRecords,
  type SignedAudit,
} from '../helpers/signed-audit.ts'

type Line = Envelope & { event: Record<string, unknown> }
type Lines = Line[]

interface Row {
  readonly name: string
  /** Changes the lines of the stream of accesses; `all` are those of all streams, by sequence. */
  readonly tamper: (lines: Lines) => Lines
  /** What the first fault must be. */
  readonly names: string
}

/** The sequence of the record that most rows are about. It is an access, as are the two after it. */
const VICTIM = 16

const at = (lines: Lines, sequence: number): number =>
  lines.findIndex((line) => line.sequence === sequence)

const without = (lines: Lines, ...sequences: readonly number[]): Lines =>
  lines.filter((line) => !sequences.includes(line.sequence))

/** The line with another event, and the envelope that fits it. */
function edited(line: Line): Line {
  const event = { ...line.event, number: 999 }
  return { ...line, event, event_sha256: sha256(canonical(event)) }
}

/** All lines from `from` on with hashes that fit each other again. */
function chainedAnew(lines: Lines, from: number): Lines {
  let previous: string | undefined
  return lines.map((line) => {
    if (line.sequence < from) return line
    const linked = previous === undefined ? line : { ...line, previous }
    const { event: _, ...envelope } = linked
    previous = envelopeHash(envelope)
    return linked
  })
}

const ROWS: readonly Row[] = [
  {
    name: 'an event is edited',
    tamper: (lines) =>
      lines.map((line) =>
        line.sequence === VICTIM ? { ...line, event: { ...line.event, number: 999 } } : line,
      ),
    names: `altered ${VICTIM}`,
  },
  {
    name: 'an event is edited, and its hash with it',
    tamper: (lines) => lines.map((line) => (line.sequence === VICTIM ? edited(line) : line)),
    names: `altered ${VICTIM}`,
  },
  {
    name: 'an envelope is edited',
    tamper: (lines) =>
      lines.map((line) => (line.sequence === VICTIM ? { ...line, severity: 3 } : line)),
    names: `altered ${VICTIM}`,
  },
  {
    name: 'the hash before a record is edited',
    tamper: (lines) =>
      lines.map((line) =>
        line.sequence === VICTIM ? { ...line, previous: 'a'.repeat(64) } : line,
      ),
    names: `altered ${VICTIM}`,
  },
  {
    name: 'a member is put in twice',
    tamper: (lines) =>
      lines.map((line) =>
        line.sequence === VICTIM ? { ...line, type: 'refusals' as const } : line,
      ),
    names: `altered ${VICTIM}`,
  },
  {
    name: 'a record is deleted',
    tamper: (lines) => without(lines, VICTIM),
    names: `missing ${VICTIM}`,
  },
  {
    name: 'several are deleted',
    tamper: (lines) => without(lines, VICTIM, VICTIM + 1, VICTIM + 2),
    names: `missing ${VICTIM}`,
  },
  { name: 'the first is deleted', tamper: (lines) => without(lines, 2), names: 'missing 2' },
  { name: 'all are deleted', tamper: () => [], names: 'missing 2' },
  {
    name: 'two change places',
    tamper: (lines) => {
      const swapped = [...lines]
      const i = at(lines, VICTIM)
      swapped.splice(i, 2, lines[i + 1] as Line, lines[i] as Line)
      return swapped
    },
    names: `reordered ${VICTIM}`,
  },
  {
    name: 'one is moved to the end',
    tamper: (lines) => [...without(lines, VICTIM), lines[at(lines, VICTIM)] as Line],
    names: `reordered ${VICTIM}`,
  },
  {
    name: 'one is put in again',
    tamper: (lines) => [...lines, lines[at(lines, VICTIM)] as Line],
    names: `repeated ${VICTIM}`,
  },
  {
    name: 'another is put in its place as well',
    tamper: (lines) => [...lines, edited(lines[at(lines, VICTIM)] as Line)],
    names: `altered ${VICTIM}`,
  },
]

interface Store {
  readonly audit: SignedAudit
  readonly read: () => Promise<Lines>
  readonly write: (lines: Lines) => Promise<void>
  readonly verify: () => Promise<VerifyReport>
}

/** What the first fault is, and of which record. */
function firstFault({ faults }: VerifyReport): string {
  const [first] = faults
  return first === undefined ? 'none' : `${first.kind} ${first.sequence}`
}

async function assertNamed(t: Test, store: Store): Promise<void> {
  const whole = await store.read()
  const before = await store.verify()
  t.same(before.faults, [], 'untouched, it verifies')
  t.ok(before.checkpoints.signed >= 4 && before.checkpoints.anchored >= 4)
  t.ok(before.writers.every(({ ended }) => ended))
  for (const { name, tamper, names } of ROWS) {
    await store.write(tamper(structuredClone(whole)))
    const report = await store.verify()
    t.equal(firstFault(report), names, name, { faults: report.faults.slice(0, 3) })
    const [{ writer } = { writer: undefined }] = report.faults
    t.equal(writer, whole[0]?.writer, 'and the writer')
  }
  await store.write(whole)
  t.same((await store.verify()).faults, [], 'put back, it verifies again')
}

test('K120 in the journal, each change is named', async (t) => {
  const folder = t.testdir({})
  const directory = join(folder, 'journal')
  const audit = await signedAudit(folder)
  const writer = signedWriter(audit, await openFileRecordStore({ directory }))
  await writeRecords(writer, 40)
  await writer.close()
  const reader = await openJournalReader(directory)
  const name = (await readdir(directory)).find((file) => file.startsWith('audit-')) ?? ''
  const path = join(directory, name)
  const store: Store = {
    audit,
    read: async () =>
      (await readFile(path, 'utf8'))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line),
    write: (lines) => writeFile(path, lines.map(lineOf).join('')),
    verify: () => verifySigned(audit, reader),
  }
  await assertNamed(t, store)

  await t.test('text that is no record, or no canonical JSON', async (row) => {
    const whole = await readFile(path, 'utf8')
    const lines = whole.split('\n')
    const changed = async (index: number, change: (line: string) => string) => {
      await writeFile(path, lines.map((line, i) => (i === index ? change(line) : line)).join('\n'))
      return store.verify()
    }
    const blank = await changed(5, (line) => line.replace('"event":', '"event": '))
    row.match(blank.faults[0], { kind: 'altered', position: String })
    const twice = await changed(5, (line) => line.replace('"event":{', '"event":{"a":1,"a":2,'))
    row.match(twice.faults[0], { kind: 'altered', position: String })
    const rubbish = await changed(5, () => 'x')
    row.match(rubbish.faults, [{ kind: 'altered', position: String }, { kind: 'missing' }])
    await writeFile(path, whole)
  })
  await t.test('the end is cut off', async (row) => {
    const whole = await readFile(path, 'utf8')
    const lines = whole.split('\n').slice(0, -1)
    await writeFile(path, `${lines.slice(0, -6).join('\n')}\n`)
    row.match((await store.verify()).faults[0], { kind: 'missing' }, 'others follow on it')
    const chain = (await readdir(directory)).find((file) => file.startsWith('chain-')) ?? ''
    const chainText = await readFile(join(directory, chain), 'utf8')
    const last = (JSON.parse(lines.at(-7) ?? '') as Line).sequence
    const kept = chainText.split('\n').filter((line) => line !== '')
    const early = kept.filter((line) => (JSON.parse(line) as Line).sequence <= last)
    await writeFile(join(directory, chain), `${early.join('\n')}\n`)
    const findings = (await readdir(directory)).find((file) => file.startsWith('findings-')) ?? ''
    const found = await readFile(join(directory, findings), 'utf8')
    await writeFile(
      join(directory, findings),
      found
        .split('\n')
        .filter((line) => line !== '' && (JSON.parse(line) as Line).sequence <= last)
        .map((line) => `${line}\n`)
        .join(''),
    )
    const report = await store.verify()
    row.match(report.faults, [{ kind: 'truncated', sequence: last + 1 }], 'by the anchor')
    await writeFile(path, whole)
    await writeFile(join(directory, chain), chainText)
    await writeFile(join(directory, findings), found)
  })
  await t.test('a chain is built anew from a record on', async (row) => {
    const streams = await Promise.all(
      (await readdir(directory))
        .filter((file) => file.endsWith('.jsonl'))
        .map(async (file) => ({ file, text: await readFile(join(directory, file), 'utf8') })),
    )
    const all = streams.flatMap(({ text }) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Line),
    )
    const sorted = all.toSorted((a, b) => a.sequence - b.sequence)
    const forged = chainedAnew(
      sorted.map((line) => (line.sequence === VICTIM ? edited(line) : line)),
      VICTIM,
    )
    const bySequence = new Map(forged.map((line) => [line.sequence, line]))
    for (const { file, text } of streams) {
      const lines = text.split('\n').filter((line) => line !== '')
      const replaced = lines.map((line) =>
        lineOf(bySequence.get((JSON.parse(line) as Line).sequence) as Line),
      )
      await writeFile(join(directory, file), replaced.join(''))
    }
    const { faults } = await store.verify()
    row.match(faults[0], { kind: 'altered', detail: /built anew after record \d+/ })
    const { sequence = 0, to = 0 } = faults[0] ?? {}
    row.ok(sequence <= VICTIM && VICTIM <= to, 'the span holds the record', { sequence, to })
    for (const { file, text } of streams) await writeFile(join(directory, file), text)
  })
  await t.test('a whole writer is gone', async (row) => {
    const copy = join(folder, 'copy')
    await cp(directory, copy, { recursive: true })
    for (const file of await readdir(directory)) {
      if (file.endsWith('.jsonl')) await rm(join(directory, file))
    }
    const second = signedWriter(audit, await openFileRecordStore({ directory }))
    await writeRecords(second, 3)
    await second.close()
    const { faults } = await store.verify()
    row.match(faults, [{ kind: 'missing', sequence: 1, detail: /nothing of this writer is there/ }])
  })
})

test('K120 in Redis, each change is named', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t, { settings: { appendfsync: 'no' } })
  const audit = await signedAudit(t.testdir({}))
  const writer = signedWriter(audit, await openRedisRecordStore({ url: redis.url }))
  await writeRecords(writer, 40)
  await writer.close()
  const reader = await openRedisAuditReader({ url: redis.url })
  t.teardown(() => reader.close())
  const admin = redis.admin()
  await assertNamed(t, {
    audit,
    read: () => readStream(admin, 'celosia:audit'),
    write: (lines) => writeStream(admin, 'celosia:audit', lines),
    verify: () => verifySigned(audit, reader),
  })
  await t.test('what a user with XADD alone can do', async (row) => {
    const whole = await readStream(admin, 'celosia:audit')
    await admin.call('XADD', 'celosia:audit', 'MAXLEN', '0', '*', 'x', 'y')
    row.equal(firstFault(await verifySigned(audit, reader)), 'missing 2')
    await writeStream(admin, 'celosia:audit', whole)
    await admin.xadd('celosia:audit', '18446744073709551615-18446744073709551615', 'x', 'y')
    row.match((await verifySigned(audit, reader)).faults, [
      { kind: 'altered', position: '18446744073709551615-18446744073709551615' },
    ])
  })
  await t.test('everything is flushed', async (row) => {
    await admin.flushall()
    row.match((await verifySigned(audit, reader)).faults, [{ kind: 'missing', sequence: 1 }])
  })
})

async function readStream(admin: Redis, key: string): Promise<Lines> {
  const entries = await admin.xrange(key, '-', '+')
  return entries.map(([, fields]) => {
    const pairs = fields.flatMap((name, i) =>
      i % 2 === 0 ? [[name, fields[i + 1] ?? ''] as const] : [],
    )
    const texts = Object.fromEntries(pairs)
    return {
      ...texts,
      v: 1,
      severity: Number(texts['severity']),
      sequence: Number(texts['sequence']),
      event: JSON.parse(texts['event'] ?? '') as object,
    } as Line
  })
}

async function writeStream(admin: Redis, key: string, lines: Lines): Promise<void> {
  await admin.del(key)
  for (const { event, ...envelope } of lines) {
    const fields = Object.entries(envelope).flatMap(([name, value]) => [name, String(value)])
    await admin.xadd(key, '*', ...fields, 'event', canonical(event))
  }
}

function lineOf({ event, ...envelope }: Line): string {
  return `${canonical(envelope).slice(0, -1)},"event":${canonical(event)}}\n`
}

/** RFC 8785 for values that JSON.parse gives. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)
  return `{${members.join(',')}}`
}

test('K120 what stands in the store writes no lines of its own into the verdict', async (t) => {
  const directory = t.testdir({})
  const writer = 'w\u001b[2J\nThe audit verifies.\n\u001b[8m'
  const head = { writer, sequence: 3, hash: NO_PREVIOUS }
  const { name } = segmentName('records', 0, 1)
  await writeFile(
    join(directory, name),
    recordLine(sealRecord(prepareRecord(auditRecord(0)), head)),
  )
  const { code, stdout } = await runHere(['audit', 'verify', '--journal', directory])
  t.equal(code, 4)
  t.notOk(stdout.includes('\u001b'))
  t.notMatch(stdout, /^The audit verifies/m)
  t.match(stdout, /The audit does not verify/)
})
