/**
 * What a role set is shown at a location: the same answer as the masking program gives, but asked of single nodes, with the
 * classes behind it. A test holds the two against each other.
 */
import { isForeignName } from '../../json/foreign-name.ts'
import type { Limits } from '../../json/limits.ts'
import { namesIn } from '../../json/query/analysis.ts'
import type { Query } from '../../json/query/ast.ts'
import type { DataClass } from '../compile/classes.ts'
import type { OperatorInstance } from '../operator.ts'
import type { Unlisted } from '../policy/document.ts'
import { boundTo } from '../operators/shared/bound-scan.ts'
import { maskByType } from '../operators/mask-by-type.ts'
import { REDACT } from '../operators/redact.ts'
import { mostProtective } from '../protection.ts'
import type { Pseudonymizer } from '../pseudonymizer.ts'

/** What one location is to a role set. Interned: two locations covered by the same queries have the same one. */
export interface Sight {
  /** Classes that cover it, by name. */
  readonly classes: readonly DataClass[]
  /** Those of them that the role set does not see in clear. */
  readonly hidden: readonly DataClass[]
  /** What stands there for the role set; undefined: the value as it is. */
  readonly mask: OperatorInstance | undefined
  /** What stood there for a token with fewer of these roles, where that is something else. */
  readonly otherMasks: readonly OperatorInstance[]
  /** True where a line of the route itself names the location, so not only one that holds for every route. */
  readonly listed: boolean
  /** An object here is a dictionary: each of its member names is masked. */
  readonly masksNames: boolean
}

/** Queries that name places of a document: of an answer, or of a request. */
export interface SightQueries {
  readonly fields: readonly ClassedQuery[]
  /** The same of every route. */
  readonly anywhere: readonly ClassedQuery[]
  readonly plain: readonly PlainQuery[]
  /** Links that are led to the gateway: the location and all below it. */
  readonly links: readonly PlainQuery[]
  /** Cursors that leave sealed: the location and all below it. */
  readonly cursors: readonly PlainQuery[]
  /** Objects whose member names are masked. */
  readonly dictionaries: readonly PlainQuery[]
  readonly dataSubjects: readonly { readonly at: Query; readonly id: Query }[]
  /** What no query names is masked by its type, or shown. */
  readonly unlisted: Unlisted
}

interface PlainQuery {
  readonly query: Query
}

interface ClassedQuery extends PlainQuery {
  readonly dataClass: string
}

/** All that sights depend on. */
export interface SightRules {
  readonly queries: SightQueries
  /** Whether names that look like data are masked where values are: of answers. */
  readonly masksForeignNames: boolean
  readonly classes: ReadonlyMap<string, DataClass>
  /** What each role of the subject shows. */
  readonly shownByRole: readonly ReadonlySet<string>[]
  /** Whether there may have been a time when the subject saw no class at all, whatever its roles. */
  readonly mayHaveSeenNone: boolean
  readonly limits: Limits
  readonly pseudonymizer: Pseudonymizer | undefined
  /** What becomes of links; needed where queries name some. */
  readonly link: OperatorInstance | undefined
  /** What becomes of cursors. */
  readonly cursor: OperatorInstance
}

/** Roles of which every combination is thought of; with more, each alone and all together. */
const COMBINED_ROLES_MAX = 6

/** Covers that are kept, whatever documents come; beyond it they are made anew. */
const COVERS_MAX = 4_096

/** The classes that cover a location and all below it. Interned as sights are. */
export interface Cover {
  /** Names, sorted, each once. */
  readonly classes: readonly string[]
  /** A class query of the route itself is among those that cover it. */
  readonly listed: boolean
  /** What is done here beside what classes ask for: to a link, to a cursor. */
  readonly beside: readonly Beside[]
  /** The cover where these queries, by number, select the location itself too. */
  readonly with: (queries: readonly number[]) => Cover
  /** The sight. `plain`: a query names the leaf, or the empty container. `masksNames`: a query names a dictionary here. */
  readonly sight: (plain: boolean, masksNames: boolean) => Sight
}

type Beside = 'link' | 'cursor'

/** Works out sights from the classes that cover a location. */
export class Sights {
  readonly rules: SightRules
  /** Queries that cover, by number: classes of the route, classes of every route, links, cursors. */
  readonly covering: readonly PlainQuery[]
  /** What covers nothing. */
  readonly nothing: Cover
  readonly #combinations: readonly ReadonlySet<string>[]
  readonly #shown: ReadonlySet<string>
  readonly #names: ReadonlySet<string>
  /** Of the first ones among the queries that cover. */
  readonly #classes: readonly string[]
  readonly #covers = new Map<string, Cover>()

  constructor(rules: SightRules) {
    this.rules = rules
    const { fields, anywhere, links, cursors } = rules.queries
    this.covering = [...fields, ...anywhere, ...links, ...cursors]
    this.#classes = [...fields, ...anywhere].map(({ dataClass }) => dataClass)
    this.#names = new Set(queriesOf(rules.queries).flatMap(namesIn))
    this.#shown = union(rules.shownByRole)
    const none = rules.mayHaveSeenNone ? [new Set<string>()] : []
    this.#combinations = [...none, ...combinations(rules.shownByRole)]
    this.nothing = this.#cover([], false, [])
  }

  /** True for a member name that is masked where values are. */
  isForeign(name: string): boolean {
    return this.rules.masksForeignNames && isForeignName(name) && !this.#names.has(name)
  }

  #cover(classes: readonly string[], listed: boolean, beside: readonly Beside[]): Cover {
    const key = `${listed} ${beside.join()} ${classes.join(' ')}`
    const known = this.#covers.get(key)
    if (known !== undefined) return known
    const sights: Sight[] = []
    const wider = new Map<string, Cover>()
    const cover: Cover = {
      classes,
      listed,
      beside,
      with: (queries) => {
        const added = queries.join()
        let found = wider.get(added)
        if (found === undefined) {
          found = this.#wider(cover, queries)
          wider.set(added, found)
        }
        return found
      },
      sight: (plain, masksNames) => {
        const at = (plain ? 1 : 0) + (masksNames ? 2 : 0)
        return (sights[at] ??= this.#make(cover, plain, masksNames))
      },
    }
    if (this.#covers.size >= COVERS_MAX) this.#covers.clear()
    this.#covers.set(key, cover)
    return cover
  }

  #wider({ classes, listed, beside }: Cover, queries: readonly number[]): Cover {
    const names = queries.flatMap((query) => this.#classes[query] ?? [])
    const own = this.rules.queries.fields.length
    const firstCursor = this.covering.length - this.rules.queries.cursors.length
    const added = queries.flatMap((query): Beside[] => {
      if (query < this.#classes.length) return []
      return [query < firstCursor ? 'link' : 'cursor']
    })
    return this.#cover(
      [...new Set([...classes, ...names])].toSorted(),
      listed || queries.some((query) => query < own),
      [...new Set([...beside, ...added])].toSorted(),
    )
  }

  #make({ classes: names, listed, beside }: Cover, plain: boolean, masksNames: boolean): Sight {
    const classes = names.map((name) => this.#classNamed(name))
    const others = beside.map(
      (one) => (one === 'link' ? this.rules.link : this.rules.cursor) ?? REDACT,
    )
    const isCovered = classes.length + others.length > 0
    const isNamed = isCovered || plain
    const maskUnder = (shown: ReadonlySet<string>) => maskOf(classes, shown, others)
    const unlisted = isNamed || this.rules.queries.unlisted === 'show' ? undefined : maskByType()
    const mask = isCovered ? maskUnder(this.#shown) : unlisted
    const otherMasks = new Map<string, OperatorInstance>()
    for (const shown of this.#combinations) {
      const other = maskUnder(shown)
      if (other !== undefined && other.id !== mask?.id) otherMasks.set(other.id, other)
    }
    return {
      classes,
      hidden: classes.filter(({ name }) => !this.#shown.has(name)),
      mask,
      otherMasks: [...otherMasks.values()],
      listed: listed || plain,
      masksNames,
    }
  }

  // A class without an entry cannot come from a checked policy; hiding it keeps a slip from showing it.
  #classNamed(name: string): DataClass {
    return (
      this.rules.classes.get(name) ?? {
        name,
        mask: REDACT,
        sensitive: true,
        assurance: undefined,
        isAllowed: () => false,
        recognizers: [],
      }
    )
  }
}

function queriesOf(queries: SightQueries): readonly Query[] {
  const { fields, anywhere, plain, links, cursors, dictionaries, dataSubjects } = queries
  return [
    ...[...fields, ...anywhere, ...plain, ...links, ...cursors, ...dictionaries].map(
      ({ query }) => query,
    ),
    ...dataSubjects.flatMap(({ at, id }) => [at, id]),
  ]
}

function maskOf(
  classes: readonly DataClass[],
  shown: ReadonlySet<string>,
  others: readonly OperatorInstance[],
): OperatorInstance | undefined {
  if (classes.length + others.length === 0) return undefined
  const operators = classes.map(({ name, mask }) => (shown.has(name) ? 'show' : mask))
  const winner = mostProtective([...operators, ...others])
  return winner === 'show' ? undefined : boundTo(winner, shown)
}

/** What is shown by each combination of one or more of the roles. */
function combinations(byRole: readonly ReadonlySet<string>[]): readonly ReadonlySet<string>[] {
  if (byRole.length > COMBINED_ROLES_MAX) return byRole
  return byRole.reduce<readonly ReadonlySet<string>[]>(
    (sets, shown) => [...sets, shown, ...sets.map((set) => union([set, shown]))],
    [],
  )
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...set]))
}
