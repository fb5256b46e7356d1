/**
 * Bounds on the form of a document, before anything looks at what it means: depth, aliases, directives, fragments that go round.
 */
import { Kind } from 'graphql'
import type { DocumentNode, SelectionSetNode } from 'graphql'
import { fragmentsOf } from './fragments.ts'
import type { Fragments } from './fragments.ts'
import type { GraphqlLimits } from './graphql-rules.ts'

/** Fields, each as often as fragments bring it up. */
const FIELDS_MAX = 500
const DIRECTIVES_MAX = 50
/** Fields that come up under a name of the answer that was there before: each is compared with all of the same name. */
const REPEATED_MAX = 50
/** Directives that leave a field out. Any other could do anything. */
const DIRECTIVES: ReadonlySet<string> = new Set(['include', 'skip'])

/** What is wrong with the form, or undefined. */
export type FormFault = 'limit' | 'directive' | undefined

/** Looks at every operation and fragment of the document, also at those that nothing uses. */
export function formFault(document: DocumentNode, limits: GraphqlLimits): FormFault {
  const fragments = fragmentsOf(document)
  const count = new FormCount(fragments, limits)
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    count.directives(definition.directives)
    for (const variable of definition.variableDefinitions ?? [])
      count.directives(variable.directives)
    count.selections(definition.selectionSet, { place: '', depth: 1, inside: [] })
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue
    count.directives(definition.directives)
    const name = definition.name.value
    // They are refused with the document's meaning, which must not take long to find out: what nothing uses, and all but the last of
    // those that share a name.
    if (!count.spread.has(name) || fragments.get(name) !== definition) {
      count.selections(definition.selectionSet, { place: `${name}:`, depth: 1, inside: [name] })
    }
  }
  return count.fault
}

/** Where the walk is. */
interface Around {
  /** Names of the answer from its root. */
  readonly place: string
  readonly depth: number
  /** Names of the fragments around, none of which may come up again. */
  readonly inside: readonly string[]
}

class FormCount {
  readonly #fragments: Fragments
  readonly #limits: GraphqlLimits
  #fields = 0
  #aliases = 0
  #directives = 0
  #repeated = 0
  readonly #names = new Set<string>()
  /** Fragments that came up. */
  readonly spread = new Set<string>()
  fault: FormFault

  constructor(fragments: Fragments, limits: GraphqlLimits) {
    this.#fragments = fragments
    this.#limits = limits
  }

  directives(directives: SelectionSetNode['selections'][number]['directives']): void {
    for (const { name } of directives ?? []) {
      this.#directives += 1
      if (!DIRECTIVES.has(name.value)) this.fault ??= 'directive'
      if (this.#directives > DIRECTIVES_MAX) this.fault ??= 'limit'
    }
  }

  selections({ selections }: SelectionSetNode, around: Around): void {
    if (around.depth > this.#limits.depthMax) this.fault ??= 'limit'
    for (const selection of selections) {
      if (this.fault !== undefined) return
      this.directives(selection.directives)
      if (selection.kind === Kind.FIELD) {
        this.#field(selection.alias !== undefined)
        const place = `${around.place}.${(selection.alias ?? selection.name).value}`
        this.#name(place)
        if (selection.selectionSet !== undefined) {
          this.selections(selection.selectionSet, { ...around, place, depth: around.depth + 1 })
        }
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.#field(false)
        this.selections(selection.selectionSet, around)
      } else this.#spread(selection.name.value, around)
    }
  }

  #spread(name: string, around: Around): void {
    this.#field(false)
    this.spread.add(name)
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) return
    if (around.inside.includes(name)) this.fault ??= 'limit'
    else this.selections(fragment.selectionSet, { ...around, inside: [...around.inside, name] })
  }

  #name(place: string): void {
    if (this.#names.has(place)) this.#repeated += 1
    this.#names.add(place)
    if (this.#repeated > REPEATED_MAX) this.fault ??= 'limit'
  }

  #field(aliased: boolean): void {
    this.#fields += 1
    if (aliased) this.#aliases += 1
    if (this.#fields > FIELDS_MAX || this.#aliases > this.#limits.aliasesMax) this.fault ??= 'limit'
  }
}
