/** Keeps an eye on the audit store: is it there, and does it keep what it acknowledges. */
import type { AuditHealth, AuditWriter } from '../audit/audit-store.ts'
import { AuditUnavailableError } from '../audit/errors.ts'
import type { Logger } from './logger.ts'
import { repeat } from './repeat.ts'
import type { Repetition } from './repeat.ts'

export interface StoreWatchOptions {
  readonly audit: AuditWriter
  readonly log: Logger
  /** Whether a store that may lose acknowledged records will do for the policy in force. */
  readonly relaxedAllowed: () => boolean
}

export interface StoreWatch {
  /** The store, which takes no record while it is weaker than the policy in force demands. */
  readonly audit: AuditWriter
  /** What the store was found to be when it was last looked at; `relaxed` before. */
  readonly durability: () => AuditHealth['durability']
  /**
   * Looks at the store once. Throws {@link AuditUnavailableError} where it is weaker than the policy demands, or would
   * lose what it takes.
   */
  readonly demand: () => Promise<void>
  /** What is not as it should be, one sentence each. */
  readonly problems: () => readonly string[]
  readonly start: () => Repetition
}

const WEAK =
  'the audit store may lose acknowledged records (Redis: set appendonly yes and appendfsync always), and the policy does not say `audit: { durability: relaxed }`'

/** Until it has looked for the first time, the store counts as not there and weak. */
export function createStoreWatch({ audit, log, relaxedAllowed }: StoreWatchOptions): StoreWatch {
  let health: AuditHealth = {
    ok: false,
    problem: 'the store has not been looked at',
    durability: 'relaxed',
  }
  const tooWeak = () => health.durability === 'relaxed' && !relaxedAllowed()
  const look = async () => {
    health = await audit.health()
    if (!health.ok) log.warn('audit store not healthy', { problem: health.problem })
    return health.ok
  }
  return {
    audit: {
      health: () => audit.health(),
      problem: () => (tooWeak() ? WEAK : audit.problem()),
      close: () => audit.close(),
      append: async (records) => {
        if (tooWeak()) throw new AuditUnavailableError(WEAK)
        await audit.append(records)
      },
    },
    durability: () => health.durability,
    demand: async () => {
      await look()
      // Whatever is away comes back; but this would lose what it has acknowledged.
      if (health.unfit === true) throw new AuditUnavailableError(health.problem ?? 'It is not fit')
      if (health.ok && tooWeak()) throw new AuditUnavailableError(WEAK)
    },
    problems: () => {
      if (!health.ok) return [`audit: ${health.problem ?? 'not available'}`]
      // What was found out since the last look.
      const problem = audit.problem()
      if (problem !== undefined) return [`audit: ${problem}`]
      return tooWeak() ? ['audit: the store is weaker than the policy demands'] : []
    },
    start: () => repeat(look),
  }
}
