/** The address of the audit's Redis, checked. */
import { parseRedisAddress, REDIS_ADDRESS_FORM, type RedisAddress } from '../core/redis-address.ts'
import { AuditUnavailableError } from './errors.ts'

/** Throws AuditUnavailableError, without repeating the text, where it is no address of Redis. */
export function auditRedisAddress(url: string): RedisAddress {
  const address = parseRedisAddress(url)
  if (address !== undefined) return address
  throw new AuditUnavailableError(`The address of Redis is not of the form ${REDIS_ADDRESS_FORM}`)
}
