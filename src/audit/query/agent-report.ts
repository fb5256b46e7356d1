/** The blast radius of one agent: of how many people which classes were seen, by which routes, and what was refused. */
import type { AuditRecord } from '../../core/audit-record.ts'
import { callerOf } from '../export/caller.ts'
import { textAt } from '../export/event-fields.ts'
import { accessView, addClasses } from './access-view.ts'
import type { AccessView, ClassCounts } from './access-view.ts'

/** People told apart; beyond it the numbers are at least so many. */
const PEOPLE_MAX = 2_000_000

export interface AgentSummary {
  readonly accesses: number
  readonly refused: number
  readonly writes: number
  readonly findings: readonly string[]
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
  readonly routes: ReadonlyMap<string, number>
  readonly reasons: ReadonlyMap<string, number>
  readonly addresses: ReadonlyMap<string, number>
  readonly classes: readonly ClassCounts[]
  /** For each kind and class how many people: with anything of it in clear, and in any form. */
  readonly people: readonly PeopleCount[]
  /** True where more people were seen than are told apart, or than records name. */
  readonly atLeast: boolean
}

export interface PeopleCount {
  readonly kind: string
  readonly class: string
  readonly inClear: number
  readonly inAnyForm: number
}

interface People {
  readonly inClear: Set<string>
  readonly inAnyForm: Set<string>
}

export class AgentReport {
  readonly #agent: string
  readonly #classes = new Map<string, ClassCounts>()
  readonly #routes = new Map<string, number>()
  readonly #reasons = new Map<string, number>()
  readonly #addresses = new Map<string, number>()
  readonly #people = new Map<string, People>()
  readonly #findings: string[] = []
  #accesses = 0
  #refused = 0
  #writes = 0
  #told = 0
  #atLeast = false
  #firstMs: number | undefined
  #lastMs: number | undefined

  constructor(agent: string) {
    this.#agent = agent
  }

  take(record: AuditRecord): void {
    if (callerOf(record.event).id !== this.#agent) return
    if (record.type === 'finding') {
      this.#findings.push(textAt(record.event, 'unmapped.celosia.rule') ?? '')
      return
    }
    const access = accessView(record)
    if (access !== undefined) this.#takeAccess(access)
  }

  summary(): AgentSummary {
    return {
      accesses: this.#accesses,
      refused: this.#refused,
      writes: this.#writes,
      findings: this.#findings,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      routes: this.#routes,
      reasons: this.#reasons,
      addresses: this.#addresses,
      classes: [...this.#classes.values()],
      people: [...this.#people].map(([key, { inClear, inAnyForm }]) => {
        const [kind, name] = JSON.parse(key) as [string, string]
        return { kind, class: name, inClear: inClear.size, inAnyForm: inAnyForm.size }
      }),
      atLeast: this.#atLeast,
    }
  }

  #takeAccess(access: AccessView): void {
    const { timeMs, phase, decision, route = '(no route)', reasons, address } = access
    this.#firstMs = Math.min(this.#firstMs ?? timeMs, timeMs)
    this.#lastMs = Math.max(this.#lastMs ?? timeMs, timeMs)
    if (phase === 'intent') {
      this.#writes += 1
      return
    }
    // Of an answer in windows the opening stands for the access; the others add what they exposed.
    if (phase === 'outcome' || phase === 'opening') {
      this.#accesses += 1
      if (decision === 'deny') this.#refused += 1
      count(this.#routes, route)
      for (const reason of reasons) count(this.#reasons, reason)
      if (address !== undefined) count(this.#addresses, address)
    }
    addClasses(this.#classes, access.classes)
    if (access.truncated) this.#atLeast = true
    for (const { kind, pseudonym, classes } of access.dataSubjects) {
      if (kind !== undefined && pseudonym !== undefined) this.#see(kind, pseudonym, classes)
    }
  }

  #see(kind: string, pseudonym: string, classes: readonly ClassCounts[]): void {
    for (const { class: name, shown, revealed } of classes) {
      const key = JSON.stringify([kind, name])
      const people = this.#people.get(key) ?? { inClear: new Set(), inAnyForm: new Set() }
      this.#people.set(key, people)
      if (this.#told >= PEOPLE_MAX) {
        this.#atLeast = true
        return
      }
      if (!people.inAnyForm.has(pseudonym)) this.#told += 1
      people.inAnyForm.add(pseudonym)
      if (shown + revealed > 0) people.inClear.add(pseudonym)
    }
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
