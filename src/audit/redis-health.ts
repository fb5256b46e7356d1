/** Whether a Redis can keep the audit, and how well: role, eviction, persistence, and the types of the keys. */
import type { RedisConnection } from '../core/redis-connection.ts'
import type { AuditHealth } from './audit-store.ts'

/** What was found out. Undefined: Redis would not say. */
interface Findings {
  readonly role: string | undefined
  readonly loading: boolean
  readonly lastWriteFailed: boolean
  readonly eviction: string | undefined
  readonly appendOnly: boolean | undefined
  readonly appendFsync: string | undefined
  readonly keyTypes: readonly unknown[]
}

/** What is asked of it. */
export interface HealthDemands {
  readonly streams: readonly string[]
  /** How many replicas must be connected. */
  readonly replicas: number
}

/** How many settings are asked for. */
const SETTINGS = 3

/** Asks Redis. Never rejects: what stands in the way is the `problem`. */
export async function redisHealth(
  connection: RedisConnection,
  { streams, replicas }: HealthDemands,
): Promise<AuditHealth> {
  const { redis } = connection
  const pipeline = redis
    .pipeline()
    .ping()
    .info()
    .config('GET', 'maxmemory-policy')
    .config('GET', 'appendonly')
    .config('GET', 'appendfsync')
  for (const stream of streams) pipeline.type(stream)
  const results = await pipeline.exec().catch((error: unknown) => [[error, undefined]] as const)
  const [ping, info, ...rest] = results ?? []
  const failure = ping?.[0]
  if (failure !== null) return bad(connection.problem(failure))
  const lines = infoLines(info?.[1])
  const setting = (index: number): string | undefined => configValue(rest[index]?.[1])
  const connected = Number(lines.get('connected_slaves') ?? 'NaN')
  if (replicas > 0 && !(connected >= replicas)) {
    return bad(`Redis has ${connected} replicas; the policy asks for ${replicas}`)
  }
  return judge({
    role: lines.get('role'),
    loading: lines.get('loading') === '1',
    lastWriteFailed: lines.get('aof_last_write_status') === 'err',
    eviction: setting(0) ?? lines.get('maxmemory_policy'),
    appendOnly: onOff(setting(1) ?? lines.get('aof_enabled')),
    appendFsync: setting(2),
    keyTypes: rest.slice(SETTINGS).map((reply) => reply[1]),
  })
}

function judge(found: Findings): AuditHealth {
  if (found.role === 'slave') return bad('Redis is a read-only replica')
  if (found.loading) return bad('Redis is still loading its data')
  if (found.lastWriteFailed) return bad('Redis could not write its append-only file')
  // What a user may not ask for is undefined; then the first append will tell.
  if (found.keyTypes.some((type) => type !== undefined && type !== 'none' && type !== 'stream')) {
    return bad('A key of the audit holds another type than a stream')
  }
  // An evicted stream is gone whole, so that a guess is not enough.
  if (found.eviction === undefined)
    return unfit('Redis tells neither INFO nor CONFIG, so nobody knows if it evicts')
  if (found.eviction !== 'noeviction')
    return unfit('Redis may evict the audit: maxmemory-policy is not noeviction')
  const weakness = weaknessOf(found)
  return { ok: true, problem: weakness, durability: weakness === undefined ? 'strict' : 'relaxed' }
}

function weaknessOf({ appendOnly, appendFsync }: Findings): string | undefined {
  if (appendOnly === undefined)
    return 'Redis does not tell whether appendonly is on, so it counts as off'
  if (!appendOnly) return 'Redis has no append-only file (appendonly no)'
  if (appendFsync === undefined) {
    return 'Redis denies CONFIG, and INFO does not tell appendfsync, so it counts as weaker than always'
  }
  return appendFsync === 'always' ? undefined : `Redis has appendfsync ${appendFsync}, not always`
}

function unfit(problem: string): AuditHealth {
  return { ...bad(problem), unfit: true }
}

function bad(problem: string): AuditHealth {
  return { ok: false, problem, durability: 'relaxed' }
}

function infoLines(text: unknown): ReadonlyMap<string, string> {
  if (typeof text !== 'string') return new Map()
  return new Map(
    text.split('\r\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1)] as const
    }),
  )
}

/** CONFIG says yes, INFO says 1. */
function onOff(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 'yes' || value === '1'
}

/** The value of a CONFIG GET reply, name and value in turn. */
function configValue(reply: unknown): string | undefined {
  const value: unknown = Array.isArray(reply) ? reply[1] : undefined
  return typeof value === 'string' ? value : undefined
}
