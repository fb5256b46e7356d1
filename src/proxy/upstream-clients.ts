/**
 * One client for each upstream: what forwards requests, and what reads records before a write, share its connections, its
 * limits and its waits.
 */
import { Agent } from 'undici'
import type { Upstream } from '../rules/compiled-policy.ts'

/** Connections to one upstream. */
const CONNECTIONS_MAX = 128
/** Header section of an answer. */
const HEADER_BYTES_MAX = 65_536
const KEEP_ALIVE_MS = 10_000

export interface UpstreamClients {
  readonly of: (upstream: Upstream) => Agent
}

/** Clients that connect when they are first used. Whoever forwards to an upstream destroys its client in the end. */
export function createUpstreamClients(upstreams: Iterable<Upstream>): UpstreamClients {
  const clients = new Map<string, Agent>()
  for (const upstream of upstreams) clients.set(upstream.name, createClient(upstream))
  return {
    of: (upstream) => {
      const client = clients.get(upstream.name)
      if (client === undefined) throw new RangeError('an upstream of another policy')
      return client
    },
  }
}

function createClient({ connectTimeoutMs, answerTimeoutMs }: Upstream): Agent {
  return new Agent({
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
    maxHeaderSize: HEADER_BYTES_MAX,
    connect: { timeout: connectTimeoutMs },
  })
}
