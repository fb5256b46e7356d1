/** Options of every command that runs until it is asked to end: the listener for operators, and the log. */
import type { CommandOption } from './command.ts'

/** With this port, unless told otherwise. */
export function serviceOptions(adminPort: number): Readonly<Record<string, CommandOption>> {
  return {
    'admin-host': {
      type: 'string',
      value: 'ADDRESS',
      help: 'address for operators',
      default: '127.0.0.1',
    },
    'admin-port': {
      type: 'string',
      value: 'PORT',
      help: 'port for /livez, /readyz and /metrics',
      default: String(adminPort),
    },
    'log-level': {
      type: 'string',
      value: 'LEVEL',
      help: 'debug, info, warn, error or silent',
      default: 'info',
    },
  }
}
