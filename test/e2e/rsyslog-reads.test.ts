/** What a real rsyslogd makes of our messages: header, structured data and body as they were meant, whatever stands in them. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { cefLine } from '../../src/audit/export/cef.ts'
import { ocsfJson } from '../../src/audit/export/ocsf-json.ts'
import type { ReadRecord } from '../../src/audit/record-codec.ts'
import { createSyslogSink } from '../../src/shipping/sinks/syslog-sink.ts'
import { SAMPLES } from '../audit/export/samples.ts'
import { freePort } from '../helpers/free-port.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess } from '../helpers/process.ts'
import { asIfRead } from '../helpers/siem/read-records.ts'
import { until } from '../helpers/siem/shipper.ts'

/** Ids of callers that mean something to who reads carelessly. */
const SHARP = ['"] [evil@1 x="y', String.raw`\\" \] \\`, '[a="b"] - <13>1', 'ünïcode 😀', '=|=']

interface Line {
  readonly facility: string
  readonly severity: string
  readonly host: string
  readonly app: string
  readonly msgid: string
  readonly time: string
  readonly msg: string
  readonly all: {
    readonly 'rfc5424-sd': Readonly<Record<string, Readonly<Record<string, string>>>>
  }
}

/** What stands in the body, and how it is told from what was sent. */
const BODIES = {
  ocsf: {
    facility: 13,
    body: ocsfJson,
    same: (t: Test, msg: string, { record }: ReadRecord) => {
      t.same(JSON.parse(msg), record.event)
    },
  },
  // As for Sentinel, whose agent gets it from an rsyslogd like this one.
  cef: {
    facility: 20,
    body: cefBody,
    same: (t: Test, msg: string, read: ReadRecord) => {
      t.equal(msg, cefBody(read))
    },
  },
} as const

for (const [name, { facility, body, same }] of Object.entries(BODIES)) {
  test(`rsyslogd reads header, structured data and body as they were meant: ${name}`, async (t) => {
    if (!requirePeer(t, 'rsyslogd')) return
    const directory = t.testdir()
    const port = await freePort()
    const log = join(directory, 'read.jsonl')
    await writeFile(join(directory, 'rsyslog.conf'), config(port, directory, log))
    await startProcess(t, 'rsyslogd', ['-n', '-iNONE', '-f', join(directory, 'rsyslog.conf')])
    const sink = createSyslogSink({
      host: '127.0.0.1',
      port,
      tls: undefined,
      confirm: 'closed',
      timeoutMs: 60_000,
      format: {
        facility,
        hostname: 'gateway-1',
        enterpriseNumber: 32_473,
        bytesMax: 8_192,
        body,
      },
    })
    const records = [...Object.values(SAMPLES), ...SHARP.map(withCaller)]
    const payloads = records.map((read) => ({
      id: read.record.id,
      text: sink.encode(read)?.text ?? '',
    }))
    const never = new AbortController().signal
    await until('it listens', () =>
      sink.deliver(payloads.slice(0, 1), never).then(
        () => true,
        () => false,
      ),
    )
    await sink.deliver(payloads.slice(1), never)
    const lines = async () => {
      const text = await readFile(log, 'utf8').catch(() => '')
      return text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line)
    }
    await until('all are written', async () => (await lines()).length >= records.length)
    for (const [index, line] of (await lines()).entries()) {
      const { record, envelope } = records[index] as ReadRecord
      t.match(line, {
        facility: String(facility),
        host: 'gateway-1',
        app: 'celosia',
        msgid: record.type,
      })
      t.equal(new Date(line.time).getTime(), record.event['time'])
      same(t, line.msg, records[index] as ReadRecord)
      const data = line.all['rfc5424-sd']
      t.same(Object.keys(data), ['celosia@32473'], 'one element')
      t.match(data['celosia@32473'], { id: record.id, writer: envelope.writer })
    }
    const users = (await lines())
      .slice(-SHARP.length)
      .map((line) => line.all['rfc5424-sd']['celosia@32473']?.['user'])
    t.same(users, SHARP)
  })
}

function cefBody(read: ReadRecord): string {
  return cefLine(read, '0.1.0')
}

function withCaller(id: string): ReadRecord {
  const { record } = SAMPLES['access'] as ReadRecord
  const actor = { ...(record.event['actor'] as object), user: { uid: id } }
  return asIfRead({ ...record, event: { ...record.event, actor } })
}

function config(port: number, directory: string, log: string): string {
  const properties = [
    ['facility', 'syslogfacility'],
    ['severity', 'syslogseverity'],
    ['host', 'hostname'],
    ['app', 'app-name'],
    ['msgid', 'msgid'],
  ].map(
    ([name, from]) =>
      `  property(outname="${name}" name="${from}" format="jsonf")\n  constant(value=",")`,
  )
  return `
global(workDirectory="${directory}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
module(load="imtcp")
module(load="mmpstrucdata")
template(name="read" type="list") {
  constant(value="{")
${properties.join('\n')}
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  constant(value=",")
  property(outname="msg" name="msg" format="jsonf")
  constant(value=",\\"all\\":")
  property(name="$!all-json")
  constant(value="}\\n")
}
ruleset(name="celosia") {
  action(type="mmpstrucdata" sd_name.lowercase="off")
  action(type="omfile" file="${log}" template="read")
}
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="celosia")
`
}
