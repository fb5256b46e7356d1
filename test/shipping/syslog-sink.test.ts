/** What is special to the sink of syslog: how it knows that a receiver has everything. */
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test, type Test } from 'tap'
import type { Payload, Sink } from '../../src/shipping/sink.ts'
import { createSyslogSink, type SyslogSinkOptions } from '../../src/shipping/sinks/syslog-sink.ts'
import { unacknowledgedBytes } from '../../src/shipping/sinks/unacknowledged.ts'
import { listenOnLoopback } from '../helpers/free-port.ts'
import { requirePeer } from '../helpers/peers.ts'
import { makeCertificates } from '../helpers/siem/certificates.ts'
import { startSyslogReceiver } from '../helpers/siem/syslog-receiver.ts'

const never = new AbortController().signal
const FORMAT = { facility: 13, hostname: 'h', enterpriseNumber: 1, bytesMax: 8_192, body: () => '' }
/** More than the buffers of a loopback connection hold. */
const LARGE_BYTES = 12_000_000

test('a receiver that ends the connection before ours has ended has not read everything', async (t) => {
  for (const after of ['at once', 'after some bytes'] as const) {
    const port = await serve(t, (socket) => {
      if (after === 'at once') socket.end()
      else socket.once('data', () => socket.end())
    })
    await t.rejects(
      sinkTo(port).deliver([large()], never),
      { kind: 'passing', message: /./ },
      after,
    )
  }
})

test('a receiver that dies with bytes unread has not read everything', async (t) => {
  const port = await serve(t, (socket) => {
    socket.pause()
    setTimeout(() => socket.destroy(), 100)
  })
  for (const confirm of ['closed', 'received'] as const) {
    await t.rejects(
      sinkTo(port, { confirm }).deliver([large()], never),
      { kind: 'passing', message: /./ },
      confirm,
    )
  }
})

test('a slow receiver is waited for', async (t) => {
  let bytes = 0
  const port = await serve(t, (socket) => {
    socket.on('data', (chunk) => {
      bytes += chunk.length
      socket.pause()
      setTimeout(() => socket.resume(), 2)
    })
    socket.on('end', () => setTimeout(() => socket.end(), 200))
  })
  await sinkTo(port).deliver([large()], never)
  t.equal(bytes, LARGE_BYTES + String(LARGE_BYTES).length + 1)
})

test('`confirm: received` is for receivers that never end a connection', async (t) => {
  const receiver = await startSyslogReceiver(t)
  receiver.manners = 'open'
  const some = [small(1), small(2)]
  await t.rejects(sinkTo(receiver.port, { timeoutMs: 300 }).deliver(some, never), {
    kind: 'passing',
    message: /in time/,
  })
  await sinkTo(receiver.port, { confirm: 'received' }).deliver(some, never)
  await sinkTo(receiver.port, { confirm: 'received' }).deliver([small(3)], never)
  while (receiver.messages.length < 5) await pause(5)
  t.same(receiver.messages, ['message 1', 'message 2', 'message 1', 'message 2', 'message 3'])
})

test('who shows a certificate of another, or none, is not trusted, and nothing is sent', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const { file } = await makeCertificates(t)
  const [ca, cert, key, otherCert, otherKey, stranger, strangerKey] = await Promise.all(
    [
      'ca.pem',
      'server.pem',
      'server.key',
      'other.pem',
      'other.key',
      'stranger.pem',
      'stranger.key',
    ].map(file),
  )
  const trusted = await startSyslogReceiver(t, { cert, key })
  await sinkTo(trusted.port, { tls: { ca } }).deliver([small(1)], never)
  t.same(trusted.messages, ['message 1'])
  const rows: readonly (readonly [string, SyslogSinkOptions['tls'], object])[] = [
    ['signed by itself', { ca }, { cert: otherCert, key: otherKey }],
    ['of another name', { ca }, { cert: stranger, key: strangerKey }],
    ['of an authority that is not trusted', {}, { cert, key }],
  ]
  for (const [name, tls, server] of rows) {
    const receiver = await startSyslogReceiver(t, server)
    await t.rejects(
      sinkTo(receiver.port, { tls }).deliver([small(1)], never),
      { kind: 'misconfigured', message: /./ },
      name,
    )
    t.same(receiver.messages, [], name)
  }
  const old = await startSyslogReceiver(t, {
    cert,
    key,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
  })
  await t.rejects(sinkTo(old.port, { tls: { ca } }).deliver([small(1)], never), {
    code: 'ERR_DELIVERY',
  })
})

test(
  'the system tells how many bytes the other side has not acknowledged',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const port = await serve(t, (socket) => socket.pause())
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    t.equal(await unacknowledgedBytes(socket), 0)
    socket.write(Buffer.alloc(LARGE_BYTES))
    while ((await unacknowledgedBytes(socket)) === 0) await pause(5)
    t.ok(((await unacknowledgedBytes(socket)) ?? 0) > 0)
    socket.destroy()
    await once(socket, 'close')
    t.equal(
      await unacknowledgedBytes(socket),
      undefined,
      'of a connection that is gone it tells nothing',
    )
  },
)

async function serve(t: Test, accept: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    accept(socket)
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return listenOnLoopback(server)
}

function sinkTo(port: number, options: Partial<SyslogSinkOptions> = {}): Sink {
  return createSyslogSink({
    host: '127.0.0.1',
    port,
    tls: undefined,
    confirm: 'closed',
    timeoutMs: 60_000,
    format: FORMAT,
    ...options,
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function small(number: number): Payload {
  return { id: String(number), text: `message ${number}` }
}

function large(): Payload {
  return { id: 'large', text: 'x'.repeat(LARGE_BYTES) }
}
