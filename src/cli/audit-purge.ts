/** `celosia audit purge`: what of the audit is older than the policy keeps it; with --apply it goes. */
import { counted } from '../core/counted.ts'
import { previewPurge, purge } from '../audit/retention/purger.ts'
import { STREAM_NAMES } from '../core/audit-record.ts'
import { isoTime, systemClock } from '../core/clock.ts'
import { uuidV7 } from '../core/ids.ts'
import type { LoadedPolicy } from '../gateway.ts'
import { openAuditRetention } from './audit-retention.ts'
import { choiceOption, requiredOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { openAuditWriter, STORE_OPTIONS, storePlace } from './stores.ts'
import type { StorePlace } from './stores.ts'
import { jsonText, plainText, tableLines } from './table.ts'

export const auditPurge: Command = {
  name: 'audit purge',
  summary: 'Tell which records are older than the policy keeps them; with --apply, remove them.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    ...STORE_OPTIONS,
    apply: { type: 'boolean', help: 'remove them; without it nothing is changed' },
    format: { type: 'string', value: 'table|json', help: 'how to print', default: 'table' },
  },
  notes: [
    'What a sink has not acknowledged stays, and what a hold keeps (celosia audit hold).',
    'A gateway does this each hour by itself. Of a journal nobody else can while it runs.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const format = choiceOption(values, 'format', ['table', 'json'])
    const file = requiredOption(values, 'config')
    const policy = loadPolicy({ file, environment: io.environment, mode: 'author' })
    const place = storePlace(values, io)
    if (values['apply'] === true) await apply(policy, place, io)
    else {
      const preview = await previewOf(policy, place)
      const lines = format === 'json' ? [jsonText(flat(preview))] : words(preview)
      for (const line of lines) await writeLine(io.stdout, line)
    }
    return 0
  },
}

type Preview = Awaited<ReturnType<typeof previewPurge>>

function periodsOf({ audit }: LoadedPolicy) {
  if (audit.retention === undefined)
    throw new UsageError('the policy keeps all records: it has no audit.retention')
  return audit.retention
}

async function previewOf(policy: LoadedPolicy, place: StorePlace): Promise<Preview> {
  const periods = periodsOf(policy)
  const target = await openAuditRetention(place)
  try {
    target.useShipPlan(policy.shipPlan)
    return await previewPurge({ target }, periods)
  } finally {
    await target.close()
  }
}

async function apply(policy: LoadedPolicy, place: StorePlace, io: CommandIo): Promise<void> {
  const periods = periodsOf(policy)
  const { signer } = policy.audit.checkpoints
  if (signer === undefined)
    throw new UsageError('a purge is signed, and keys.checkpoint of the policy is not here')
  const notes = (problem: string): void => void io.stderr.write(`${problem}\n`)
  const audit = await openAuditWriter(place, notes)
  const target = await openAuditRetention(place)
  try {
    audit.configure(policy.audit)
    target.useShipPlan(policy.shipPlan)
    if (!(await target.claim()))
      throw new UsageError('a gateway purges at the moment; wait a minute')
    const order = { periods, signer, audit, signal: io.signal }
    const { records, waits } = await purge({ target, clock: systemClock, ids: uuidV7 }, order)
    for (const problem of waits) await writeLine(io.stderr, plainText(problem))
    await writeLine(io.stdout, `purged: ${counted(records, 'record')}`)
  } finally {
    await target.close()
    await audit.close()
  }
}

function words(preview: Preview): readonly string[] {
  const { cutoffs, streams, held, waits, records, oldestMs, newestMs } = preview
  const rows = STREAM_NAMES.map((stream) => {
    const cutoff = cutoffs[stream]
    return [stream, cutoff === undefined ? 'kept for good' : isoTime(cutoff), streams[stream]]
  })
  return [
    ...tableLines(['stream', 'older than', 'would go'], rows),
    ...(oldestMs === undefined || newestMs === undefined
      ? []
      : [`from ${isoTime(oldestMs)} to ${isoTime(newestMs)}`]),
    ...[...held].map(([name, count]) => `the hold ${plainText(name)} keeps ${count} old records`),
    ...waits.map((sentence) => plainText(sentence)),
    `${counted(records, 'record')} would go. Nothing was changed.`,
  ]
}

function flat({ cutoffs, streams, held, waits, records, oldestMs, newestMs }: Preview): object {
  return {
    records,
    streams,
    before: Object.fromEntries(Object.entries(cutoffs).map(([name, ms]) => [name, time(ms)])),
    oldest: time(oldestMs),
    newest: time(newestMs),
    held: Object.fromEntries(held),
    waits,
  }
}

function time(ms: number | undefined): string | null {
  return ms === undefined ? null : isoTime(ms)
}
