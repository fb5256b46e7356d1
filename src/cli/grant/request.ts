/** `celosia grant request`: asks that a subject may see classes for a time; somebody else has to approve it. */
import { parseDuration } from '../../core/duration.ts'
import { uuidV7 } from '../../core/ids.ts'
import type { GrantRequest } from '../../identity/grants/grant-entry.ts'
import { ID_CHARS_MAX } from '../../identity/token-claims.ts'
import type { CompiledPolicy } from '../../rules/compiled-policy.ts'
import type { BreakGlassRules } from '../../rules/reveal/break-glass.ts'
import { isReason } from '../../rules/reveal/decide-reveal.ts'
import { issuerOption, requiredOption, UsageError, writeLine } from '../command.ts'
import type { Command, OptionValues } from '../command.ts'
import {
  append,
  BY_OPTION,
  GRANT_OPTIONS,
  loadGrantPolicy,
  nameOption,
  withGrantLog,
} from './options.ts'

const CLASSES_MAX = 8

export const grantRequest: Command = {
  name: 'grant request',
  summary: 'Ask that a subject may see classes in clear for a time.',
  operands: '',
  options: {
    issuer: {
      type: 'string',
      value: 'URL',
      help: 'whose subject; may be left out where there is one',
    },
    subject: { type: 'string', value: 'SUB', help: 'who shall see them: the sub of the tokens' },
    classes: { type: 'string', value: 'CLASS[,CLASS]', help: 'what' },
    for: { type: 'string', value: 'TIME', help: 'how long, from the approval on: 2h' },
    reason: { type: 'string', value: 'CODE TICKET', help: 'a code of the policy, and the ticket' },
    ...BY_OPTION,
    ...GRANT_OPTIONS,
  },
  notes: 'Prints the id of the grant. Nothing is granted before it is approved.',
  run: async (values, _operands, io) => {
    const { compiled, breakGlass } = loadGrantPolicy(values, io)
    const id = uuidV7()
    const request = requestOf(values, compiled, breakGlass)
    await withGrantLog(values, io, (log) =>
      append<GrantRequest>(log, { kind: 'request', id, ...request }),
    )
    await writeLine(io.stdout, id)
    return 0
  },
}

type Asked = Omit<GrantRequest, 'kind' | 'id' | 'entry' | 'atMs'>

function requestOf(values: OptionValues, policy: CompiledPolicy, rules: BreakGlassRules): Asked {
  const subject = requiredOption(values, 'subject')
  if (subject.length > ID_CHARS_MAX)
    throw new UsageError(`--subject has at most ${ID_CHARS_MAX} characters`)
  const classes = [...new Set(requiredOption(values, 'classes').split(','))].toSorted()
  const forMs = parseDuration(requiredOption(values, 'for')) ?? 0
  if (forMs === 0) throw new UsageError('--for is a time such as 2h')
  const fits = rules.grants.some(
    (grant) => forMs <= grant.forMs && classes.every((name) => grant.classes.has(name)),
  )
  if (!fits || classes.length > CLASSES_MAX)
    throw new UsageError('no role of the policy may be granted these classes for that time')
  return {
    by: nameOption(values, 'by'),
    issuer: issuerOption(values, policy.issuers),
    subject,
    classes,
    forMs,
    ...reasonOf(requiredOption(values, 'reason'), policy),
  }
}

function reasonOf(text: string, { reveal }: CompiledPolicy): Pick<Asked, 'code' | 'ticket'> {
  const [code = '', ticket, ...others] = text.split(' ')
  if (reveal === undefined || others.length > 0 || !isReason(reveal, { code, ticket })) {
    const codes = [...(reveal?.reasons ?? [])].join(', ')
    throw new UsageError(`--reason is a code (${codes}), and the ticket where the policy wants one`)
  }
  return { code, ticket: ticket ?? '' }
}
