/** All sinks by their contract. What is special to one has a file of its own. */
import { mkdtemp, readFile, rename, rm, mkdir, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test, type Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { parseRedisAddress } from '../../src/core/redis-address.ts'
import { printerOf } from '../../src/shipping/encoder.ts'
import type { Sink } from '../../src/shipping/sink.ts'
import { createFileSink } from '../../src/shipping/sinks/file-sink.ts'
import { createOtlpSink } from '../../src/shipping/sinks/otlp-sink.ts'
import { createRedisListSink } from '../../src/shipping/sinks/redis-list-sink.ts'
import { createSplunkSink } from '../../src/shipping/sinks/splunk-sink.ts'
import { createStdoutSink } from '../../src/shipping/sinks/stdout-sink.ts'
import { createSyslogSink } from '../../src/shipping/sinks/syslog-sink.ts'
import { createWebhookSink } from '../../src/shipping/sinks/webhook-sink.ts'
import { sinkContract, type SinkFailure } from '../contract/sink.contract.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis } from '../helpers/redis.ts'
import { makeCertificates } from '../helpers/siem/certificates.ts'
import {
  startHttpReceiver,
  type HttpAnswer,
  type HttpReceived,
  type HttpReceiver,
} from '../helpers/siem/http-receiver.ts'
import { readOtlp } from '../helpers/siem/read-otlp.ts'
import { readSyslog } from '../helpers/siem/read-syslog.ts'
import { startSyslogReceiver, type SyslogReceiver } from '../helpers/siem/syslog-receiver.ts'

const TIMEOUT_MS = 60_000
const IMPATIENT_MS = 250
const FORMAT = { format: 'ocsf', productVersion: '0.1.0', recordBytesMax: 65_536 } as const
const SYSLOG = { facility: 13, hostname: 'gateway-1', enterpriseNumber: 32_473, bytesMax: 8_192 }
const TOKEN = 'splunk-token-canary'

test('syslog over TCP', async (t) => {
  await sinkContract(t, async (t) => {
    const receiver = await startSyslogReceiver(t)
    return syslogHarness(t, receiver, undefined)
  })
})

test('syslog over TLS, with certificates on both sides', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const certificates = await makeCertificates(t)
  const [ca, cert, key, ownCert, ownKey] = await Promise.all(
    ['ca.pem', 'server.pem', 'server.key', 'client.pem', 'client.key'].map(certificates.file),
  )
  await sinkContract(t, async (t) => {
    const receiver = await startSyslogReceiver(t, {
      ca,
      cert,
      key,
      requestCert: true,
      rejectUnauthorized: true,
    })
    return syslogHarness(t, receiver, { ca, cert: ownCert, key: ownKey })
  })
})

test('Splunk, a fake one', async (t) => {
  await sinkContract(t, async (t) => {
    const receiver = await startHttpReceiver(t, () => ({
      status: 200,
      body: '{"text":"Success","code":0}',
    }))
    const sinks = pair(t, (timeoutMs) =>
      createSplunkSink({
        url: new URL(receiver.url),
        tls: {},
        timeoutMs,
        token: TOKEN,
        index: 'audit',
        hostname: 'gateway-1',
        acknowledgement: undefined,
        clock: systemClock,
        ...FORMAT,
      }),
    )
    const ids = ({ body }: HttpReceived) =>
      body.split('\n').map((line) => (JSON.parse(line) as { event: Event }).event.metadata.uid)
    return httpHarness(receiver, sinks, ids, [
      [400, 'refused', '{"text":"Invalid data format","code":6,"invalid-event-number":2}'],
      [400, 'misconfigured', '{"text":"Incorrect index","code":7}'],
      [403, 'misconfigured', `{"text":"Invalid token ${TOKEN}","code":4}`],
      [503, 'passing', '{"text":"Server is busy","code":9}'],
    ])
  })
})

test('OpenTelemetry, a fake collector', async (t) => {
  for (const compression of ['none', 'gzip'] as const) {
    await t.test(`compression ${compression}`, (t) =>
      sinkContract(t, async (t) => {
        const receiver = await startHttpReceiver(t, () => ({ status: 200, body: '{}' }))
        const sinks = pair(t, (timeoutMs) =>
          createOtlpSink({
            url: new URL(`${receiver.url}/v1/logs`),
            tls: {},
            timeoutMs,
            headers: { 'api-key': TOKEN },
            compression,
            clock: systemClock,
            productVersion: '0.1.0',
            recordBytesMax: 262_144,
          }),
        )
        const ids = ({ body }: HttpReceived) =>
          readOtlp(body).records.map(({ attributes }) => String(attributes['log.record.uid']))
        return httpHarness(receiver, sinks, ids, [
          [
            200,
            'refused',
            '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"agent-canary-5f1e"}}',
          ],
          [200, 'refused', '{"partialSuccess":{"rejectedLogRecords":1}}'],
        ])
      }),
    )
  }
})

test('a webhook', async (t) => {
  await sinkContract(t, async (t) => {
    const receiver = await startHttpReceiver(t, () => ({ status: 204 }))
    const sinks = pair(t, (timeoutMs) =>
      createWebhookSink({
        url: new URL(`${receiver.url}/celosia`),
        tls: {},
        timeoutMs,
        headers: { authorization: `Bearer ${TOKEN}` },
        keys: [Buffer.alloc(32, 7)],
        clock: systemClock,
        ...FORMAT,
      }),
    )
    const ids = ({ body }: HttpReceived) =>
      (JSON.parse(body) as { data: { records: Event[] } }).data.records.map(
        ({ metadata }) => metadata.uid,
      )
    return httpHarness(receiver, sinks, ids, [[410, 'misconfigured', '']])
  })
})

test('a file', async (t) => {
  await sinkContract(t, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'celosia-file-'))
    t.teardown(() => rm(directory, { recursive: true, force: true }))
    const path = join(directory, 'audit.jsonl')
    const options = { path, rotateBytes: 200_000, keep: 100, ...FORMAT }
    return {
      ...pair(t, () => createFileSink(options)),
      secrets: [],
      received: async () => linesOf(await readAllTurnedOver(path)),
      failures: [
        {
          name: 'the folder is gone',
          kind: 'misconfigured',
          begin: () => rename(directory, `${directory}-aside`),
          end: () => rename(`${directory}-aside`, directory),
        },
        {
          name: 'a folder is in its place',
          kind: 'misconfigured',
          begin: async () => {
            await rename(path, `${path}.1`)
            await mkdir(path)
          },
          end: () => rmdir(path),
        },
      ],
    }
  })
})

test('a Redis list', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  await sinkContract(t, async (t) => {
    await redis.admin().flushall()
    const address = parseRedisAddress(redis.url)
    if (address === undefined) throw new Error('no address')
    const sinks = pair(t, (timeoutMs) =>
      createRedisListSink({
        address,
        key: 'siem',
        entriesMax: 1_000,
        timeoutMs,
        ...FORMAT,
      }),
    )
    return {
      ...sinks,
      secrets: [],
      received: async () => linesOf((await redis.admin().lrange('siem', 0, -1)).join('\n')),
      failures: [
        {
          name: 'it has ended',
          kind: 'passing',
          begin: async () => {
            redis.process().signal('SIGKILL')
            await redis.process().exit
          },
          end: () => redis.startAgain(),
        },
        {
          name: 'it never answers',
          kind: 'passing',
          silent: true,
          begin: () => void redis.process().signal('SIGSTOP'),
          end: () => void redis.process().signal('SIGCONT'),
        },
        {
          name: 'the list is full',
          kind: 'passing',
          begin: async () =>
            void (await redis
              .admin()
              .rpush(
                'siem',
                ...Array.from({ length: 995 }, () => '{"metadata":{"uid":"filler"}}'),
              )),
          end: async () =>
            void (await redis.admin().lrem('siem', 0, '{"metadata":{"uid":"filler"}}')),
        },
        {
          name: 'the key has another type',
          kind: 'passing',
          begin: async () => {
            await redis.admin().rename('siem', 'kept')
            await redis.admin().set('siem', 'x')
          },
          end: async () => void (await redis.admin().rename('kept', 'siem')),
        },
      ],
    }
  })
})

test('standard output', async (t) => {
  await sinkContract(t, async (t) => {
    let text = ''
    let broken = false
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!broken) text += chunk.toString('utf8')
        done(broken ? Object.assign(new Error('agent-canary-5f1e'), { code: 'EPIPE' }) : null)
      },
      autoDestroy: false,
      emitClose: false,
    })
    stream.on('error', () => undefined)
    return {
      ...pair(t, () => createStdoutSink({ stream, ...FORMAT })),
      secrets: [],
      received: async () => linesOf(text),
      failures: [],
    }
  })
})

interface Event {
  readonly metadata: { readonly uid: string }
}

interface Pair {
  readonly sink: Sink
  readonly impatient: Sink
}

/** A patient sink and an impatient one, which are closed when the test ends. */
function pair(t: Test, make: (timeoutMs: number) => Sink): Pair {
  const [sink, impatient] = [make(TIMEOUT_MS), make(IMPATIENT_MS)]
  t.teardown(async () => void (await Promise.all([sink.close(), impatient.close()])))
  return { sink, impatient }
}

function syslogHarness(
  t: Test,
  receiver: SyslogReceiver,
  tls: Parameters<typeof createSyslogSink>[0]['tls'],
) {
  const sinks = pair(t, (timeoutMs) =>
    createSyslogSink({
      host: '127.0.0.1',
      port: receiver.port,
      tls,
      confirm: 'closed',
      timeoutMs,
      format: { ...SYSLOG, body: printerOf(FORMAT) },
    }),
  )
  const with_ = (
    manners: SyslogReceiver['manners'],
    name: string,
    silent = false,
  ): SinkFailure => ({
    name,
    kind: 'passing',
    silent,
    begin: () => void (receiver.manners = manners),
    end: () => void (receiver.manners = 'good'),
  })
  return {
    ...sinks,
    secrets: [],
    received: async () =>
      receiver.messages.map((text) => readSyslog(text).data['celosia@32473']?.['id'] ?? 'none'),
    failures: [
      {
        name: 'nobody listens',
        kind: 'passing' as const,
        begin: receiver.close,
        end: receiver.listenAgain,
      },
      with_('cut', 'the connection is reset in the middle'),
      with_('deaf', 'it never reads', true),
      with_('open', 'it never ends the connection', true),
    ],
  }
}

type Row = readonly [status: number, kind: SinkFailure['kind'], body: string]

function httpHarness(
  receiver: HttpReceiver,
  sinks: Pair,
  ids: (request: HttpReceived) => readonly string[],
  rows: readonly Row[],
) {
  const good = receiver.answer
  const taken: HttpReceived[] = []
  receiver.answer = (request) => {
    taken.push(request)
    return good(request)
  }
  const well = receiver.answer
  const answering = ([status, kind, body]: Row): SinkFailure => ({
    name: `${status} ${body.slice(0, 40)}`,
    kind,
    begin: () => void (receiver.answer = (): HttpAnswer => ({ status, body })),
    end: () => void (receiver.answer = well),
  })
  const behaving = (
    manners: HttpReceiver['manners'],
    name: string,
    silent = false,
  ): SinkFailure => ({
    name,
    kind: 'passing',
    silent,
    begin: () => void (receiver.manners = manners),
    end: () => void (receiver.manners = 'good'),
  })
  const statuses: readonly Row[] = [
    [301, 'misconfigured', ''],
    [400, 'refused', 'agent-canary-5f1e'],
    [401, 'misconfigured', ''],
    [404, 'misconfigured', ''],
    [413, 'refused', ''],
    [429, 'passing', ''],
    [500, 'passing', 'agent-canary-5f1e'],
    [503, 'passing', ''],
  ]
  return {
    ...sinks,
    secrets: [TOKEN],
    received: async () => taken.flatMap(ids),
    failures: [
      {
        name: 'nobody listens',
        kind: 'passing' as const,
        begin: receiver.close,
        end: receiver.listenAgain,
      },
      behaving('cut', 'the connection is reset in the middle'),
      behaving('half', 'the answer is cut in the middle'),
      behaving('silent', 'it never answers', true),
      behaving('drip', 'the answer never ends', true),
      ...[...statuses, ...rows].map(answering),
    ],
  }
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines
    .map((line) => (JSON.parse(line) as Event).metadata.uid)
    .filter((id) => id !== 'filler')
}

/** The files from the oldest to the newest. */
async function readAllTurnedOver(path: string): Promise<string> {
  let text = ''
  for (let number = 100; number >= 0; number -= 1) {
    text += await readFile(number === 0 ? path : `${path}.${number}`, 'utf8').catch(() => '')
  }
  return text
}
