/** The raw upstream and the raw client, held against each other and against Node's own HTTP. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import { freePort } from '../helpers/free-port.ts'
import { header, request, requestBytes, sendRaw } from '../helpers/raw-client.ts'
import { startRawUpstream } from '../helpers/upstream.ts'
import {
  chunkedAnswer,
  cutAnswer,
  dripAnswer,
  jsonAnswer,
  rawAnswer,
  statusAnswer,
} from '../helpers/upstream-answers.ts'

test('startRawUpstream records requests as they stood on the wire', async (t) => {
  const upstream = await startRawUpstream(t)
  t.equal((await request(upstream.port, { path: '/unscripted' })).status, 501)
  upstream.answer((seen) =>
    jsonAnswer(
      { target: seen.target },
      {
        headers: [
          ['X-A', '1'],
          ['x-a', '2'],
        ],
      },
    ),
  )
  const bytes =
    'POST /a/../b?x=%2F HTTP/1.1\r\nHOST: h\r\nx-Odd:  v \r\nx-odd: w\r\ncontent-length: 3\r\n\r\na\0b'
  const exchange = await sendRaw(upstream.port, bytes)
  t.same(JSON.parse(exchange.body.toString()), { target: '/a/../b?x=%2F' })
  t.equal(header(exchange, 'X-a'), '1, 2')
  t.equal(header(exchange, 'missing'), undefined)
  const seen = upstream.requests[1]
  t.match(seen, { method: 'POST', target: '/a/../b?x=%2F', version: 'HTTP/1.1', connection: 2 })
  t.same(seen?.headers, [
    ['HOST', 'h'],
    ['x-Odd', 'v'],
    ['x-odd', 'w'],
    ['content-length', '3'],
  ])
  t.equal(seen?.body.toString(), 'a\0b')
  t.equal(upstream.connections()[1]?.bytes.toString(), bytes)
  t.ok((exchange.firstByteMs ?? 0) >= (seen?.timeMs ?? Infinity))
  t.ok((seen?.firstByteMs ?? Infinity) <= (seen?.timeMs ?? 0))
  upstream.records.set('users/7', { email: 'x' })
  upstream.reset()
  t.same(
    [upstream.requests.length, upstream.connections().length, upstream.records.size],
    [0, 0, 0],
  )
  t.equal((await request(upstream.port, { path: '/' })).status, 501, 'the script is forgotten too')
})

test('startRawUpstream keeps connections, reads pipelines, chunks and trailers, and what is no request', async (t) => {
  const upstream = await startRawUpstream(t)
  upstream.answer((seen) => jsonAnswer(seen.body.toString()))
  const chunked =
    'PUT /2 HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\n"ab\r\n2\r\nc"\r\n0\r\nx-t: 1\r\n\r\n'
  const both = `GET /1 HTTP/1.1\r\n\r\n${chunked}GET /half HTTP`
  const exchange = await sendRaw(upstream.port, both, { answers: 2 })
  t.same(
    upstream.requests.map(({ target, connection }) => [target, connection]),
    [
      ['/1', 1],
      ['/2', 1],
    ],
  )
  t.same(
    exchange.answers.map(({ body }) => body.toString()),
    ['', '"abc"'],
  )
  t.same(upstream.requests[1]?.trailers, [['x-t', '1']])
  t.equal(upstream.connections()[0]?.rest.toString(), 'GET /half HTTP')
  const odd = await sendRaw(upstream.port, 'GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n')
  t.same([odd.status, odd.ending], [0, 'peer'])
  t.match(upstream.connections()[1]?.fault, /content-length/)
  t.equal(upstream.requests.length, 2)
})

test('startRawUpstream answers with any bytes, and can hang, close, reset, drip and break off', async (t) => {
  const upstream = await startRawUpstream(t)
  const get = (timeoutMs = 2_000) => request(upstream.port, { path: '/' }, { timeoutMs })
  upstream.answer(rawAnswer('nonsense\0\r\n\r\n'))
  const nonsense = await get(200)
  t.same(
    [nonsense.bytes.toString(), nonsense.status, nonsense.ending],
    ['nonsense\0\r\n\r\n', 0, 'timeout'],
  )
  t.equal(nonsense.rest.length, 13)
  upstream.answer('hang')
  t.match(await get(200), {
    ending: 'timeout',
    closed: false,
    status: 0,
    complete: false,
    firstByteMs: undefined,
  })
  upstream.answer('close')
  t.match(await get(), { ending: 'peer', closed: true })
  upstream.answer('reset')
  t.match(await get(), { ending: 'reset', closed: true })
  upstream.answer(cutAnswer(jsonAnswer('{"a":"12345678"}')))
  const cut = await get()
  t.match(cut, { status: 200, complete: false, ending: 'peer' })
  t.equal(cut.body.toString(), '{"a":"12')
  upstream.answer(cutAnswer(chunkedAnswer(['{"a":', '"12345678"}'])))
  const half = await get()
  t.match(half, { status: 200, complete: false })
  t.match(half.body.toString(), /^\{"a":"1/)
  upstream.answer(cutAnswer(jsonAnswer('{}'), { at: 20, after: 'hang' }))
  t.match(await get(200), { status: 0, ending: 'timeout' })
  upstream.answer(() => dripAnswer(jsonAnswer('[1,2]'), { chunkBytes: 20, everyMs: 2 }))
  t.equal((await get()).body.toString(), '[1,2]')
  upstream.answer(chunkedAnswer(['[1', ',2]', 'ü']))
  const chunked = await get()
  t.equal(chunked.body.toString(), '[1,2]ü')
  t.notOk(chunked.bytes.includes('[1,2]'), 'the raw bytes keep the framing')
  upstream.answer(statusAnswer(204))
  t.match(await get(), { status: 204, complete: true, ending: 'us', closed: false })
  await upstream.close()
  await upstream.close()
  t.match(await get(), { ending: 'refused', status: 0, closed: false })
})

test('startRawUpstream is HTTP to a real client', async (t) => {
  const upstream = await startRawUpstream(t)
  upstream.answer(jsonAnswer({ ok: true }, { status: 201, contentType: 'application/json' }))
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  httpRequest(`${upstream.url}/x`, { method: 'POST' }, resolve).on('error', reject).end('body')
  const response = await promise
  const body = await response.setEncoding('utf8').toArray()
  t.same([response.statusCode, body.join('')], [201, '{"ok":true}'])
  t.equal(upstream.requests[0]?.body.toString(), 'body')
})

test('sendRaw sends parts with pauses, and goes away when told to', async (t) => {
  const upstream = await startRawUpstream(t)
  upstream.answer(jsonAnswer('{}'))
  const parts = ['GET / HT', 5, 'TP/1.1\r\n', 5, Buffer.from('\r\n')]
  t.equal((await sendRaw(upstream.port, parts)).status, 200)
  upstream.answer('hang')
  const gone = await request(upstream.port, { path: '/' }, { abortAfterMs: 30 })
  t.same([gone.ending, gone.bytes.length], ['abort', 0])
  t.equal(upstream.requests.length, 2)
})

test('sendRaw reads interim answers, HEAD, bodies until the end, codings and pipelines', async (t) => {
  const upstream = await startRawUpstream(t)
  const script = (text: string | Buffer) => upstream.answer(rawAnswer(text))
  const get = (options = {}) => request(upstream.port, { path: '/' }, options)
  script(
    'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  )
  t.match(await get(), { status: 200, body: Buffer.from('ok') })
  script('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')
  t.match(await request(upstream.port, { method: 'HEAD', path: '/' }), {
    status: 200,
    complete: true,
  })
  upstream.answer({ bytes: rawAnswer('HTTP/1.0 200 OK\r\n\r\nto the end'), after: 'close' })
  const unframed = await get()
  t.same(
    [unframed.body.toString(), unframed.ending, unframed.complete],
    ['to the end', 'peer', true],
  )
  const zipped = gzipSync('{"a":1}')
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${zipped.length}\r\n\r\n`
  script(Buffer.concat([Buffer.from(head), zipped]))
  t.equal((await get()).body.toString(), '{"a":1}')
  upstream.answer(cutAnswer(Buffer.concat([Buffer.from(head), zipped]), { at: head.length + 18 }))
  t.match((await get()).body.toString(), /^\{/, 'half a gzip body is decoded as far as it goes')
  script(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc`)
  t.equal((await get()).body.toString(), 'abc', 'what is no gzip stays as it is')
  script('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n')
  t.match(await get({ timeoutMs: 200 }), { status: 0, ending: 'timeout' })
  upstream.answer(() => jsonAnswer('{}'))
  const one = requestBytes(upstream.port, { path: '/' })
  const pipelined = await sendRaw(upstream.port, [one, one, one], { answers: 3 })
  t.equal(pipelined.answers.length, 3)
  const extra = Buffer.concat([jsonAnswer('{}'), Buffer.from('extra')])
  upstream.answer({ bytes: extra, after: 'close' })
  t.equal((await get({ answers: 'until-close' })).rest.toString(), 'extra')
})

test('sendRaw calls onFirstByte once and waits for it', async (t) => {
  const upstream = await startRawUpstream(t)
  upstream.answer(() => dripAnswer(jsonAnswer('{}'), { chunkBytes: 10, everyMs: 1 }))
  let calls = 0
  await request(
    upstream.port,
    { path: '/' },
    {
      onFirstByte: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        calls += 1
      },
    },
  )
  t.equal(calls, 1)
  await t.rejects(
    request(upstream.port, { path: '/' }, { onFirstByte: () => Promise.reject(new Error('seen')) }),
    /seen/,
  )
})

test('a large answer and a large request pass whole, in little time', async (t) => {
  const upstream = await startRawUpstream(t)
  const body = 'x'.repeat(20_000_000)
  upstream.answer(() => chunkedAnswer(Array.from({ length: 200 }, () => 'y'.repeat(100_000))))
  const exchange = await request(upstream.port, { method: 'POST', path: '/', body })
  t.equal(exchange.body.length, 20_000_000)
  t.equal(upstream.requests[0]?.body.length, 20_000_000)
})

test('requestBytes writes a well-formed request', async (t) => {
  t.equal(
    requestBytes(80, {
      path: '/p',
      token: 'T',
      headers: [['Accept', '*/*']],
      body: 'é',
    }).toString(),
    'GET /p HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAuthorization: Bearer T\r\nAccept: */*\r\nContent-Length: 2\r\n\r\né',
  )
})

test('freePort gives ports that nobody listens on', async (t) => {
  const port = await freePort()
  t.match(await request(port, { path: '/' }), { ending: 'refused' })
})
