/** `celosia audit hold`, `audit release` and `audit holds`: records that stay, however old they are. */
import { HOLD_NAME, HOLDS_MAX, type Hold, type HoldStep } from '../audit/retention/hold.ts'
import type { HoldStore } from '../audit/retention/hold.ts'
import { isoTime, systemClock } from '../core/clock.ts'
import { uuidV7 } from '../core/ids.ts'
import { openAuditRetention } from './audit-retention.ts'
import { auditPseudonyms, unknownKind } from './audit-pseudonyms.ts'
import { choiceOption, requiredOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, CommandOption, OptionValues } from './command.ts'
import { openReader, STORE_OPTIONS, storePlace } from './stores.ts'
import { jsonText, tableLines } from './table.ts'

const NAME_CHARACTERS_MAX = 256
const BY_OPTION: CommandOption = { type: 'string', value: 'NAME', help: 'who does this' }
const KEPT = 'There is no purge of what it keeps, on any gateway of this store, from now on.'

export const auditHold: Command = {
  name: 'audit hold',
  summary: 'Keep all records about an agent or a person, however old they are.',
  operands: 'NAME',
  options: {
    agent: { type: 'string', value: 'SUB', help: 'the `sub` of the agent’s tokens' },
    id: { type: 'string', value: 'ID', help: 'or the id of a data subject; needs --kind' },
    kind: { type: 'string', value: 'KIND', help: 'kind of data subject in the policy: user' },
    by: BY_OPTION,
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the policy, whose keys.audit make the pseudonyms of --id',
      default: 'config/policies.yaml',
    },
    ...STORE_OPTIONS,
  },
  notes: `NAME is that of the case, such as case-2026-14. ${KEPT} The gateway puts it on record within a minute.`,
  run: async (values, operands, io) => {
    const name = nameOf(operands)
    const hold: Hold = { name, ...(await whose(values, io)), placed: step(values) }
    await demandAudit(values, io)
    await withHolds(values, io, async (holds) => {
      if ((await holds.list()).length >= HOLDS_MAX)
        throw new UsageError(`there are ${HOLDS_MAX} holds, which is the limit`)
      if (!(await holds.place(hold)))
        throw new UsageError(
          `there is a hold ${name} already; a released one is told of for 30 days`,
        )
    })
    await writeLine(io.stdout, `held: ${name}`)
    return 0
  },
}

export const auditRelease: Command = {
  name: 'audit release',
  summary: 'Let go what a hold keeps.',
  operands: 'NAME',
  options: { by: BY_OPTION, ...STORE_OPTIONS },
  notes: 'What is old then goes with the next purge.',
  run: async (values, operands, io) => {
    const name = nameOf(operands)
    const released = step(values)
    await withHolds(values, io, async (holds) => {
      const hold = (await holds.list()).find((one) => one.name === name)
      if (hold === undefined) throw new UsageError(`there is no hold ${name}`)
      if (hold.released !== undefined) throw new UsageError(`the hold ${name} was released already`)
      await holds.replace({ ...hold, released })
    })
    await writeLine(io.stdout, `released: ${name}`)
    return 0
  },
}

export const auditHolds: Command = {
  name: 'audit holds',
  summary: 'List the holds: whose records they keep, since when, by whom.',
  operands: '',
  options: {
    ...STORE_OPTIONS,
    format: { type: 'string', value: 'table|json', help: 'how to print', default: 'table' },
  },
  run: async (values, _operands, io) => {
    const format = choiceOption(values, 'format', ['table', 'json'])
    const all = await withHolds(values, io, (holds) => holds.list())
    const lines = format === 'json' ? all.map((hold) => jsonText(hold)) : words(all)
    for (const line of lines) await writeLine(io.stdout, line)
    return 0
  },
}

function words(holds: readonly Hold[]): readonly string[] {
  if (holds.length === 0) return ['no holds']
  const header = ['hold', 'agent', 'data subject', 'since', 'by', 'released']
  const rows = holds.map(({ name, agent, pseudonyms, placed, released }) => [
    name,
    agent,
    pseudonyms?.join(' '),
    isoTime(placed.atMs),
    placed.by,
    released && `${isoTime(released.atMs)} by ${released.by}`,
  ])
  return tableLines(header, rows)
}

function nameOf(operands: readonly string[]): string {
  const [name, ...others] = operands
  if (name === undefined || others.length > 0 || !HOLD_NAME.test(name))
    throw new UsageError(
      'one name is needed: lower-case letters, digits, hyphens, such as case-2026-14',
    )
  return name
}

function step(values: OptionValues): HoldStep {
  const by = requiredOption(values, 'by')
  if (by.length > NAME_CHARACTERS_MAX)
    throw new UsageError(`--by has at most ${NAME_CHARACTERS_MAX} characters`)
  return { by, atMs: systemClock.nowMs(), record: uuidV7() }
}

/** A hold in a place that is none of an audit would keep nothing, and nobody would know. Throws {@link UsageError}. */
async function demandAudit(values: OptionValues, io: CommandIo): Promise<void> {
  const reader = await openReader(storePlace(values, io))
  try {
    for await (const _record of reader.read({ stream: 'chain', limit: 1 })) return
    throw new UsageError('there is no audit in this place, so nothing was held')
  } finally {
    await reader.close()
  }
}

async function whose(
  values: OptionValues,
  io: CommandIo,
): Promise<Pick<Hold, 'agent' | 'pseudonyms'>> {
  const agent = textOption(values, 'agent')
  const id = textOption(values, 'id')
  if ((agent === undefined) === (id === undefined))
    throw new UsageError('either --agent or --id with --kind is needed')
  if (agent !== undefined) {
    if (agent === '' || agent.length > NAME_CHARACTERS_MAX)
      throw new UsageError(`--agent has 1 to ${NAME_CHARACTERS_MAX} characters`)
    return { agent }
  }
  const kind = requiredOption(values, 'kind')
  const file = requiredOption(values, 'config')
  const known = auditPseudonyms(file, kind, requiredOption(values, 'id'), io)
  const { pseudonyms, missing } = known
  const slip = unknownKind(kind, known)
  if (slip !== undefined) await writeLine(io.stderr, slip)
  for (const key of missing)
    await writeLine(io.stderr, `${key} is not here: records of its time are not held`)
  return { pseudonyms }
}

async function withHolds<T>(
  values: OptionValues,
  io: CommandIo,
  work: (holds: HoldStore) => Promise<T>,
): Promise<T> {
  const target = await openAuditRetention(storePlace(values, io))
  try {
    return await work(target.holds)
  } finally {
    await target.close()
  }
}
