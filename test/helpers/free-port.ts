/** A port that nobody listens on at the moment. For programs that take a port and cannot be asked for "any". */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'

/** The only address that tests listen on and connect to. */
export const LOOPBACK = '127.0.0.1'

/** A free TCP port on loopback. Somebody else may take it before it is used: prefer to listen on port 0. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listenOnLoopback(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Listens on loopback, on `port` or on any, and gives the port. Rejects where the port is taken. */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
