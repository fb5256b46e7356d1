/** Starts and ends the plain HTTP servers of the demo. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  /** `http://127.0.0.1:8081`, without a slash at the end. */
  readonly origin: string
  /** Ends all connections and resolves once the port is free. */
  readonly close: () => Promise<void>
}

/** Connections at one time; more are refused. */
const CONNECTIONS_MAX = 256
const REQUEST_TIMEOUT_MS = 10_000

/**
 * Listens on `host` and `port` (0 takes a free one); requests go to what `makeListener` makes of
 * the origin. Rejects where the port is taken.
 */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  makeListener: (origin: string) => RequestListener,
): Promise<Listening> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS })
  server.maxConnections = CONNECTIONS_MAX
  server.listen({ host, port, exclusive: true })
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  const { address, family, port: bound } = server.address() as AddressInfo
  const origin = `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`
  server.on('request', makeListener(origin))
  return { origin, close }
}
