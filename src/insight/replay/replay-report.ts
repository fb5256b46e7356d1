/** Sums what another policy would have made of the requests of a time, in bounded memory. */
import type { AuditRecord } from '../../core/audit-record.ts'
import { shownByRole } from '../policy-diff/sight.ts'
import type { RegisteredPolicy } from '../register/access-register.ts'
import { judgePast } from './judge-past.ts'
import type { JudgedPart, OtherPolicy, PastChange } from './judge-past.ts'
import { PastPlaces } from './past-places.ts'
import { pastRequest } from './past-request.ts'
import type { PastRequest } from './past-request.ts'

/** Agents told apart in one line, and in all; beyond it their number is at least so many. */
const AGENTS_MAX = 10_000
const AGENTS_ALL_MAX = 1_000_000
/** Lines; what is beyond is summed by its kind. */
const LINES_MAX = 100_000
const OTHERS = '(others)'
/** Positions and selectors of queries that are looked at for all places together: a minute or two. */
const STEPS_MAX = 200_000_000

export interface ReplayLine {
  readonly change: PastChange
  /** The roles of the request, together. */
  readonly roles: string
  readonly route: string | undefined
  readonly class: string | undefined
  readonly reason: string | undefined
  readonly places: number
  /** Records; a request that was answered in windows has several. */
  readonly records: number
  readonly agents: number
  readonly agentsAtLeast: boolean
  readonly lastMs: number
}

interface Counts {
  places: number
  records: number
  lastMs: number
  atLeast: boolean
  readonly agents: Set<string>
}

/** In the order in which they are told: what is looser first. */
export const PAST_CHANGES: readonly PastChange[] = [
  'newly visible',
  'newly allowed',
  'unknown',
  'would need a reveal',
  'newly hidden',
  'newly refused',
]

export class ReplayReport {
  readonly #other: OtherPolicy
  readonly #lines = new Map<string, Counts>()
  #agents = 0
  #requests = 0
  #foreign = 0
  #bare = 0

  constructor(before: RegisteredPolicy, after: RegisteredPolicy) {
    this.#other = {
      before,
      after,
      routes: new Map(after.compiled.routeList.map((route) => [route.template.text, route])),
      places: new PastPlaces(before, after, STEPS_MAX),
      shownThen: shownByRole(before),
      levels: sameLevels(before, after),
    }
  }

  /** Requests that were looked at. */
  get requests(): number {
    return this.#requests
  }

  /** Takes one record; those that are no accesses tell nothing. */
  take(record: AuditRecord): void {
    const request = pastRequest(record)
    if (request === undefined) return
    if (request.counts) {
      this.#requests += 1
      if (request.policy !== this.#other.before.compiled.sha256) this.#foreign += 1
      if (request.places === undefined && request.classes.length > 0) this.#bare += 1
    }
    for (const part of judgePast(request, this.#other)) {
      // Of an answer in windows the first record tells of the request as a whole.
      if (part.places > 0 || request.counts) this.#add(request, part)
    }
  }

  /** What would have gone otherwise, looser things first. */
  lines(): readonly ReplayLine[] {
    const lines = [...this.#lines].map(([key, { agents, atLeast, ...counts }]) => {
      const [change, roles, route, name, reason] = JSON.parse(key) as [PastChange, ...string[]]
      return {
        change,
        roles: roles ?? '',
        route: textOrNone(route),
        class: textOrNone(name),
        reason: textOrNone(reason),
        ...counts,
        agents: agents.size,
        agentsAtLeast: atLeast,
      }
    })
    return PAST_CHANGES.flatMap((change) =>
      lines
        .filter((line) => line.change === change)
        .toSorted((a, b) => b.places - a.places || b.records - a.records),
    )
  }

  /** What these records cannot tell, one sentence each. */
  limits(): readonly string[] {
    const { before, after, levels } = this.#other
    const added = [...after.compiled.roles].filter((role) => !before.compiled.roles.has(role))
    const training = [before, after].map(({ document }) =>
      JSON.stringify(document.identity.training),
    )
    const others = [...after.compiled.assurance.keys()].filter((name) => !levels.has(name))
    return [
      ...(this.#foreign === 0
        ? []
        : [
            `${this.#foreign} of ${this.#requests} requests were under other policies than --config: their lines are taken to be those of --config`,
          ]),
      ...(this.#bare === 0
        ? []
        : [
            `${this.#bare} records count classes only: places that several lines cover are told by the least covered, and what no line names is not told`,
          ]),
      ...(added.length === 0
        ? []
        : [`roles that the policy of then did not know are on no record: ${added.join(', ')}`]),
      ...(others.length === 0
        ? []
        : [`whether a login would have met these levels is not on record: ${others.join(', ')}`]),
      ...(training[0] === training[1]
        ? []
        : ['whose privacy training would have been overdue is not on record']),
      'not replayed: look-up rules, budgets of reveals, parameters, searches, bodies and writes; how much another operator leaves',
    ]
  }

  #add(request: PastRequest, { change, class: name = '', reason = '', places }: JudgedPart): void {
    const { roles, route = '', agent = '', timeMs } = request
    const key = JSON.stringify([change, roles.join(' + '), route, name, reason])
    const full = this.#lines.size >= LINES_MAX && !this.#lines.has(key)
    const kept = full ? JSON.stringify([change, OTHERS, '', '', '']) : key
    const line = this.#lines.get(kept) ?? {
      places: 0,
      records: 0,
      lastMs: timeMs,
      atLeast: false,
      agents: new Set<string>(),
    }
    this.#lines.set(kept, line)
    line.places += places
    line.records += 1
    line.lastMs = Math.max(line.lastMs, timeMs)
    if (line.agents.has(agent)) return
    if (line.agents.size >= AGENTS_MAX || this.#agents >= AGENTS_ALL_MAX) line.atLeast = true
    else {
      line.agents.add(agent)
      this.#agents += 1
    }
  }
}

function textOrNone(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

/** Whether somebody would have come to see or do more, or that cannot be told. */
export function isLooser({ change }: ReplayLine): boolean {
  return change === 'newly visible' || change === 'newly allowed' || change === 'unknown'
}

function sameLevels(before: RegisteredPolicy, after: RegisteredPolicy): ReadonlySet<string> {
  const old = before.compiled.assurance
  return new Set(
    [...after.compiled.assurance].flatMap(([name, level]) =>
      JSON.stringify(old.get(name)) === JSON.stringify(level) ? name : [],
    ),
  )
}
