/**
 * Reads the audit as it lies in the store, without the product's own readers: lines of the journal's files, entries of
 * the Redis streams. Each call reads on from where the last one ended.
 */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { AuditEvent } from './gateway-under-test.ts'
import type { TestScope } from './process.ts'

/** All events so far, oldest first. */
export type EventSource = () => Promise<readonly AuditEvent[]>

/** The streams' keys in Redis. */
const STREAM_KEYS = ['celosia:audit', 'celosia:findings', 'celosia:chain']

/** Events of a journal. A folder that is not there yet holds none. */
export function journalEvents(directory: string): EventSource {
  const events: AuditEvent[] = []
  const readBytes = new Map<string, number>()
  const readOn = async (): Promise<readonly AuditEvent[]> => {
    for (const name of await segmentNames(directory)) {
      const from = readBytes.get(name) ?? 0
      const text = await readFrom(join(directory, name), from)
      const end = text.lastIndexOf('\n') + 1
      readBytes.set(name, from + Buffer.byteLength(text.slice(0, end)))
      const lines = text.slice(0, end).split('\n').slice(0, -1)
      events.push(...lines.map((line) => (JSON.parse(line) as { event: AuditEvent }).event))
    }
    return [...events]
  }
  return inTurn(readOn)
}

/** Events of the Redis streams, by `XRANGE`. While Redis is away: those read so far. */
export async function redisEvents(t: TestScope, url: string): Promise<EventSource> {
  const client = new Redis(url, {
    maxRetriesPerRequest: 0,
    commandTimeout: 1_000,
    lazyConnect: true,
  })
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  const events: AuditEvent[] = []
  const after = new Map<string, string>()
  return inTurn(async () => {
    for (const key of STREAM_KEYS) {
      const entries = await client.xrange(key, after.get(key) ?? '-', '+').catch(() => [])
      for (const [id, fields] of entries) {
        after.set(key, `(${id}`)
        events.push(JSON.parse(fields[fields.indexOf('event') + 1] ?? '') as AuditEvent)
      }
    }
    return [...events]
  })
}

// Two calls at a time would both read on from the same place.
function inTurn(read: EventSource): EventSource {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const next = last.then(read)
    last = next.catch(() => undefined)
    return next
  }
}

async function segmentNames(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => [])
  const sequence = (name: string) => Number(/-(\d+)\.jsonl$/.exec(name)?.[1])
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted((a, b) => sequence(a) - sequence(b))
}

async function readFrom(path: string, offset: number): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.max(0, size - offset))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset)
    return bytes.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
