/** Answers without an end: each event leaves soon, and never before it is on record. */
import { get as httpGet, type IncomingMessage } from 'node:http'
import { constants, createBrotliDecompress, createGunzip, createGzip } from 'node:zlib'
import { test, type Test } from 'tap'
import type { PolicyDocument, RouteDocument } from '../../src/rules/policy/document.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import type { AuditEvent } from '../helpers/gateway-under-test.ts'
import type { UpstreamAnswer } from '../helpers/upstream-answers.ts'
import { searchBudgets, startWorld, type World } from '../helpers/world.ts'
import { withFormats } from '../attacks/format-rows.ts'

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n'
const EMAIL = 'canary.0c1f77@example.com'

/** A live upstream: what the test says is sent at once, and nothing ends unless it is told to. */
interface Feed {
  readonly answer: UpstreamAnswer
  readonly send: (bytes: string | Buffer) => void
  readonly end: () => void
}

function createFeed(headers = ''): Feed {
  const chunks: (Buffer | undefined)[] = []
  let wake = Promise.withResolvers<void>()
  const add = (chunk: Buffer | undefined) => {
    chunks.push(chunk)
    wake.resolve()
  }
  const bytes = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from(`${HEAD}${headers}\r\n`)
    for (;;) {
      while (chunks.length > 0) {
        const chunk = chunks.shift()
        if (chunk === undefined) {
          yield Buffer.from('0\r\n\r\n')
          return
        }
        yield Buffer.concat([
          Buffer.from(`${chunk.length.toString(16)}\r\n`),
          chunk,
          Buffer.from('\r\n'),
        ])
      }
      wake = Promise.withResolvers()
      await wake.promise
    }
  }
  return {
    answer: bytes(),
    send: (text) => add(Buffer.from(text)),
    end: () => add(undefined),
  }
}

function withCompressedFormats(shipped: PolicyDocument): PolicyDocument {
  const policy = withFormats(shipped)
  const routes = policy.routes.map((route): RouteDocument =>
    route.format === 'event-stream' ? { ...route, compress: ['br', 'gzip'] } : route,
  )
  return { ...policy, routes }
}

/** A caller who reads as bytes come. */
interface Reading {
  readonly response: IncomingMessage
  readonly text: () => string
  /** Waits until the text holds this. */
  readonly until: (part: string) => Promise<void>
  readonly ended: Promise<'whole' | 'cut'>
  readonly leave: () => void
}

async function read(world: World, token: string, coding?: 'gzip' | 'br'): Promise<Reading> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = httpGet(
    `${world.gateway.url}/api/v2/events`,
    {
      headers: {
        authorization: `Bearer ${token}`,
        ...(coding !== undefined && { 'accept-encoding': coding }),
      },
      agent: false,
    },
    resolve,
  )
  request.on('error', reject)
  const response = await promise
  let text = ''
  let changed = Promise.withResolvers<void>()
  const decoded = coding === undefined ? response : response.pipe(DECODERS[coding]())
  decoded.setEncoding('utf8')
  decoded.on('data', (part: string) => {
    text += part
    changed.resolve()
    changed = Promise.withResolvers()
  })
  const ended = new Promise<'whole' | 'cut'>((done) => {
    response.on('end', () => done('whole'))
    response.on('error', () => done('cut'))
    response.on('close', () => changed.resolve())
  })
  return {
    response,
    text: () => text,
    until: async (part) => {
      while (!text.includes(part)) {
        if (response.closed) throw new Error(`the answer ended without ${part}: ${text}`)
        await changed.promise
      }
    },
    ended,
    leave: () => request.destroy(),
  }
}

const DECODERS = { gzip: createGunzip, br: createBrotliDecompress }

interface Part {
  readonly phase: string
  readonly masked: number
  readonly reasons: readonly string[]
}

async function parts(world: World, { response }: Reading): Promise<readonly Part[]> {
  const id = response.headers['celosia-request-id']
  return (await world.gateway.records())
    .filter((event) => (event['metadata'] as AuditEvent)['correlation_uid'] === id)
    .filter((event) => accessViews([event]).length > 0)
    .map((event) => {
      const own = (event['unmapped'] as { celosia: AuditEvent }).celosia
      const classes = own['classes'] as readonly { class: string; masked: number }[]
      return {
        phase: String(own['phase']),
        masked: classes.find((entry) => entry.class === 'contact.email')?.masked ?? 0,
        reasons: own['reasons'] as string[],
      }
    })
}

async function closing(world: World, reading: Reading): Promise<Part | undefined> {
  for (let turn = 0; turn < 100; turn += 1) {
    const last = (await parts(world, reading)).at(-1)
    if (last?.phase === 'closing') return last
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return undefined
}

test('server-sent events', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => ({
      ...withCompressedFormats(policy),
      upstreams: Object.fromEntries(
        Object.entries(policy.upstreams).map(([name, one]) => [
          name,
          { ...one, codings: ['gzip'] as const },
        ]),
      ),
      detect: [
        ...searchBudgets(policy),
        {
          name: 'stream',
          classes: ['contact.email'],
          count: { distinct: 'dataSubject', over: 3, within: '10m' },
          then: ['flag', 'block'],
        },
      ],
    }),
  })
  const token = await world.token()
  const begin = async (feed: Feed, of = token, coding?: 'gzip' | 'br') => {
    world.upstream.reset()
    world.upstream.answer(() => feed.answer)
    return read(world, of, coding)
  }

  await t.test('the answer begins before anything has happened, on record', async (t) => {
    const feed = createFeed()
    const reading = await begin(feed)
    await reading.until(':\n\n')
    t.match(reading.response.headers, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    t.same(
      (await parts(world, reading)).map(({ phase }) => phase),
      ['opening'],
    )
    feed.end()
    t.equal(await reading.ended, 'whole')
    t.match(await closing(world, reading), { phase: 'closing', reasons: ['role-permits'] })
  })

  await t.test('an event leaves when it comes, and its record was there before', async (t) => {
    const feed = createFeed()
    const reading = await begin(feed)
    for (const id of [7, 8]) {
      feed.send(`event: user\nid: ${id}\ndata: {"id":7,"email":"${EMAIL}"}\n\n`)
      await reading.until(`id: ${id}\n`)
      const recorded = await parts(world, reading)
      t.equal(
        recorded.reduce((sum, { masked }) => sum + masked, 0),
        id - 6,
        'each is recorded',
      )
    }
    t.equal(
      reading.text(),
      `:\n\n${[7, 8].map((id) => `event: user\nid: ${id}\ndata: {"id":7,"email":"c***@example.com"}\n\n`).join('')}`,
    )
    feed.end()
    await reading.ended
  })

  await t.test('half an event waits, and what is not declared does not leave', async (t) => {
    const feed = createFeed()
    const reading = await begin(feed)
    feed.send(
      `event: secret\ndata: {"email":"${EMAIL}"}\n\n: ${EMAIL}\n\ndata: {"email":"${EMAIL.slice(0, 8)}`,
    )
    await reading.until(':\n\n:\n\n')
    feed.send(`${EMAIL.slice(8)}"}\n\ndata: {"email":"${EMAIL}`)
    await reading.until('data:')
    feed.end()
    t.equal(await reading.ended, 'whole')
    t.equal(reading.text(), ':\n\n:\n\ndata: {"email":"c***@example.com"}\n\n')
  })

  await t.test('an event that is no JSON cuts the stream', async (t) => {
    const feed = createFeed()
    const reading = await begin(feed)
    feed.send('data: 1\n\n')
    await reading.until('data')
    feed.send(`data: ${EMAIL}\n\n`)
    t.equal(await reading.ended, 'cut')
    t.notMatch(reading.text(), 'canary')
    t.match(await closing(world, reading), { reasons: ['upstream-body-refused'] })
  })

  await t.test('a caller who leaves lets the upstream go', async (t) => {
    const feed = createFeed()
    const reading = await begin(feed)
    await reading.until(':\n\n')
    reading.leave()
    t.match(await closing(world, reading), { reasons: ['request-aborted'] })
  })

  await t.test('a rule that blocks cuts the stream before the event that passes it', async (t) => {
    const feed = createFeed()
    const reading = await begin(feed, await world.token({ subject: 'agent-curious' }))
    for (const id of [1, 2, 3]) {
      feed.send(`id: ${id}\ndata: {"id":${id},"email":"${EMAIL}"}\n\n`)
      await reading.until(`id: ${id}\n`)
    }
    feed.send(`id: 4\ndata: {"id":4,"email":"${EMAIL}"}\n\n`)
    t.equal(await reading.ended, 'cut')
    t.notMatch(reading.text(), 'id: 4')
    t.match(await closing(world, reading), { reasons: ['lookups-exceeded'] })
  })

  await t.test('a content coding is taken off as it comes', async (t) => {
    const feed = createFeed('content-encoding: gzip\r\n')
    const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
    gzip.on('data', (part: Buffer) => feed.send(part))
    const reading = await begin(feed)
    for (const id of [1, 2]) {
      gzip.write(`id: ${id}\ndata: {"email":"${EMAIL}"}\n\n`)
      await reading.until(`id: ${id}\ndata: {"email":"c***@example.com"}\n\n`)
    }
    gzip.end()
    await new Promise((resolve) => gzip.once('close', resolve))
    feed.end()
    t.equal(await reading.ended, 'whole')
  })

  for (const coding of ['gzip', 'br'] as const) {
    await t.test(`${coding}: each event can be read as soon as it leaves`, async (t) => {
      const feed = createFeed()
      const reading = await begin(feed, token, coding)
      t.equal(reading.response.headers['content-encoding'], coding)
      await reading.until(':\n\n')
      for (const id of [1, 2]) {
        feed.send(`id: ${id}\ndata: {"email":"${EMAIL}"}\n\n`)
        await reading.until(`id: ${id}\ndata: {"email":"c***@example.com"}\n\n`)
        t.equal((await parts(world, reading)).length, id + 1, 'its record was there before')
      }
      feed.end()
      t.equal(await reading.ended, 'whole')
    })
  }

  await t.test('a caller who leaves a coded stream lets the upstream go', async (t) => {
    const feed = createFeed()
    const reading = await begin(feed, token, 'br')
    await reading.until(':\n\n')
    reading.leave()
    t.match(await closing(world, reading), { reasons: ['request-aborted'] })
  })

  await t.test(
    'nothing is held afterwards, and nothing stands in the log or the audit',
    async (t: Test) => {
      t.match(await world.gateway.metrics(), /^celosia_held_bytes 0$/m)
      t.notMatch(world.gateway.logs(), 'canary')
      t.notMatch(JSON.stringify(await world.gateway.records()), 'canary')
    },
  )
})
