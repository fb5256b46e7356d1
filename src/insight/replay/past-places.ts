/**
 * What becomes of the places of a class on a route under another policy: the lines that covered them are known from the policy of then,
 * and followed beside those of the other. Of places that several lines cover the least covered are looked at.
 */
import type { CompiledRoute } from '../../rules/compile/routes.ts'
import { QueryLimitError, QuerySyntaxError } from '../../json/query/errors.ts'
import { parseQuery } from '../../json/query/parse.ts'
import { coverPairs, coverPairsAt } from '../policy-diff/cover-pairs.ts'
import type { CoverPair } from '../policy-diff/cover-pairs.ts'
import { CLEAR, formOf } from '../policy-diff/forms.ts'
import type { Form } from '../policy-diff/forms.ts'
import { DIFF_STEPS_MAX } from '../policy-diff/policy-diff.ts'
import { classesOf, formAt, linesOf } from '../policy-diff/sight.ts'
import type { FollowedLine } from '../policy-diff/sight.ts'
import type { RegisteredPolicy } from '../register/access-register.ts'

/**
 * Whether values would leave in clear; `same`: texts would be looked through as they were; `searched`: in another way, and what would be
 * found in them no record tells; `unknown`: some would, and the record does not tell which, or the lines are too many.
 */
export type Sight = 'clear' | 'masked' | 'same' | 'searched' | 'unknown'

export interface PlaceQuestion {
  readonly route: CompiledRoute
  readonly dataClass: string
  /** As a ledger of locations tells it; undefined: any place of the class. */
  readonly at: string | undefined
  /** What is seen in clear under the other policy. */
  readonly shown: ReadonlySet<string>
  /** The operator that looked through the texts of the class then; undefined: none did. */
  readonly searched?: string | undefined
}

/** What of lines is kept followed: of routes, and of single places of them. */
const FOLLOWED_MAX = 10_000

type Asked = Pick<PlaceQuestion, 'route' | 'shown' | 'searched'>

interface Followed {
  readonly old: readonly FollowedLine[]
  readonly now: readonly FollowedLine[]
  readonly pairs: readonly CoverPair[] | undefined
}

export class PastPlaces {
  readonly #before: ReadonlyMap<string, CompiledRoute>
  readonly #after: RegisteredPolicy
  /** Steps of all that is still followed. */
  #left: number
  readonly #followed = new Map<string, Followed>()

  constructor(before: RegisteredPolicy, after: RegisteredPolicy, stepsMax: number) {
    this.#before = new Map(before.compiled.routeList.map((route) => [route.template.text, route]))
    this.#after = after
    this.#left = stepsMax
  }

  /** In which form values of the class at these places would leave. */
  sight({ route, dataClass, at, shown, searched }: PlaceQuestion): Sight {
    // A field of GraphQL is told by its type, and has the form of its class.
    const place = at?.startsWith('$') === true ? at : undefined
    const followed = this.#follow(route, place)
    if (followed.pairs === undefined) return 'unknown'
    const { old } = followed
    const covering = followed.pairs.filter((pair) =>
      pair.before.some((index) => isOfClass(old[index], dataClass)),
    )
    const least = covering.filter(
      (pair) => classesOf(pair.before.flatMap((index) => old[index]?.means ?? [])).length === 1,
    )
    const asked = { route, shown, searched }
    const sights = this.#sights(least.length > 0 ? least : covering, followed, asked)
    // What is found in texts is no place of a line.
    if (at === undefined && this.#isFoundInTexts(route, dataClass))
      sights.add(this.#byClass(dataClass, asked))
    const [only] = sights
    if (sights.size > 1) return 'unknown'
    if (only !== undefined) return only
    // No line of then is known there.
    if (place !== undefined || !this.#after.compiled.classes.has(dataClass)) return 'unknown'
    return this.#byClass(dataClass, asked)
  }

  #byClass(dataClass: string, { shown, searched }: Asked): Sight {
    if (shown.has(dataClass)) return 'clear'
    const mask = this.#after.compiled.dataClasses.get(dataClass)?.mask
    return mask === undefined ? 'masked' : sightOf(formOf(mask), searched)
  }

  /** The same of a place that no line of then named. */
  unlistedSight(route: CompiledRoute, at: string, shown: ReadonlySet<string>): Sight {
    const followed = this.#follow(route, at.startsWith('$') ? at : undefined)
    const unnamed = (followed.pairs ?? []).filter(({ before }) => before.length === 0)
    const [only, ...others] = this.#sights(unnamed, followed, { route, shown })
    return only === undefined || others.length > 0 ? 'unknown' : only
  }

  #sights(
    pairs: readonly CoverPair[],
    { now }: Followed,
    { route, shown, searched }: Asked,
  ): Set<Sight> {
    const source = {
      classes: this.#after.compiled.dataClasses,
      unlisted: route.queries.unlisted,
    }
    return new Set(
      pairs.map((pair): Sight => {
        const meanings = pair.after.flatMap((index) => now[index]?.means ?? [])
        return sightOf(formAt(meanings, shown, source), searched)
      }),
    )
  }

  #isFoundInTexts({ template, classes }: CompiledRoute, dataClass: string): boolean {
    const present = [...classes, ...(this.#before.get(template.text)?.classes ?? [])]
    return present.some(
      (name) =>
        this.#after.compiled.dataClasses.get(name)?.mask.scan?.classes.includes(dataClass) === true,
    )
  }

  #follow(route: CompiledRoute, at: string | undefined): Followed {
    const key = JSON.stringify([route.template.text, at])
    const found = this.#followed.get(key)
    if (found !== undefined) return found
    const earlier = this.#before.get(route.template.text)
    const old = earlier === undefined ? [] : linesOf(earlier.queries)
    const now = linesOf(route.queries)
    const followed = { old, now, pairs: this.#pairs(old, now, at) }
    if (this.#followed.size >= FOLLOWED_MAX) this.#followed.clear()
    this.#followed.set(key, followed)
    return followed
  }

  #pairs(
    old: readonly FollowedLine[],
    now: readonly FollowedLine[],
    at: string | undefined,
  ): readonly CoverPair[] | undefined {
    const steps = Math.min(this.#left, DIFF_STEPS_MAX)
    const budget = { left: steps }
    try {
      if (at === undefined) return coverPairs(old, now, budget)
      return coverPairsAt(parseQuery(at), old, now, budget)
    } catch (error) {
      if (error instanceof QuerySyntaxError || error instanceof QueryLimitError) return undefined
      throw error
    } finally {
      this.#left -= steps - budget.left
    }
  }
}

function isOfClass(line: FollowedLine | undefined, dataClass: string): boolean {
  return line?.means.kind === 'class' && line.means.dataClass === dataClass
}

function sightOf({ id, finds }: Form, searched: string | undefined): Sight {
  if (id === CLEAR.id) return 'clear'
  if (finds === undefined) return 'masked'
  return id === searched ? 'same' : 'searched'
}
