/** The slow reference's rewriting: each location's targets, then the bytes, piece by piece, by recursion. */
import type {
  EditContext,
  Leaf,
  ProgramSource,
  Treatment,
} from '../../../src/json/program-source.ts'
import { isForeignName } from '../../../src/json/foreign-name.ts'
import { namesIn } from '../../../src/json/query/analysis.ts'
import type { Query } from '../../../src/json/query/ast.ts'
import type { ToldExposures } from '../told-exposures.ts'
import { ReferenceCounts, type Place } from './counts.ts'
import { select, type Selection } from './select.ts'
import { toldPlaces } from './told-places.ts'
import { parseTree, type TreeChild, type TreeNode } from './tree.ts'

/** What comes of a valid document; `ambiguous` where it must be refused for a name that stands twice. */
export type Outcome = { readonly bytes: Buffer; readonly exposures: ToldExposures } | 'ambiguous'

/** Runs the program. Transforms must not ask for keys. */
export function referenceRewrite(source: ProgramSource, bytes: Buffer): Outcome {
  const run = new Run(source, bytes)
  const text = run.value(run.root, [], undefined)
  if (run.isAmbiguous) return 'ambiguous'
  return { bytes: Buffer.from(text ?? 'null', 'latin1'), exposures: run.counts.exposures() }
}

class Run {
  readonly root: TreeNode
  readonly counts: ReferenceCounts
  isAmbiguous = false
  readonly #source: ProgramSource
  readonly #latin: string
  readonly #targets: readonly Selection[]
  readonly #scopes: readonly Selection[]
  readonly #places: ReadonlyMap<TreeNode, string>

  constructor(source: ProgramSource, bytes: Buffer) {
    this.#source = source
    this.#latin = bytes.toString('latin1')
    this.root = parseTree(bytes)
    this.counts = new ReferenceCounts(source)
    const run = (query: Query) => select(query, this.root)
    this.#targets = source.targets.map(({ query }) => run(query))
    this.#scopes = source.scopes.map(({ at }) => run(at))
    this.#places = source.places === true ? toldPlaces(source, this.root) : new Map()
  }

  /** The bytes that stand for a value, with the white space around the root; undefined where it is removed. */
  value(node: TreeNode, above: readonly number[], outer: Place | undefined): string | undefined {
    if ([...this.#targets, ...this.#scopes].some(({ undecided }) => undecided.has(node))) {
      this.isAmbiguous = true
    }
    const isLeaf = node.type !== 'array' && node.type !== 'object'
    const here = (reach: string) =>
      this.#source.targets.flatMap((target, at) =>
        target.reach === reach && this.#targets[at]?.nodes.has(node) === true ? [at] : [],
      )
    const covered = [...new Set([...above, ...here('subtree')])]
    const extra = isLeaf ? here('leaf') : node.type === 'object' ? here('names') : []
    const set = [...new Set([...covered, ...extra])].sort((a, b) => a - b)
    const treatment = this.#placed(node, this.#source.resolve(set))
    const opens = this.#source.scopes.flatMap((_, scope) =>
      this.#scopes[scope]?.nodes.has(node) === true ? [scope] : [],
    )
    let place = outer
    for (const scope of opens) place = this.counts.open(scope, node)
    const text = isLeaf
      ? this.#leaf(node, treatment, place)
      : this.#container(node, treatment, { covered, place })
    for (const _ of opens) this.counts.close()
    return node === this.root ? this.#around(text) : text
  }

  #placed(node: TreeNode, treatment: Treatment): Treatment {
    const further = treatment.countersAt?.(this.#places.get(node)) ?? []
    return { ...treatment, counters: [...treatment.counters, ...further] }
  }

  #around(text: string | undefined): string {
    return this.#between(0, this.root.start) + (text ?? 'null') + this.#between(this.root.end)
  }

  #leaf(node: TreeNode, treatment: Treatment, place: Place | undefined): string | undefined {
    const isEmpty = node.type === 'null' || (node.type === 'string' && node.text === '')
    if (!isEmpty) for (const counter of treatment.counters) this.counts.add(counter, 1, place)
    const { leaf: edit } = treatment
    if (edit === undefined) return this.#between(node.start, node.end)
    if (edit.kind === 'suppress') return undefined
    if (edit.kind === 'constant') return edit.json.toString('latin1')
    const leaf = { type: node.type, text: node.text } as Leaf
    if (edit.kind === 'by-type') {
      if (leaf.type === 'null') return this.#between(node.start, node.end)
      return edit[leaf.type].toString('latin1')
    }
    const result = edit.apply(leaf, this.#context(place))
    if (result.kind === 'keep') return this.#between(node.start, node.end)
    if (result.kind === 'json') return Buffer.from(result.json).toString('latin1')
    if (result.kind === 'string') return quoted(result.text)
    throw new Error('the reference has all keys')
  }

  #container(
    node: TreeNode,
    treatment: Treatment,
    at: { readonly covered: readonly number[]; readonly place: Place | undefined },
  ): string | undefined {
    const { container: edit, memberName, foreignName } = treatment
    if (edit !== undefined) {
      for (const counter of treatment.counters) this.counts.add(counter, 1, at.place)
      return edit.kind === 'constant' ? edit.json.toString('latin1') : undefined
    }
    let text = ''
    let copied = node.start
    let kept = 0
    for (const child of node.children) {
      const value = this.value(child.node, at.covered, at.place)
      text += this.#between(copied, child.lead)
      copied = child.node.end
      if (value === undefined) continue
      if (kept > 0) text += this.#between(child.lead, child.start)
      kept += 1
      text += this.#name(child, memberName ?? this.#foreign(foreignName), at.place) + value
    }
    return text + this.#between(copied, node.end)
  }

  /** Edits only names that no query has and that are no words. */
  #foreign(rename: Treatment['foreignName']): Treatment['memberName'] {
    if (rename === undefined) return undefined
    const { targets, scopes } = this.#source
    const queries = [
      ...targets.map(({ query }) => query),
      ...scopes.flatMap(({ at, id }) => [at, id]),
    ]
    const known = new Set(queries.flatMap(namesIn))
    return (name, context) =>
      known.has(name) || !isForeignName(name) ? name : rename(name, context)
  }

  /** A member's name and all up to its value. */
  #name(child: TreeChild, rename: Treatment['memberName'], place: Place | undefined): string {
    if (child.name === undefined || rename === undefined) {
      return this.#between(child.start, child.node.start)
    }
    const renamed = rename(child.name, this.#context(place))
    if (renamed === child.name) return this.#between(child.start, child.node.start)
    return quoted(renamed) + this.#between(child.nameEnd, child.node.start)
  }

  #context(place: Place | undefined): EditContext {
    return {
      reader: undefined,
      limits: this.#source.limits,
      count: (counter, by) => this.counts.add(counter, by, place),
    }
  }

  #between(start: number, end?: number): string {
    return this.#latin.slice(start, end)
  }
}

function quoted(text: string): string {
  return Buffer.from(JSON.stringify(text.toWellFormed())).toString('latin1')
}
