/** Who saw the data of one person: each access that named them, and a sum for each agent. */
import { accessView, addClasses } from './access-view.ts'
import type { AccessView, ClassCounts } from './access-view.ts'
import type { AuditRecord } from '../../core/audit-record.ts'

/** One access, as far as it is about this person. */
export interface SubjectAccess {
  readonly access: AccessView
  /** What was in the answer of this very person. */
  readonly classes: readonly ClassCounts[]
}

export interface AgentSum {
  readonly agent: string
  readonly issuer: string | undefined
  readonly accesses: number
  readonly firstMs: number
  readonly lastMs: number
  readonly classes: readonly ClassCounts[]
}

export class SubjectReport {
  readonly #pseudonyms: ReadonlySet<string>
  readonly #kind: string
  readonly #agents = new Map<string, { sum: AgentSum; classes: Map<string, ClassCounts> }>()
  #unnamed = 0

  /** The person's pseudonyms, one for each version of the key. */
  constructor(kind: string, pseudonyms: readonly string[]) {
    this.#kind = kind
    this.#pseudonyms = new Set(pseudonyms)
  }

  /** The access where this record is one of this person's, else undefined. */
  take(record: AuditRecord): SubjectAccess | undefined {
    const access = accessView(record)
    if (access === undefined) return undefined
    const own = access.dataSubjects.filter(
      ({ kind, pseudonym }) => kind === this.#kind && this.#pseudonyms.has(pseudonym ?? ''),
    )
    if (own.length === 0) {
      if (access.truncated) this.#unnamed += 1
      return undefined
    }
    const sum = new Map<string, ClassCounts>()
    for (const { classes } of own) addClasses(sum, classes)
    const classes = [...sum.values()]
    this.#add(access, classes)
    return { access, classes }
  }

  /** By how much they saw of it: the last who looked comes last. */
  agents(): readonly AgentSum[] {
    return [...this.#agents.values()].map(({ sum, classes }) => ({
      ...sum,
      classes: [...classes.values()],
    }))
  }

  /** Accesses that exposed more data subjects than their records name: this person may be among them. */
  get unnamed(): number {
    return this.#unnamed
  }

  #add({ agent = '', issuer, timeMs }: AccessView, classes: readonly ClassCounts[]): void {
    const key = JSON.stringify([issuer, agent])
    const known = this.#agents.get(key)
    const sums = known?.classes ?? new Map<string, ClassCounts>()
    addClasses(sums, classes)
    const { accesses = 0, firstMs = timeMs, lastMs = timeMs } = known?.sum ?? {}
    this.#agents.set(key, {
      classes: sums,
      sum: {
        agent,
        issuer,
        accesses: accesses + 1,
        firstMs: Math.min(firstMs, timeMs),
        lastMs: Math.max(lastMs, timeMs),
        classes: [],
      },
    })
  }
}
