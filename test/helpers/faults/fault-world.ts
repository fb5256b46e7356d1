/**
 * A whole gateway in this process, on real sockets, with faults where a plan puts them: a helpdesk, a caller, an issuer, and a
 * real store. It keeps what the oracle needs: what was acknowledged when, what the upstream saw, what the caller got.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditWriter } from '../../../src/audit/audit-store.ts'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import type { LookupCounter } from '../../../src/detection/lookup-counter.ts'
import type { SpentProofs } from '../../../src/identity/dpop/spent-proofs.ts'
import type { LoginClient } from '../../../src/identity/sessions/login-client.ts'
import type { SessionStore } from '../../../src/identity/sessions/session-store.ts'
import { createApp } from '../../../src/proxy/app.ts'
import { listen } from '../../../src/proxy/listener.ts'
import type { AppServices } from '../../../src/proxy/app.ts'
import type { CompiledPolicy } from '../../../src/rules/compiled-policy.ts'
import type { Sealer } from '../../../src/rules/sealer.ts'
import { LOOPBACK } from '../free-port.ts'
import { pipelineServices } from '../pipeline.ts'
import type { TestScope } from '../process.ts'
import { faultyServices } from './faulty.ts'
import type { FaultPlan } from './fault-plan.ts'

/** A request that the upstream saw. */
export interface SeenUpstream {
  readonly method: string
  readonly requestId: string
  readonly atMs: number
}

/** What the caller got. Times are monotonic. */
export interface CallerView {
  readonly bytes: Buffer
  readonly firstByteMs: number | undefined
  readonly tookMs: number
  /** True where this side cut the connection. */
  readonly wasCut: boolean
}

export interface Acknowledged {
  readonly record: AuditRecord
  readonly atMs: number
}

export interface FaultWorld {
  readonly services: AppServices
  readonly upstream: { readonly seen: SeenUpstream[]; readonly port: number }
  /** Records in the order in which they were acknowledged to the gateway. */
  readonly acknowledged: Acknowledged[]
  /** Sends one request and reads until its end. */
  readonly send: (bytes: string) => Promise<CallerView>
}

/** Bodies by path, each in the parts that the upstream sends it in. */
export type UpstreamBodies = (path: string) => readonly string[]

/** An upstream that answers 200 with JSON, part by part; each part is a place where a fault can be. */
export async function faultyUpstream(
  t: TestScope,
  plan: FaultPlan,
  bodies: UpstreamBodies,
): Promise<FaultWorld['upstream']> {
  const seen: SeenUpstream[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    seen.push({
      method: request.method ?? '',
      requestId: String(request.headers['x-request-id']),
      atMs: performance.now(),
    })
    void answer(request, response, plan, bodies)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  plan.cut.upstream = () => {
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve))
  t.teardown(() => close(server))
  return { seen, port: (server.address() as AddressInfo).port }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  plan: FaultPlan,
  bodies: UpstreamBodies,
): Promise<void> {
  request.resume()
  response.on('error', () => undefined)
  try {
    await plan.at('upstream.head', async () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.flushHeaders()
    })
    for (const part of bodies(request.url ?? '')) {
      await plan.at('upstream.body', async () => void response.write(part))
    }
    await plan.at('upstream.end', async () => void response.end())
  } catch {
    response.destroy()
  }
}

export interface FaultWorldOptions {
  readonly plan: FaultPlan
  readonly policy: CompiledPolicy
  readonly audit: AuditWriter
  readonly counter: LookupCounter
  readonly proofs: SpentProofs
  readonly sessions: SessionStore
  readonly sealer: Sealer
  readonly login: LoginClient
  readonly upstream: FaultWorld['upstream']
}

export async function startFaultWorld(
  t: TestScope,
  options: FaultWorldOptions,
): Promise<FaultWorld> {
  const { plan, policy, audit, upstream, ...own } = options
  const acknowledged: Acknowledged[] = []
  const watched: AuditWriter = {
    append: async (records) => {
      await audit.append(records)
      const atMs = performance.now()
      acknowledged.push(...records.map((record) => ({ record, atMs })))
    },
    health: () => audit.health(),
    problem: () => audit.problem(),
    close: () => audit.close(),
  }
  const services = faultyServices({ ...pipelineServices(policy, watched), ...own }, plan)
  await services.revocations.start()
  t.teardown(() => services.revocations.stop())
  const app = await createApp(services)
  const listener = await listen({
    host: LOOPBACK,
    port: 0,
    handle: app.handle,
    tls: undefined,
    onHandshakeFailed: () => undefined,
    onUnreadable: () => undefined,
  })
  t.teardown(() => listener.close(0))
  return {
    services,
    upstream,
    acknowledged,
    send: (bytes) => send(Number(new URL(listener.url).port), bytes, plan),
  }
}

const CALLER_TIMEOUT_MS = 12_000

function send(port: number, bytes: string, plan: FaultPlan): Promise<CallerView> {
  const socket = connect(port, LOOPBACK)
  const got: Buffer[] = []
  const startMs = performance.now()
  let firstByteMs: number | undefined
  let wasCut = false
  plan.cut.caller = () => {
    wasCut = true
    socket.destroy()
  }
  socket.setTimeout(CALLER_TIMEOUT_MS, () => socket.destroy())
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    firstByteMs ??= performance.now()
    got.push(chunk)
  })
  socket.on('connect', () => socket.write(bytes))
  return new Promise((resolve) => {
    socket.on('close', () =>
      resolve({
        bytes: Buffer.concat(got),
        firstByteMs,
        tookMs: performance.now() - startMs,
        wasCut,
      }),
    )
  })
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** Waits until it is so, or gives up. */
export async function settled(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) return false
    await sleep(10)
  }
  return true
}
