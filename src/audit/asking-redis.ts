/** Commands to Redis whose errors say what is wrong, and nothing else. */
import type { RedisConnection } from '../core/redis-connection.ts'
import { AuditUnavailableError } from './errors.ts'

/** The answer, or AuditUnavailableError; without the cause: ioredis' errors carry the arguments of the command. */
export async function askingRedis<T>(
  { problem }: Pick<RedisConnection, 'problem'>,
  answer: Promise<T>,
): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw new AuditUnavailableError(problem(error))
  }
}
