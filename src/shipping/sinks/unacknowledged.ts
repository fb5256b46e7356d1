/**
 * How many bytes of a TCP connection the other machine has not yet acknowledged. Node does not tell; Linux does, in
 * /proc/self/net/tcp (proc_pid_net(5)): `tx_queue`.
 */
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'

/**
 * The bytes that are on their way, or undefined where the system does not say: not Linux, or the connection is not among
 * those that it lists.
 */
export async function unacknowledgedBytes(socket: Socket): Promise<number | undefined> {
  const { localPort, remotePort, localFamily } = socket
  if (localPort === undefined || remotePort === undefined) return undefined
  const table = localFamily === 'IPv6' ? 'tcp6' : 'tcp'
  let text: string
  try {
    text = await readFile(`/proc/self/net/${table}`, 'latin1')
  } catch {
    return undefined
  }
  const queue = new RegExp(
    `: [0-9A-F]+:${hexPort(localPort)} [0-9A-F]+:${hexPort(remotePort)} [0-9A-F]{2} ([0-9A-F]+):`,
  ).exec(text)?.[1]
  return queue === undefined ? undefined : Number.parseInt(queue, 16)
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}
