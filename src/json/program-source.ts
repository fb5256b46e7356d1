/**
 * What the rewriter is told, and what it tells back. Types only: json/ knows targets by number, treatments by what they
 * do to bytes, and nothing of classes, roles or policies. rules/ translates between the two.
 */
import type { Query } from './query/ast.ts'
import type { Limits } from './limits.ts'

/**
 * One query with its reach. The position in {@link ProgramSource.targets} is the target's number.
 * `subtree`: covers the location and all below it. `leaf`: covers the location only, and only where it is no container.
 * `names`: the member names of the object at the location, not its values.
 */
export interface Target {
  readonly query: Query
  readonly reach: 'subtree' | 'leaf' | 'names'
}

/**
 * A data subject's place: what lies below a location of `at` belongs to the id found there.
 * `id` is a singular query relative to that location (its segments; only names and indices). Where scopes nest, an
 * exposure belongs to the innermost open scope.
 */
export interface Scope {
  readonly at: Query
  readonly id: Query
}

export interface ProgramSource {
  readonly targets: readonly Target[]
  readonly scopes: readonly Scope[]
  /** How many counters treatments may name: 0 to counterCount - 1. */
  readonly counterCount: number
  /** Those from this number on are counted for the document only, not for its scopes. Undefined: none. */
  readonly scopedCounters?: number | undefined
  /**
   * What to do where exactly these targets cover a location; numbers ascending, no duplicates. Called once for each set
   * that comes up, so it must depend on nothing else. The empty set is what no target names. `leaf` targets are in the
   * set only where the location is no container.
   */
  readonly resolve: (targets: readonly number[]) => Treatment
  /** Whether locations are told apart by where they are, for {@link Treatment.countersAt}. */
  readonly places?: boolean | undefined
  readonly limits: Limits
}

/** What happens at a location. */
export interface Treatment {
  /** For a string, number, boolean or null. Undefined: the bytes stay. */
  readonly leaf: Edit | undefined
  /** For an object or array as a whole. Undefined: walk in; what is below has a treatment of its own. */
  readonly container: Edit | undefined
  /** For each member name of an object here. Undefined: names stay. */
  readonly memberName: ((name: string, context: EditContext) => string) | undefined
  /** For each member name of an object here that no query has and that is no word of a schema (isForeignName). */
  readonly foreignName?: ((name: string, context: EditContext) => string) | undefined
  /**
   * Counters that go up by one for each leaf here that holds something (null and the empty string do not), and for a
   * container that `container` edits whole.
   */
  readonly counters: readonly number[]
  /**
   * Further counters, of a place: a normalized path (RFC 9535 2.7) with `[*]` for indices and for names that no query spells
   * out there. Undefined: places are not told apart ({@link ProgramSource.places}), or this one is beyond the 1,000 of a program, or
   * deeper than 32 steps. Asked now and then again; the answer must hang on nothing but the place.
   */
  readonly countersAt?: ((place: string | undefined) => readonly number[]) | undefined
}

export type Edit =
  /** The member, or the array's element, is removed with its comma. A suppressed document is `null`. */
  | { readonly kind: 'suppress' }
  /** Always this JSON text, whatever stood there; the old value is checked, never decoded. */
  | { readonly kind: 'constant'; readonly json: Buffer }
  /** Always the JSON text for the value's type; null stays. Checked, never decoded. Only for leaves. */
  | {
      readonly kind: 'by-type'
      readonly string: Buffer
      readonly number: Buffer
      readonly boolean: Buffer
    }
  /** New JSON text computed from the value. Only for leaves. */
  | {
      readonly kind: 'transform'
      readonly apply: (value: Leaf, context: EditContext) => Transformed
    }

/** A value that is no container. `text` of a number is its source text; of a string, the decoded string. */
export type Leaf =
  | { readonly type: 'string'; readonly text: string }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'boolean'; readonly text: 'true' | 'false' }
  | { readonly type: 'null'; readonly text: 'null' }

/**
 * What a transform answers: a string value (the rewriter encodes it), JSON text ready to be written, `keep` for
 * the bytes as they came, or the ids of keys that must be fetched before this value can be decided.
 */
export type Transformed =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'json'; readonly json: string | Buffer }
  | { readonly kind: 'keep' }
  | { readonly kind: 'need'; readonly keyIds: readonly string[] }

/** Whoever a document is for, as far as transforms may know. */
export interface Reader {
  /** Seals a text for this reader, so that only the place named can open it; undefined: there is no key for it. */
  readonly seal: ((place: string, text: string) => string) | undefined
  /** What the reader's own request said, by the name of the parameter: to repeat it tells nothing. */
  readonly said: ReadonlyMap<string, string>
}

/** What a transform may reach. Nested documents (JSON in a string, base64) report through it. */
export interface EditContext {
  /** Adds to a counter of the enclosing program, in the scope of the value being edited. */
  readonly count: (counter: number, by: number) => void
  readonly limits: Limits
  /** As it was given when the run began; undefined: nobody is known. */
  readonly reader: Reader | undefined
}

/** What a rewriter knows at the end of a document. */
export interface Exposures {
  /** Per counter, over the whole document. */
  readonly counters: readonly number[]
  /** One entry for each (scope, id) pair, in order of first appearance, at most `limits.scopeIdsMax`. */
  readonly subjects: readonly ScopeExposure[]
  /** Counts that lie under no scope, under one without an id, or beyond `scopeIdsMax`. */
  readonly unscoped: readonly number[]
  /** True where `scopeIdsMax` was passed. */
  readonly scopesOverflowed: boolean
}

export interface ScopeExposure {
  /** Position in {@link ProgramSource.scopes}. */
  readonly scope: number
  /** The id as text: a string decoded, a number as its source text. Null, booleans and containers are no ids. */
  readonly id: string
  /** Pairs of a counter and how many, in no order; counters that are zero are left out. */
  readonly counts: readonly number[]
}

/** One document's run through a program. Synchronous; not shared. */
export interface Rewriter {
  /**
   * Takes the next bytes; `last` says that the document ends here. Returns what can leave now, or the key ids it
   * needs: then the same rewriter is asked again with `push(EMPTY, last)` once they are there, and resumes at the same byte.
   * Throws a CelosiaError (ERR_JSON_*) where the document is refused; the rewriter is then of no more use.
   * The returned Buffer is the caller's and does not change later.
   */
  readonly push: (chunk: Uint8Array, last: boolean) => Pushed
  /**
   * Of a rewriter that collects: what could leave since the last time, as one Buffer that is the caller's. Any other one
   * has given everything away by then.
   */
  readonly take: () => Buffer
  /** The same in parts, in order, none of them empty: they stand in memory so, and are not copied. */
  readonly takeParts: () => readonly Buffer[]
  /** How many bytes the next take would give. */
  readonly waiting: () => number
  /** What was counted so far; after the last push, of the whole document. */
  readonly exposures: () => Exposures
  /**
   * What was counted since the last drain, for windows of a stream: memory does not grow with the subjects of a document.
   * Counts of a scope whose id has not come yet go to `unscoped`.
   */
  readonly drain: () => Exposures
  /** How many subjects the next drain would name, those of open scopes aside. */
  readonly subjectCount: () => number
}

export type Pushed =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'need'; readonly keyIds: readonly string[] }

/** A compiled program: shared by all requests of a (route, role set). */
export interface Program {
  /**
   * Begins with a document. With `collect` its pushes give no bytes: all of them wait for {@link Rewriter.take}, which
   * spares a copy of each, in parts of about so many bytes. `reader` is handed to transforms.
   */
  readonly start: (collect?: number, reader?: Reader) => Rewriter
  /** Properties that authors should know of: which queries hold back how much. One sentence each. */
  readonly notes: readonly string[]
  /** True where documents had more places than it tells apart: a program made anew would tell more. */
  readonly placesFull: () => boolean
}
