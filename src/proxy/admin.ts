/** The listener for operators: is it alive, is it ready, what has it counted. No data, exact routes, another address. */
import fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import { ListenError } from './listener.ts'

export interface Readiness {
  readonly ready: boolean
  /** What is not as it should be, one sentence each. */
  readonly problems: readonly string[]
  /** What could not be found out; no reason not to be ready. */
  readonly notes?: readonly string[]
  /** SHA-256 of the policy in force. */
  readonly policy?: string
  /** SHA-256 of the shipping file at work. */
  readonly shipping?: string
}

export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly readiness: () => Promise<Readiness>
  readonly metrics: () => Promise<string>
  readonly metricsContentType: string
}

export interface Admin {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Throws {@link ListenError}. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { host, port, readiness, metrics, metricsContentType } = options
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: 1,
    requestTimeout: 10_000,
    forceCloseConnections: true,
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  })
  app.get('/livez', async () => ({ live: true }))
  app.get('/readyz', async (_request, reply) => {
    const state = await readiness()
    return reply.code(state.ready ? 200 : 503).send(state)
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type(metricsContentType).send(await metrics()),
  )
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ status: 404 }))
  app.setErrorHandler(async (_error, _request, reply) => reply.code(500).send({ status: 500 }))
  try {
    await app.listen({ host, port })
  } catch (cause) {
    throw new ListenError(`cannot listen on ${host}:${port}`, { cause })
  }
  const { port: bound } = app.server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () => app.close(),
  }
}
