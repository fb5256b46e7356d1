/** `celosia revoke`: ends a token, a session, or all that a subject has got, on every instance within two seconds. */
import { isoTime, systemClock } from '../core/clock.ts'
import { uuidV7 } from '../core/ids.ts'
import type { RevocationDraft } from '../identity/revocation/revocation.ts'
import { revocationLine } from '../identity/revocation/revocation.ts'
import { ID_CHARS_MAX, SKEW_S } from '../identity/token-claims.ts'
import type { Issuer } from '../rules/trust.ts'
import { issuerOption, requiredOption, UsageError, writeLine } from './command.ts'
import type { Command, OptionValues } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { openRevocationLog, STORE_OPTIONS, storePlace } from './stores.ts'

/** The options that say what is revoked, and what they name in a token. */
const KINDS = { token: 'token', session: 'session', subject: 'subject' } as const
const CLAIMS = { token: 'jti', session: 'sid', subject: 'sub' } as const

export const revoke: Command = {
  name: 'revoke',
  summary: 'End a token, a session, or all that a subject has got, before its time.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    issuer: {
      type: 'string',
      value: 'URL',
      help: 'whose tokens; may be left out where there is one',
    },
    token: { type: 'string', value: 'JTI', help: 'the token with this jti' },
    session: { type: 'string', value: 'SID', help: 'every token with this sid' },
    subject: { type: 'string', value: 'SUB', help: 'every token that this sub has got until now' },
    ...STORE_OPTIONS,
  },
  notes: [
    'One of --token, --session and --subject. The policy must have identity.revocation.',
    'Of a subject also what is issued in the next 30 seconds is revoked, since clocks may differ by so much.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const file = requiredOption(values, 'config')
    const { compiled } = loadPolicy({ file, environment: io.environment, mode: 'author' })
    if (compiled.revocation === undefined)
      throw new UsageError('the policy does not ask for revocations: add identity.revocation: {}')
    const draft = draftOf(values, compiled.issuers)
    const log = await openRevocationLog(storePlace(values, io))
    try {
      const atMs = systemClock.nowMs()
      await log.append(revocationLine({ ...draft, id: uuidV7(), atMs, source: 'command' }))
    } finally {
      await log.close()
    }
    await writeLine(io.stdout, words(draft))
    return 0
  },
}

function draftOf(values: OptionValues, issuers: readonly Issuer[]): RevocationDraft {
  const given = Object.values(KINDS).filter((kind) => values[kind] !== undefined)
  const [kind] = given
  if (kind === undefined || given.length > 1)
    throw new UsageError('one of --token, --session and --subject is needed')
  const value = requiredOption(values, kind)
  if (value.length > ID_CHARS_MAX)
    throw new UsageError(`--${kind} has at most ${ID_CHARS_MAX} characters`)
  const nowS = Math.ceil(systemClock.nowMs() / 1_000)
  const untilS = kind === 'subject' ? nowS + SKEW_S : 0
  return { issuer: issuerOption(values, issuers), kind, value, untilS }
}

function words({ kind, value, issuer, untilS }: RevocationDraft): string {
  const until = kind === 'subject' ? `, issued until ${isoTime(untilS * 1_000)}` : ''
  return `revoked: ${CLAIMS[kind]} ${value} of ${issuer}${until}`
}
