/** The address of the audit's Redis, checked, and a connection to it. */
import { parseRedisAddress, REDIS_ADDRESS_FORM, type RedisAddress } from '../core/redis-address.ts'
import { connectRedis, type RedisConnection } from '../core/redis-connection.ts'
import { AuditUnavailableError } from './errors.ts'

/** Throws AuditUnavailableError, without repeating the text, where it is no address of Redis. */
export function auditRedisAddress(url: string): RedisAddress {
  const address = parseRedisAddress(url)
  if (address !== undefined) return address
  throw new AuditUnavailableError(`The address of Redis is not of the form ${REDIS_ADDRESS_FORM}`)
}

const TIMEOUT_MS = 2_000

/** A connection for what is done beside the way of requests. Throws AuditUnavailableError where the address is none. */
export async function connectAuditRedis(url: string): Promise<RedisConnection> {
  return connectRedis({ address: auditRedisAddress(url), timeoutMs: TIMEOUT_MS })
}
