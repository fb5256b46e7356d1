/** `celosia audit reasons`: why people revealed what, in their own words, for who has the key to them. */
import { callerOf } from '../audit/export/caller.ts'
import { numberAt, textAt, textsAt } from '../audit/export/event-fields.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { isoTime } from '../core/clock.ts'
import { createTextDecrypter } from '../keys/encrypted-text.ts'
import type { TextDecrypter } from '../keys/encrypted-text.ts'
import { matching } from './audit-matching.ts'
import { timeSpan, TIME_OPTIONS } from './time-span.ts'
import { readKeyFile } from './key-file.ts'
import { choiceOption, requiredOption, textOption, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { STORE_OPTIONS } from './stores.ts'
import { jsonText, plainText } from './table.ts'

const AT = 'unmapped.celosia.reveal'
const UNREADABLE = '(encrypted for another key)'

export const auditReasons: Command = {
  name: 'audit reasons',
  summary: 'Print the free texts that were given as reasons for reveals.',
  operands: '',
  options: {
    key: { type: 'string', value: 'FILE', help: 'the private key: X25519, in PEM' },
    agent: { type: 'string', value: 'SUB', help: 'the `sub` of the agent’s token' },
    ...STORE_OPTIONS,
    ...TIME_OPTIONS,
    format: { type: 'string', value: 'text|json', help: 'how to print', default: 'text' },
  },
  notes: 'Nobody else can read them: the policy has the public key only.',
  run: async (values, _operands, io) => {
    const format = choiceOption(values, 'format', ['text', 'json'])
    const decrypter = createTextDecrypter(readKeyFile(requiredOption(values, 'key')))
    const filter = { ...timeSpan(values), agent: textOption(values, 'agent') }
    for await (const { record } of matching(filter, values, io)) {
      const reason = await reasonOf(record, decrypter)
      if (reason !== undefined)
        await writeLine(io.stdout, format === 'json' ? jsonText(reason) : words(reason))
    }
    return 0
  },
}

interface StoredReason {
  readonly time: string
  readonly agent: string | undefined
  readonly classes: readonly string[]
  readonly reason: string | undefined
  readonly ticket: string | undefined
  /** Null: it was encrypted for another key. */
  readonly text: string | null
}

async function reasonOf(
  { type, event }: AuditRecord,
  { decrypt }: TextDecrypter,
): Promise<StoredReason | undefined> {
  const jwe = textAt(event, `${AT}.text`)
  // Of a streamed answer the first record is enough.
  const window = numberAt(event, 'unmapped.celosia.window') ?? 1
  if (type !== 'access' || jwe === undefined || window > 1) return undefined
  return {
    time: isoTime(numberAt(event, 'time') ?? 0),
    agent: callerOf(event).id,
    classes: textsAt(event, `${AT}.classes`),
    reason: textAt(event, `${AT}.reason`),
    ticket: textAt(event, `${AT}.ticket`),
    text: (await decrypt(jwe)) ?? null,
  }
}

function words({ time, agent, classes, reason, ticket, text }: StoredReason): string {
  const why = [reason, ticket].filter((part) => part !== undefined).join(' ')
  const parts = [time, agent ?? '', classes.join(' '), why, text ?? UNREADABLE]
  return parts.map((part) => plainText(part)).join('  ')
}
