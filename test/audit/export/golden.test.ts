/**
 * What each mapper makes of each kind of record, word for word: test/fixtures/exports has a record of each kind as it was
 * stored, and what is expected, a file a format. `WRITE_EXPORTS=1 node test/audit/export/golden.test.ts` writes all of them
 * anew from the records of today; read the difference before you keep it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { cefLine } from '../../../src/audit/export/cef.ts'
import { ecsDocument, ecsJson } from '../../../src/audit/export/ecs.ts'
import { ocsfJson, recordJson } from '../../../src/audit/export/ocsf-json.ts'
import { otlpEnvelope, otlpLogRecord } from '../../../src/audit/export/otlp.ts'
import { syslogMessage } from '../../../src/audit/export/syslog.ts'
import { recordOfLine, type ReadRecord } from '../../../src/audit/record-codec.ts'
import { STREAM_OF } from '../../../src/core/audit-record.ts'
import { asIfRead } from '../../helpers/siem/read-records.ts'
import { readCef } from '../../helpers/siem/read-cef.ts'
import { readOtlp } from '../../helpers/siem/read-otlp.ts'
import { readSyslog } from '../../helpers/siem/read-syslog.ts'
import { SAMPLES } from './samples.ts'

const FOLDER = join(import.meta.dirname, '../../fixtures/exports')
const VERSION = '0.1.0'
const SYSLOG = { facility: 13, hostname: 'gateway-1', enterpriseNumber: 32_473, bytesMax: 8_192 }

const FORMATS: Readonly<Record<string, (read: ReadRecord) => string>> = {
  cef: (read) => cefLine(read, VERSION),
  'ecs.json': (read) => JSON.stringify(ecsDocument(read), null, 2),
  'otlp.json': (read) => JSON.stringify(otlpLogRecord(read), null, 2),
  syslog: (read) => syslogMessage(read, { ...SYSLOG, body: ocsfJson })?.text ?? '',
}

test('each kind of record is mapped to each format as it was agreed', (t) => {
  const expected = Object.keys(SAMPLES).flatMap((kind) =>
    ['record.jsonl', ...Object.keys(FORMATS)].map((format) => `${kind}.${format}`),
  )
  if (process.env['WRITE_EXPORTS'] === '1') writeAll()
  t.same(readdirSync(FOLDER).toSorted(), expected.toSorted(), 'each kind has its files')
  for (const kind of Object.keys(SAMPLES)) {
    const record = recordOfLine(readFileSync(join(FOLDER, `${kind}.record.jsonl`)).subarray(0, -1))
    if (record === undefined) throw new Error(`${kind} is no record`)
    for (const [format, print] of Object.entries(FORMATS)) {
      t.equal(`${print(record)}\n`, fixture(`${kind}.${format}`), `${kind}.${format}`)
    }
  }
  t.end()
})

test('there is a sample of each type of record', (t) => {
  const types = new Set(Object.values(SAMPLES).map(({ record }) => record.type))
  t.same([...types].toSorted(), Object.keys(STREAM_OF).toSorted())
  t.end()
})

test('OCSF is the event as it was recorded, byte for byte, and a record is the line of the journal', (t) => {
  for (const read of Object.values(SAMPLES)) {
    t.equal(ocsfJson(read), read.eventText)
    t.same(recordOfLine(Buffer.from(recordJson(read))), read)
  }
  t.end()
})

test('every format names the record by its id, and its time and severity', (t) => {
  for (const [kind, read] of Object.entries(SAMPLES)) {
    const { id, event } = read.record
    const { writer, sequence } = read.envelope
    const time = new Date(event['time'] as number).toISOString()
    const ecs: unknown = JSON.parse(ecsJson(read))
    t.match(ecs, { '@timestamp': time, event: { id }, celosia: { chain: { writer } } }, kind)
    const cef = { externalId: id, deviceExternalId: writer, flexNumber1: String(sequence) }
    t.match(readCef(cefLine(read, VERSION)).extension, cef, kind)
    const attributes = { 'log.record.uid': id, 'celosia.chain.writer': writer }
    t.match(otlpOf(read), { attributes, body: event }, kind)
    const message = readSyslog(FORMATS['syslog']?.(read) ?? '')
    t.match(message, { timestamp: time, data: { 'celosia@32473': { id, writer } } }, kind)
    t.same(JSON.parse(message.body), event, kind)
  }
  t.end()
})

test('names under `celosia` have one type in all ECS documents, since an index takes no second', (t) => {
  const types = new Map<string, string>()
  for (const read of Object.values(SAMPLES)) {
    for (const [path, type] of typesOf(ecsDocument(read))) {
      t.equal(types.get(path) ?? type, type, path)
      types.set(path, type)
    }
  }
  t.ok(types.size > 60, `${types.size} fields`)
  t.end()
})

test('severities grow in every format, and what is not known has one', (t) => {
  const { record } = SAMPLES['finding'] as ReadRecord
  const of = (severity: number) => asIfRead({ ...record, severity })
  const levels = [1, 2, 3, 4, 5, 6]
  const cef = levels.map((level) => Number(readCef(cefLine(of(level), VERSION)).header[5]))
  const otlp = levels.map((level) => otlpOf(of(level)).severityNumber)
  const syslog = levels.map(
    (level) => 7 - readSyslog(FORMATS['syslog']?.(of(level)) ?? '').severity,
  )
  for (const [name, grades] of Object.entries({ cef, otlp, syslog })) {
    t.same(
      grades,
      [...new Set(grades)].toSorted((a, b) => a - b),
      name,
    )
  }
  t.equal(readCef(cefLine(of(99), VERSION)).header[5], '5')
  t.equal(readSyslog(FORMATS['syslog']?.(of(99)) ?? '').severity, 4)
  t.equal(otlpOf(of(99)).severityNumber, undefined)
  t.end()
})

function writeAll(): void {
  for (const [kind, record] of Object.entries(SAMPLES)) {
    writeFileSync(join(FOLDER, `${kind}.record.jsonl`), `${recordJson(record)}\n`)
    for (const [format, print] of Object.entries(FORMATS)) {
      writeFileSync(join(FOLDER, `${kind}.${format}`), `${print(record)}\n`)
    }
  }
}

function fixture(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8')
}

function otlpOf(record: ReadRecord) {
  const [before, after] = otlpEnvelope(VERSION)
  const logs = readOtlp(`${before}${JSON.stringify(otlpLogRecord(record))}${after}`)
  return logs.records[0] as (typeof logs.records)[0]
}

function typesOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((one) => typesOf(one, path))
  if (value === null || value === undefined) return []
  if (typeof value !== 'object') return [[path, typeof value]]
  return [
    [path, 'object'],
    ...Object.entries(value).flatMap(([name, one]) => typesOf(one, `${path}.${name}`)),
  ]
}
