/** `celosia audit groups`: who reads the streams in Redis, and how far each is behind. */
import { readConsumerGroups } from '../audit/redis-groups.ts'
import type { ConsumerGroup } from '../audit/redis-groups.ts'
import { connectAuditRedis } from '../audit/redis-audit-address.ts'
import { choiceOption, UsageError, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { STORE_OPTIONS, storePlace } from './stores.ts'
import { jsonText, tableLines } from './table.ts'

export const auditGroups: Command = {
  name: 'audit groups',
  summary: 'Tell who reads the streams in Redis, and how far each is behind.',
  operands: '',
  options: {
    ...STORE_OPTIONS,
    format: { type: 'string', value: 'table|json', help: 'how to print', default: 'table' },
  },
  run: async (values, _operands, io) => {
    const format = choiceOption(values, 'format', ['table', 'json'])
    const place = storePlace(values, io)
    if (place.kind !== 'redis')
      throw new UsageError('consumer groups are in Redis; name it by --redis or REDIS_URL')
    const connection = await connectAuditRedis(place.url)
    try {
      const groups = await readConsumerGroups(connection)
      const lines = format === 'json' ? groups.map((group) => jsonText(group)) : words(groups)
      for (const line of lines) await writeLine(io.stdout, line)
    } finally {
      connection.close()
    }
    return 0
  },
}

function words(groups: readonly ConsumerGroup[]): readonly string[] {
  if (groups.length === 0) return ['no consumer groups']
  const header = ['stream', 'group', 'consumers', 'not acknowledged', 'behind', 'oldest of these']
  const rows = groups.map(({ stream, name, consumers, pending, lag, oldestPending }) => [
    stream,
    name,
    consumers,
    pending,
    lag ?? 'unknown',
    oldestPending,
  ])
  return tableLines(header, rows)
}
