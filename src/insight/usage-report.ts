/** What each role, or each agent, was shown of each class and did with it, beside what the policy grants: from the audit's own records. */
import type { AuditRecord } from '../core/audit-record.ts'
import { accessView } from '../audit/query/access-view.ts'
import { byCodeUnits } from './by-code-units.ts'
import { classUses } from './class-use.ts'
import type { ClassUse } from './class-use.ts'
import type { RoleGrants } from './policy-view.ts'

/** Agents told apart in one line; beyond it the number is at least so many. */
const AGENTS_MAX = 10_000
/** Lines; beyond it records of further agents are counted together. */
const LINES_MAX = 100_000
const OTHERS = '(others)'

/** One role, or agent, and one class. */
export interface UsageLine {
  /** The role, or the `sub` of the agent. */
  readonly who: string
  readonly class: string
  /** What the policy gives the role; of an agent, nobody can say for the whole time. */
  readonly granted: 'show' | 'reveal' | 'none' | undefined
  /** Locations that left in clear by the role, masked in whole or in part, and in clear by a reveal. */
  readonly shown: number
  readonly masked: number
  readonly revealed: number
  /** Requests that searched by it. */
  readonly searched: number
  /** Places that were set by somebody who does not see the class. */
  readonly written: number
  /** Accesses that showed, revealed, searched by or wrote it. */
  readonly accesses: number
  readonly agents: number
  readonly agentsAtLeast: boolean
  /** When it was last shown, revealed, searched by or written. */
  readonly lastMs: number | undefined
}

interface Counts {
  shown: number
  masked: number
  revealed: number
  searched: number
  written: number
  accesses: number
  lastMs: number | undefined
  readonly agents: Set<string>
}

export class UsageReport {
  readonly #by: 'role' | 'agent'
  readonly #lines = new Map<string, Counts>()

  constructor(by: 'role' | 'agent') {
    this.#by = by
  }

  /** Takes one record; those that are no accesses, and intents, tell nothing of use. */
  take(record: AuditRecord): void {
    const access = accessView(record)
    if (access === undefined || access.phase === 'intent') return
    const { agent = '', roles, timeMs } = access
    const whos = this.#by === 'agent' ? [agent] : roles
    const used = classUses(record, access)
    for (const who of whos) {
      for (const [name, counts] of used) this.#add(this.#line(who, name), counts, agent, timeMs)
    }
  }

  /** The lines, those of the grants that nobody used among them, by who and class. */
  lines(grants: Pick<RoleGrants, 'show' | 'reveal'>): readonly UsageLine[] {
    if (this.#by === 'role') {
      for (const granted of [grants.show, grants.reveal]) {
        for (const [role, classes] of granted) for (const name of classes) this.#line(role, name)
      }
    }
    return [...this.#lines]
      .map(([key, { agents, ...counts }]) => {
        const [who, name] = JSON.parse(key) as [string, string]
        const granted = this.#by === 'role' ? grantOf(grants, who, name) : undefined
        const agentsAtLeast = agents.size >= AGENTS_MAX
        return { who, class: name, granted, ...counts, agents: agents.size, agentsAtLeast }
      })
      .toSorted((a, b) => byCodeUnits(a.who, b.who) || byCodeUnits(a.class, b.class))
  }

  #line(who: string, name: string): Counts {
    const key = JSON.stringify([who, name])
    const full = this.#lines.size >= LINES_MAX && !this.#lines.has(key)
    const kept = full ? JSON.stringify([OTHERS, name]) : key
    const found = this.#lines.get(kept) ?? {
      shown: 0,
      masked: 0,
      revealed: 0,
      searched: 0,
      written: 0,
      accesses: 0,
      lastMs: undefined,
      agents: new Set<string>(),
    }
    this.#lines.set(kept, found)
    return found
  }

  #add(line: Counts, use: ClassUse, agent: string, timeMs: number): void {
    const { shown, masked, revealed, searched, written } = use
    line.shown += shown
    line.masked += masked
    line.revealed += revealed
    line.searched += searched
    line.written += written
    // What was masked was not used.
    if (shown + revealed + searched + written === 0) return
    line.accesses += 1
    if (line.agents.size < AGENTS_MAX) line.agents.add(agent)
    line.lastMs = Math.max(line.lastMs ?? timeMs, timeMs)
  }
}

function grantOf(
  { show, reveal }: Pick<RoleGrants, 'show' | 'reveal'>,
  role: string,
  name: string,
): UsageLine['granted'] {
  if (show.get(role)?.has(name) === true) return 'show'
  return reveal.get(role)?.has(name) === true ? 'reveal' : 'none'
}
