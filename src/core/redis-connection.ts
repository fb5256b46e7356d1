/**
 * One connection to Redis with every option that matters said aloud: nothing is queued while it is away, nothing is sent
 * twice, every wait is bounded. It reconnects by itself, for ever, with a bounded pause.
 */
import { isIP } from 'node:net'
import { Redis, ReplyError } from 'ioredis'
import type { RedisAddress } from './redis-address.ts'

export interface RedisConnectionOptions {
  readonly address: RedisAddress
  /** How long a command may take, and the connection too. */
  readonly timeoutMs: number
  /** Commands on this connection wait in Redis for so long (XREAD BLOCK). Undefined: none does. */
  readonly blockMs?: number | undefined
}

export interface RedisConnection {
  readonly redis: Redis
  /** One sentence for operators about an error of a command, without secrets, keys and values. */
  readonly problem: (error: unknown) => string
  /** Ends it at once; what is under way is rejected. Twice is once. */
  readonly close: () => void
}

const RECONNECT_FIRST_MS = 50
const RECONNECT_MAX_MS = 1_000
const KEEP_ALIVE_MS = 10_000
const DISCONNECT_MS = 500

/**
 * Connects. Resolves once the first attempt is decided, or `timeoutMs` have passed, so that the first command of a store that is up
 * does not fail; a connection that could not be made goes on trying, and its commands are rejected meanwhile.
 */
export async function connectRedis(options: RedisConnectionOptions): Promise<RedisConnection> {
  const redis = new Redis(clientOptions(options))
  let trouble: string | undefined
  redis.on('ready', () => (trouble = undefined))
  redis.on('error', (error: unknown) => {
    trouble = isReply(error) ? replyProblem(error) : networkProblem(error)
    // A database that cannot be selected is no reason for the library to stop: it goes on with database 0.
    if (isReply(error) && error.command?.name === 'select') redis.disconnect(true)
  })
  const decided = new Promise<void>((resolve) => {
    redis.once('ready', resolve)
    redis.once('close', resolve)
    // Neither comes while Redis loads its data.
    setTimeout(resolve, options.timeoutMs).unref()
  })
  redis.connect().catch((error: unknown) => {
    trouble ??= networkProblem(error)
  })
  await decided
  return {
    redis,
    problem: (error) => (isReply(error) ? replyProblem(error) : (trouble ?? networkProblem(error))),
    close: () => redis.disconnect(),
  }
}

function clientOptions({ address, timeoutMs, blockMs }: RedisConnectionOptions) {
  return {
    host: address.host,
    port: address.port,
    db: address.database,
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.tls && { tls: tlsOptions(address.host) }),
    family: 0,
    lazyConnect: true,
    protocol: 2 as const,
    disableClientInfo: true,
    connectTimeout: timeoutMs,
    ...(blockMs === undefined && { commandTimeout: timeoutMs }),
    // A server that stands still is left: else each command would wait in vain, and all of them stay in memory.
    socketTimeout: timeoutMs + (blockMs ?? 0),
    disconnectTimeout: DISCONNECT_MS,
    keepAlive: KEEP_ALIVE_MS,
    noDelay: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableAutoPipelining: false,
    enableReadyCheck: true,
    maxLoadingRetryTime: timeoutMs,
    reconnectOnError: null,
    retryStrategy: (times: number) =>
      Math.min(RECONNECT_FIRST_MS * 2 ** (times - 1), RECONNECT_MAX_MS),
  }
}

function tlsOptions(host: string) {
  // RFC 6066 section 3: an IP address is no server name.
  const name = isIP(host) === 0 ? { servername: host } : {}
  return { ...name, rejectUnauthorized: true, minVersion: 'TLSv1.2' as const }
}

/** The part of ioredis' errors that is used. `command` holds arguments, the password too: never pass these errors on. */
interface Reply extends Error {
  readonly command?: { readonly name: string }
}

function isReply(error: unknown): error is Reply {
  return error instanceof (ReplyError as new () => Reply)
}

/** The code of an error reply, its first word by the protocol: `NOAUTH`, `OOM`. Undefined where it is no reply. */
export function replyCode(error: unknown): string | undefined {
  return isReply(error) ? (/^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR') : undefined
}

const REPLY_PROBLEMS: Readonly<Record<string, string>> = {
  BUSY: 'Redis is busy with a script',
  CLUSTERDOWN: 'The Redis cluster is down',
  LOADING: 'Redis is still loading its data',
  MASTERDOWN: 'Redis is a replica without its primary',
  MISCONF: 'Redis cannot write to its disk (MISCONF)',
  MOVED: 'Redis is a cluster; a single primary is needed',
  NOAUTH: 'Redis asks for a password (NOAUTH)',
  NOPERM: 'The Redis user may not do this (ACL)',
  NOREPLICAS: 'Redis has fewer replicas than it asks for',
  OOM: 'Redis is full (maxmemory)',
  READONLY: 'Redis is a read-only replica',
  WRONGPASS: 'Redis refuses the user name or the password',
  WRONGTYPE: 'A key in Redis holds another type',
}

/** Replies that have no code of their own: after the greatest id there is no other, and what a script may not call. */
const PROBLEMS_WITHOUT_CODE: readonly (readonly [RegExp, string])[] = [
  [/exhausted the last possible ID/, 'A stream in Redis was ended by an entry with the maximum id'],
  [
    /user executing the script can.t run|ACL failure in script/,
    'The Redis user may not do this (ACL)',
  ],
]

function replyProblem(error: Reply): string {
  const known = PROBLEMS_WITHOUT_CODE.find(([pattern]) => pattern.test(error.message))
  if (known !== undefined) return known[1]
  const code = replyCode(error) ?? 'ERR'
  return REPLY_PROBLEMS[code] ?? `Redis refuses the command (${code})`
}

function networkProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)
    ? `Redis cannot be reached (${code})`
    : 'Redis does not answer'
}
