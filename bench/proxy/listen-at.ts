/** Listens as the gateway does, without TLS, and counts nothing. */
import type { App } from '../../src/proxy/app.ts'
import { listen } from '../../src/proxy/listener.ts'
import type { Listener } from '../../src/proxy/listener.ts'
import { LOOPBACK } from '../../test/helpers/free-port.ts'

const UNCOUNTED = { onHandshakeFailed: () => undefined, onUnreadable: () => undefined }

export function listenAt(port: number, { handle }: App): Promise<Listener> {
  return listen({ host: LOOPBACK, port, handle, tls: undefined, ...UNCOUNTED })
}
