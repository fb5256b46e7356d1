/**
 * What an audit tells of a span of time: which roles did what with which classes, on which routes. Records are taken one by one
 * and not kept; what is kept has the size of the policy, whatever the size of the audit.
 */
import type { AuditRecord } from '../../core/audit-record.ts'
import { numberAt, objectsAt, textAt, textsAt, valueAt } from '../../audit/export/event-fields.ts'
import { accessView } from '../../audit/query/access-view.ts'
import type { AccessView } from '../../audit/query/access-view.ts'
import type { StreamRecord } from '../../audit/read-all.ts'
import { classUses } from '../class-use.ts'
import type { ClassUse } from '../class-use.ts'

/** Agents told apart for a role, or for the reveals of a class; beyond it the number is at least so many. */
export const AGENTS_MAX = 10_000
/** Routes told apart for a role and a class; beyond it nothing is added to what is told of routes. */
const ROUTES_TOLD_MAX = 1_000
/** Locations and classes of samples; what is beyond is not told. */
const FINDS_MAX = 10_000
const DAY_MS = 86_400_000

/** What is looked for, and when. `toMs` is not included. */
export interface ObservedScope {
  readonly fromMs: number
  readonly toMs: number
  /** SHA-256 of the policy that suggestions are made for. */
  readonly policy: string
  readonly roles: ReadonlySet<string>
  readonly classes: ReadonlySet<string>
  /** Templates. */
  readonly routes: ReadonlySet<string>
}

/** One role. */
export interface Seen {
  requests: number
  readonly agents: Set<string>
  readonly days: Set<number>
}

/** One role and one class. */
export interface SeenClass {
  shown: number
  revealed: number
  searched: number
  written: number
  /** Requests that asked for a reveal of it, by the role itself: those that were refused, too. */
  asked: number
  /** Records of answers that held it, and those of them that revealed it. */
  answers: number
  revealedAnswers: number
  readonly revealedOn: Set<number>
  /** By agent, answers that revealed it to them. */
  readonly revealedTo: Map<string, number>
  /** By route, locations that were shown. */
  readonly shownOn: Map<string, number>
}

/** One route. */
export interface SeenRoute {
  requests: number
  readonly byRole: Map<string, number>
}

/** Personal data of one class at one location of a route that no line of the policy names. */
export interface SeenUnlisted {
  readonly at: string
  readonly class: string
  /** Whether the location is told in full. */
  readonly named: boolean
  /** Answers in which it was found, strings of them, and those that were nearly nothing else. */
  answers: number
  strings: number
  whole: number
}

/** What sampled answers of a route had. */
interface SeenSamples {
  answers: number
  readonly finds: Map<string, SeenUnlisted>
}

export class ObservedUse {
  readonly #scope: ObservedScope
  readonly #roles = new Map<string, Seen>()
  readonly #classes = new Map<string, SeenClass>()
  readonly #routes = new Map<string, SeenRoute>()
  readonly #samples = new Map<string, SeenSamples>()
  #finds = 0
  #oldestMs = Number.POSITIVE_INFINITY
  #purgedMs = Number.NEGATIVE_INFINITY
  #policySinceMs: number | undefined
  #accesses = 0

  constructor(scope: ObservedScope) {
    this.#scope = scope
  }

  /** Accesses in the span. */
  get accesses(): number {
    return this.#accesses
  }

  /** From when on the audit is whole, as far as it tells; infinite where it has no records. */
  get wholeSinceMs(): number {
    return Math.max(this.#oldestMs, this.#purgedMs)
  }

  /** When the policy is first on record; undefined: never. */
  get policySinceMs(): number | undefined {
    return this.#policySinceMs
  }

  /** Takes one record, in whatever order; those of other times tell since when the audit is whole. */
  take({ record, stream }: Pick<StreamRecord, 'record' | 'stream'>): void {
    const { event } = record
    const timeMs = numberAt(event, 'time') ?? 0
    if (stream === 'records') this.#oldestMs = Math.min(this.#oldestMs, timeMs)
    const purgedMs =
      record.type === 'retention' ? numberAt(event, 'unmapped.celosia.before.records') : undefined
    this.#purgedMs = Math.max(this.#purgedMs, purgedMs ?? this.#purgedMs)
    if (textAt(event, 'unmapped.celosia.policy_sha256') === this.#scope.policy)
      this.#policySinceMs = Math.min(this.#policySinceMs ?? timeMs, timeMs)
    if (timeMs < this.#scope.fromMs || timeMs >= this.#scope.toMs) return
    const access = accessView(record)
    if (access !== undefined) this.#access(record, access)
  }

  /** What was seen of a role; nothing where nobody had it. */
  role(name: string): Seen {
    return this.#roles.get(name) ?? unseen()
  }

  /** What was seen of a role and a class. */
  ofClass(role: string, name: string): SeenClass {
    return this.#classes.get(keyOf(role, name)) ?? unseenClass()
  }

  /** What was seen of a route; undefined: nobody called it. */
  route(template: string): SeenRoute | undefined {
    return this.#routes.get(template)
  }

  /** Of how many sampled answers of a route, under the policy as it is, what was found where no line names anything. */
  unlisted(template: string): {
    readonly answers: number
    readonly finds: readonly SeenUnlisted[]
  } {
    const { answers = 0, finds } = this.#samples.get(template) ?? {}
    return { answers, finds: [...(finds?.values() ?? [])] }
  }

  // Under another policy it may have been unlisted, and be listed now.
  #sampled({ event }: AuditRecord, route: string): void {
    const sample = valueAt(event, 'unmapped.celosia.unlisted_sample')
    if (sample === undefined || !this.#scope.routes.has(route)) return
    if (textAt(event, 'unmapped.celosia.policy_sha256') !== this.#scope.policy) return
    const seen = found(this.#samples, route, () => ({ answers: 0, finds: new Map() }))
    seen.answers += 1
    for (const find of objectsAt(event, 'unmapped.celosia.unlisted_sample.finds')) {
      const [at, name] = [textAt(find, 'at') ?? '', textAt(find, 'class') ?? '']
      if (!this.#scope.classes.has(name)) continue
      const key = keyOf(at, name)
      if (!seen.finds.has(key)) {
        if (this.#finds >= FINDS_MAX) continue
        this.#finds += 1
      }
      const named = valueAt(find, 'named') === true
      const none = { at, class: name, named, answers: 0, strings: 0, whole: 0 }
      const line = found(seen.finds, key, () => none)
      line.answers += 1
      line.strings += numberAt(find, 'count') ?? 0
      line.whole += numberAt(find, 'whole') ?? 0
    }
  }

  #access(record: AuditRecord, access: AccessView): void {
    const { roles, agent = '', timeMs, phase } = access
    const known = roles.filter((role) => this.#scope.roles.has(role))
    // The route that a write reads the record by is used by it.
    const read = textAt(record.event, 'unmapped.celosia.write.read')
    const isOne = phase === 'outcome' || phase === 'closing'
    for (const route of [access.route, read])
      if (route !== undefined) this.#called(route, known, isOne)
    if (phase === 'intent') return
    if (access.route !== undefined) this.#sampled(record, access.route)
    if (isOne) this.#accesses += 1
    const day = Math.floor(timeMs / DAY_MS)
    for (const role of known) {
      const seen = found(this.#roles, role, unseen)
      if (isOne) seen.requests += 1
      seen.days.add(day)
      addBounded(seen.agents, agent)
    }
    const asked = askedOf(record)
    const uses = classUses(record, access)
    for (const name of new Set([...uses.keys(), ...asked])) {
      if (!this.#scope.classes.has(name)) continue
      for (const role of known) {
        const line = found(this.#classes, keyOf(role, name), unseenClass)
        if (asked.includes(name)) line.asked += 1
        const use = uses.get(name)
        if (use !== undefined)
          addUse(line, use, { ...access, agent, day, ask: asked.includes(name) })
      }
    }
  }

  // An intent, or a part of an answer, is called too, and counted with its end.
  #called(route: string, roles: readonly string[], isOne: boolean): void {
    if (!this.#scope.routes.has(route)) return
    const calls = found(this.#routes, route, () => ({ requests: 0, byRole: new Map() }))
    if (isOne) calls.requests += 1
    for (const role of roles) calls.byRole.set(role, (calls.byRole.get(role) ?? 0) + 1)
  }
}

interface Circumstances {
  readonly agent: string
  readonly day: number
  readonly route: string | undefined
  /** Whether it asked for the class by its role, and not by a grant. */
  readonly ask: boolean
}

function addUse(line: SeenClass, use: ClassUse, { agent, day, route, ask }: Circumstances): void {
  line.shown += use.shown
  line.revealed += use.revealed
  line.searched += use.searched
  line.written += use.written
  if (use.shown + use.masked + use.revealed > 0) line.answers += 1
  if (use.revealed > 0 && ask) {
    line.revealedAnswers += 1
    line.revealedOn.add(day)
    if (line.revealedTo.size < AGENTS_MAX || line.revealedTo.has(agent))
      line.revealedTo.set(agent, (line.revealedTo.get(agent) ?? 0) + 1)
  }
  if (use.shown > 0 && route !== undefined) {
    if (line.shownOn.size < ROUTES_TOLD_MAX || line.shownOn.has(route))
      line.shownOn.set(route, (line.shownOn.get(route) ?? 0) + use.shown)
  }
}

// What a grant of break-glass gives is nothing that the role has.
function askedOf({ event }: AuditRecord): readonly string[] {
  if (textAt(event, 'unmapped.celosia.reveal.grant') !== undefined) return []
  return textsAt(event, 'unmapped.celosia.reveal.classes')
}

function keyOf(role: string, name: string): string {
  return JSON.stringify([role, name])
}

function found<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

function addBounded(set: Set<string>, value: string): void {
  if (set.size < AGENTS_MAX) set.add(value)
}

function unseen(): Seen {
  return { requests: 0, agents: new Set(), days: new Set() }
}

function unseenClass(): SeenClass {
  return {
    shown: 0,
    revealed: 0,
    searched: 0,
    written: 0,
    asked: 0,
    answers: 0,
    revealedAnswers: 0,
    revealedOn: new Set(),
    revealedTo: new Map(),
    shownOn: new Map(),
  }
}
