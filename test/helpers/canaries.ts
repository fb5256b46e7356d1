/**
 * Canaries: unique values for the sensitive fields of a test, and the promise that none of them got out (T1 of the
 * threat model). `canary-search.ts` says in which disguises they are looked for.
 */
import type { Test } from 'tap'
import { drawFrom, SHAPES, type CanaryKind } from './canary-alphabet.ts'
import { WINDOW_CHARACTERS, type Canary } from './canary-needles.ts'
import { searchCanaries, type CanaryFinding } from './canary-search.ts'

/** What may be found, and where the bytes come from. */
export interface CanaryScope {
  /**
   * What operators keep by definition, or what the role is shown: a piece of a canary that stands in one of these texts
   * is no finding. The masked value as a whole can be given: `k***@host.example`.
   */
  readonly allowed?: readonly string[]
  /** For the message: `answer`, `log`, `metrics`, `audit`. */
  readonly where: string
}

/** The canaries of one test. */
export interface Canaries {
  readonly seed: number
  readonly all: readonly Canary[]
  /** The canary of a field, made at the first call. The same field and kind give the same value. */
  readonly make: (kind: CanaryKind, field: string) => string
  /** Takes a value of the test's own as a canary, of at least six characters, any Unicode. */
  readonly add: (field: string, value: string) => string
  /**
   * Fills a template: `{{email:requester.email}}` becomes the e-mail canary of that field. Throws where the template
   * holds a piece of a canary by accident, and for what is no kind.
   */
  readonly plant: (template: string) => string
  /** Pieces of canaries in the bytes, in any disguise. Empty: none. */
  readonly find: (bytes: Buffer | string, scope: CanaryScope) => readonly CanaryFinding[]
}

/** The part of a test that the oracle needs. */
export type Asserter = Pick<Test, 'same'>

const PLACEHOLDER = /\{\{([a-z]+):([^{}]+)\}\}/g

/**
 * Makes canaries. The seed is fixed unless given, so that a run can be repeated; nothing but the test and the upstream
 * knows the values.
 */
export function createCanaries(seed = 1): Canaries {
  const draw = drawFrom(seed)
  const canaries = new Map<string, Canary>()
  const add = (field: string, value: string, common: readonly string[] = []): string => {
    if (Array.from(value).length < WINDOW_CHARACTERS)
      throw new Error(`canary of ${field} is too short`)
    canaries.set(`${field}\n${value}`, { field, value, common })
    return value
  }
  const made = new Map<string, string>()
  const make = (kind: CanaryKind, field: string): string => {
    const known = made.get(`${kind}:${field}`)
    if (known !== undefined) return known
    const { value, common } = SHAPES[kind](draw)
    made.set(`${kind}:${field}`, value)
    return add(field, value, common)
  }
  const find = (bytes: Buffer | string, scope: CanaryScope): readonly CanaryFinding[] => {
    return searchCanaries(Buffer.from(bytes), [...canaries.values()], scope.allowed ?? [])
  }
  const plant = (template: string): string => {
    const filled = template.replaceAll(PLACEHOLDER, (_whole, kind: string, field: string) => {
      if (!Object.hasOwn(SHAPES, kind)) throw new Error(`${kind} is no kind of canary`)
      return make(kind as CanaryKind, field)
    })
    const accident = find(template, { where: 'template' })[0]
    if (accident === undefined) return filled
    throw new Error(`the template holds a piece of a canary: ${accident.text}; take another seed`)
  }
  return {
    seed,
    get all() {
      return [...canaries.values()]
    },
    make,
    add: (field, value) => add(field, value),
    plant,
    find,
  }
}

/** Fails where a piece of a canary stands in the bytes. The message says which field, in which disguise, and where. */
export function assertNoCanary(
  t: Asserter,
  canaries: Canaries,
  bytes: Buffer | string,
  scope: CanaryScope,
): void {
  if (canaries.all.length === 0)
    throw new Error('no canary was planted: the check would pass for anything')
  t.same(canaries.find(bytes, scope), [], `T1: no canary in ${scope.where} (seed ${canaries.seed})`)
}
