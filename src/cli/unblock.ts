/** `celosia unblock`: empties the windows of somebody who looked too much, so that responses end at once, on every instance. */
import { systemClock } from '../core/clock.ts'
import { uuidV7 } from '../core/ids.ts'
import { callerNetwork } from '../core/ip-networks.ts'
import { openRedisLookupCounter } from '../detection/redis-lookup-counter.ts'
import {
  BY_CHARS_MAX,
  unblockedKeys,
  unblockedRules,
  unblockLine,
} from '../proxy/unblocks/unblock-entry.ts'
import type { UnblockEntry } from '../proxy/unblocks/unblock-entry.ts'
import type { CompiledPolicy } from '../rules/compiled-policy.ts'
import { issuerOption, requiredOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command, OptionValues } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { openUnblockLog, STORE_OPTIONS, storePlace } from './stores.ts'

export const unblock: Command = {
  name: 'unblock',
  summary: 'End the responses to somebody who looked too much: their counts begin anew.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    by: { type: 'string', value: 'NAME', help: 'who does this' },
    rule: { type: 'string', value: 'NAME', help: 'one rule; left out: all that watch them' },
    issuer: {
      type: 'string',
      value: 'URL',
      help: 'whose subjects; may be left out where there is one',
    },
    subject: { type: 'string', value: 'SUB', help: 'one agent' },
    session: { type: 'string', value: 'SID', help: 'one session of the subject' },
    role: { type: 'string', value: 'NAME', help: 'all who have a role together' },
    address: { type: 'string', value: 'IP', help: 'an address, or the /64 that it is in' },
    'lost-counts': { type: 'boolean', help: 'take what is there for all, where Redis lost counts' },
    'data-subject': { type: 'string', value: 'PSEUDONYM', help: 'a person, as findings have it' },
    ...STORE_OPTIONS,
  },
  notes:
    'One of --subject (with --session for one session), --role, --address, --data-subject and --lost-counts. It is recorded with the name of --by.',
  run: async (values, _operands, io) => {
    const file = requiredOption(values, 'config')
    const { compiled } = loadPolicy({ file, environment: io.environment, mode: 'author' })
    const entry = entryOf(values, compiled)
    const rules = unblockedRules(entry, compiled.lookups).map(({ name }) => name)
    if (rules.length === 0) throw new UsageError(`no rule watches what is named: per ${entry.kind}`)
    const place = storePlace(values, io)
    if (entry.kind === 'counters' && place.kind !== 'redis')
      throw new UsageError('counts are lost in Redis alone')
    // First: what is not on record does not happen.
    const log = await openUnblockLog(place)
    try {
      await log.append(unblockLine(entry))
    } finally {
      await log.close()
    }
    if (place.kind === 'redis') {
      const counter = await openRedisLookupCounter({ url: place.url })
      try {
        if (entry.kind === 'counters') await counter.acceptLoss()
        else await counter.forget(unblockedKeys(entry, compiled.lookups))
      } finally {
        await counter.close()
      }
    }
    await writeLine(io.stdout, `unblocked: ${entry.kind} ${entry.label}; ${rules.join(', ')}`)
    return 0
  },
}

function entryOf(values: OptionValues, compiled: CompiledPolicy): UnblockEntry {
  const by = requiredOption(values, 'by')
  if (by.length > BY_CHARS_MAX) throw new UsageError(`--by has at most ${BY_CHARS_MAX} characters`)
  return {
    entry: uuidV7(),
    atMs: systemClock.nowMs(),
    by,
    rule: textOption(values, 'rule') ?? '',
    ...ownerOf(values, compiled),
  }
}

function ownerOf(
  values: OptionValues,
  compiled: CompiledPolicy,
): Pick<UnblockEntry, 'kind' | 'key' | 'label'> {
  if (values['lost-counts'] === true) return lostCounts(values)
  const given = ['subject', 'role', 'address', 'data-subject'].filter((name) => name in values)
  const [name] = given
  if (name === undefined || given.length > 1)
    throw new UsageError('one of --subject, --role, --address and --data-subject is needed')
  const value = requiredOption(values, name)
  const session = textOption(values, 'session')
  if (session !== undefined && name !== 'subject')
    throw new UsageError('--session is for a --subject')
  switch (name) {
    case 'subject': {
      const issuer = issuerOption(values, compiled.issuers)
      return session === undefined
        ? { kind: 'subject', key: [issuer, value], label: value }
        : { kind: 'session', key: [issuer, value, session], label: value }
    }
    case 'role':
      return { kind: 'role', key: [value], label: value }
    case 'address': {
      const network = callerNetwork(value)
      return { kind: 'address', key: [network], label: network }
    }
    default:
      return { kind: 'dataSubject', key: [value], label: value }
  }
}

function lostCounts(values: OptionValues): Pick<UnblockEntry, 'kind' | 'key' | 'label'> {
  const others = ['subject', 'session', 'role', 'address', 'data-subject', 'rule']
  if (others.some((name) => name in values))
    throw new UsageError('--lost-counts is about all windows')
  return { kind: 'counters', key: ['lost'], label: 'lost counts' }
}
