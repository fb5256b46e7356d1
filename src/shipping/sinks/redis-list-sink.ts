/** A Redis list, for programs that take from one: Logstash, Vector. Appended at its end, and never beyond a length. */
import { connectRedis, type RedisConnection } from '../../core/redis-connection.ts'
import type { RedisAddress } from '../../core/redis-address.ts'
import { DeliveryError } from '../delivery-error.ts'
import { recordEncoder, type RecordFormat } from '../encoder.ts'
import type { Sink } from '../sink.ts'

export interface RedisListSinkOptions extends RecordFormat {
  readonly address: RedisAddress
  readonly key: string
  /** Longer than this the list does not get: who takes from it has stopped, and Redis would fill up. */
  readonly entriesMax: number
  readonly timeoutMs: number
}

export function createRedisListSink(options: RedisListSinkOptions): Sink {
  let connecting: Promise<RedisConnection> | undefined
  return {
    encode: recordEncoder(options),
    deliver: async (payloads, stopped) => {
      connecting ??= connectRedis({ address: options.address, timeoutMs: options.timeoutMs })
      const connection = await unlessStopped(connecting, stopped)
      try {
        const length = await unlessStopped(connection.redis.llen(options.key), stopped)
        if (length + payloads.length > options.entriesMax) {
          throw new DeliveryError({
            kind: 'passing',
            problem: 'The list is full: nobody takes from it',
          })
        }
        const texts = payloads.map(({ text }) => text)
        await unlessStopped(connection.redis.rpush(options.key, ...texts), stopped)
      } catch (error) {
        if (error instanceof DeliveryError) throw error
        throw new DeliveryError({ kind: 'passing', problem: connection.problem(error) })
      }
    },
    close: async () => (await connecting)?.close(),
  }
}

/** What is waited for, or a rejection once the delivery is ended; a command may have been done all the same. */
async function unlessStopped<T>(waited: Promise<T>, stopped: AbortSignal): Promise<T> {
  const ended = Promise.withResolvers<never>()
  const end = (): void => {
    ended.reject(new DeliveryError({ kind: 'passing', problem: 'The delivery was ended' }))
  }
  stopped.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([waited, ended.promise])
  } finally {
    stopped.removeEventListener('abort', end)
    // Where the delivery is ended nobody waits for it any more.
    waited.catch(() => undefined)
  }
}
