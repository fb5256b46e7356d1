/** A real redis-server for a test: on loopback, with its files in a folder of its own, ended by its id. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort, LOOPBACK } from './free-port.ts'
import { startProcess, type RunningProcess, type TestScope } from './process.ts'

/** How it differs from a Redis that is fit for the audit. */
export interface RedisServerOptions {
  /** Settings of redis.conf, over those that make it durable. */
  readonly settings?: Readonly<Record<string, string>>
  /** Lines of an ACL: the part after `user`. */
  readonly users?: readonly string[]
}

/** A redis-server that runs. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** A client for what the test itself does to it. It belongs to the present process: make another after `startAgain`. */
  readonly admin: () => Redis
  readonly process: () => RunningProcess
  /** Starts it again on the same port and files, after it was killed. */
  readonly startAgain: () => Promise<void>
}

const DURABLE: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'always',
  'maxmemory-policy': 'noeviction',
  save: '',
}
const START_ATTEMPTS = 3

/** Starts a redis-server, and waits until it answers. */
export async function startRedis(
  t: TestScope,
  options: RedisServerOptions = {},
): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-redis-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  let { port, running } = await startOnFreePort(t, directory, options)
  return {
    port,
    url: `redis://${LOOPBACK}:${port}`,
    admin: () => adminClient(t, port),
    process: () => running,
    startAgain: async () => {
      await running.exit
      running = await start(t, { directory, port, options })
    },
  }
}

async function startOnFreePort(t: TestScope, directory: string, options: RedisServerOptions) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    try {
      return { port, running: await start(t, { directory, port, options }) }
    } catch (error) {
      // Another test may have taken the port in between.
      if (attempt === START_ATTEMPTS) throw error
    }
  }
}

interface Start {
  readonly directory: string
  readonly port: number
  readonly options: RedisServerOptions
}

function start(t: TestScope, { directory, port, options }: Start): Promise<RunningProcess> {
  const settings = {
    ...DURABLE,
    ...options.settings,
    bind: LOOPBACK,
    port: String(port),
    dir: directory,
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const users = (options.users ?? []).flatMap((user) => ['--user', ...user.split(' ')])
  return startProcess(t, 'redis-server', [...args, ...users], {
    ready: /Ready to accept connections/,
  })
}

function adminClient(t: TestScope, port: number): Redis {
  const client = new Redis({
    host: LOOPBACK,
    port,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  return client
}
