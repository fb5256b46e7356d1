/** `celosia audit replay`: puts what a spool, a journal or an export holds into the streams of Redis. */
import { noteByWarning } from '../audit/audit-notes.ts'
import { placedRecord, spoolRecords, spoolSegments } from '../audit/spool/spool-records.ts'
import { inChainOrder } from '../audit/chain-order.ts'
import type { PlacedRecord } from '../audit/chain/envelope.ts'
import { readExport } from '../audit/read-export.ts'
import { openRedisRecordStore } from '../audit/redis-record-store.ts'
import { replayRecords, type ReplayCount } from '../audit/replay-records.ts'
import { Spool } from '../audit/spool/spool.ts'
import type { SegmentName } from '../audit/segment-name.ts'
import { systemClock } from '../core/clock.ts'
import { choiceOption, requiredOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command, OptionValues } from './command.ts'

export const auditReplay: Command = {
  name: 'audit replay',
  summary: 'Put the records of a spool, a journal or an export into Redis, each once.',
  operands: '',
  options: {
    redis: { type: 'string', value: 'URL', help: 'where to; else REDIS_URL' },
    spool: { type: 'string', value: 'DIR', help: 'a spool whose gateway is gone; emptied' },
    journal: { type: 'string', value: 'DIR', help: 'a journal; left as it is' },
    file: { type: 'string', value: 'FILE', help: 'an export; left as it is' },
    format: {
      type: 'string',
      value: 'text|json',
      help: 'words, or one JSON object',
      default: 'text',
    },
  },
  notes: [
    'Records that are in Redis already are left out, and each chain goes on where it ends there. It can be run again after it was broken off.',
    'A gateway replays its own spool by itself.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const format = choiceOption(values, 'format', ['text', 'json'])
    const url = textOption(values, 'redis') ?? io.environment['REDIS_URL']
    if (url === undefined || url === '') throw new UsageError('--redis or REDIS_URL is needed')
    const target = await openRedisRecordStore({ url })
    const progress = (records: number): void => void io.stderr.write(`${records} records\n`)
    try {
      await using source = await openSource(values)
      const replayed = await replayRecords(source.records(), target, progress)
      await source.done()
      const lines = format === 'json' ? [JSON.stringify(replayed)] : words(replayed)
      for (const line of lines) await writeLine(io.stdout, line)
    } finally {
      await target.close()
    }
    return 0
  },
}

function words({ records, stored, gaps }: ReplayCount): readonly string[] {
  return [
    `${stored} of ${records} records were put into Redis`,
    ...(stored < records
      ? [
          'Redis has had the others; what was removed from it since is not put back, and audit verify names it',
        ]
      : []),
    ...(gaps > 0
      ? [`${gaps} parts follow on records that are in neither place; audit verify names them`]
      : []),
  ]
}

interface Source extends AsyncDisposable {
  readonly records: () => AsyncIterable<PlacedRecord>
  /** All of it is in Redis. */
  readonly done: () => Promise<void>
}

async function openSource(values: OptionValues): Promise<Source> {
  const given = ['spool', 'journal', 'file'].filter(
    (name) => textOption(values, name) !== undefined,
  )
  if (given.length !== 1)
    throw new UsageError('exactly one of --spool, --journal and --file is needed')
  if (given[0] === 'spool') return openSpool(requiredOption(values, 'spool'))
  if (given[0] === 'file') return exportSource(requiredOption(values, 'file'))
  return journalSource(requiredOption(values, 'journal'))
}

/** Takes its lock, so that no gateway is at work in it. */
async function openSpool(directory: string): Promise<Source> {
  const spool = await Spool.open({ directory, clock: systemClock, notes: noteByWarning })
  const unreadable = new Set<SegmentName>()
  const segments = await spool.segments()
  return {
    records: () => spool.records(segments, (segment) => unreadable.add(segment)),
    done: () => spool.remove(segments, unreadable),
    [Symbol.asyncDispose]: () => spool.close(),
  }
}

async function journalSource(directory: string): Promise<Source> {
  const segments = await spoolSegments(directory)
  return {
    records: () =>
      spoolRecords({ directory, segments, notes: noteByWarning, unreadable: () => undefined }),
    done: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function exportSource(file: string): Source {
  return {
    records: () => inChainOrder(placed(file)),
    done: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function* placed(file: string): AsyncGenerator<PlacedRecord, void, undefined> {
  for await (const record of readExport(file, (error) => noteByWarning(error.message)))
    yield placedRecord(record)
}
